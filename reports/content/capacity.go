package content

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"imcheck/reports"
	"imcheck/reports/words"
)

// LoadWords writes a load of a search, such as "1,020" or "0.5".
func LoadWords(load float64) string {
	if load == math.Trunc(load) && math.Abs(load) < 1e15 {
		return words.Grouped(int64(load))
	}
	return words.Trimmed(load)
}

// CapacityFigure is what a search has found, such as "1,020 messages a second" or "at least
// 500 clients".
func CapacityFigure(c *reports.Capacity) string {
	switch {
	case c.Lower == 0 && c.Upper == 0:
		return "not known"
	case c.Lower == 0:
		return "less than " + LoadWords(c.Upper) + " " + c.Unit
	case c.Ending == reports.EndingFound:
		return LoadWords(c.Lower) + " " + c.Unit
	}
	return "at least " + LoadWords(c.Lower) + " " + c.Unit
}

// CapacitySummary summarizes a search in half a line.
func CapacitySummary(c *reports.Capacity) string {
	text := CapacityFigure(c)
	if c.Lower > 0 && c.Upper > 0 {
		text += " (" + LoadWords(c.Upper) + " gave way)"
	}
	return fmt.Sprintf("%s, %s in %s", text, words.Counted(int64(len(c.Steps)), "step", "steps"), words.RunTime(c.DurationMs))
}

// CapacityNotes says what a reader of the figure has to know beside the reason.
func CapacityNotes(c *reports.Capacity) (notes []string) {
	if text := ImpairmentWords(c.Impairment); text != "" {
		notes = append(notes, text)
	}
	if c.DefaultThresholds && len(c.Thresholds) > 0 {
		notes = append(notes, "no threshold was named: a step holds while "+c.Thresholds[0]+" and nothing is lost")
	}
	if c.Lower > 0 && !c.Confirmed {
		notes = append(notes, "the figure rests on one step, which was not made a second time")
	}
	return append(notes, ExportWords(c.Exports)...)
}

// GaveWayWords says which threshold gave way, or why the load did not hold.
func GaveWayWords(g *reports.GaveWay) string {
	switch {
	case g == nil:
		return ""
	case g.Expression == "":
		return g.Reason
	}
	return g.Expression + ", which measured " + ThresholdActual(reports.Threshold{Actual: g.Actual, Unit: g.Unit})
}

// cames has the presentation of what a step came to.
var cames = map[reports.Came]Presentation{
	reports.CameHeld:        {"held", "✓", "good"},
	reports.CameGaveWay:     {"gave way", "✗", "bad"},
	reports.CameUnusable:    {"unusable", "?", "odd"},
	reports.CameUnreachable: {"unreachable", "⊘", "bad"},
	reports.CameInterrupted: {"interrupted", "⊘", "odd"},
}

// CamePresentation returns how what a step came to is shown.
func CamePresentation(c reports.Came) Presentation { return cames[c] }

// KneeSteps returns the steps by load: those at one load in the order in which they were
// made.
func KneeSteps(c *reports.Capacity) []reports.CapacityStep {
	steps := slices.Clone(c.Steps)
	slices.SortStableFunc(steps, func(a, b reports.CapacityStep) int { return cmp.Compare(a.Load, b.Load) })
	return steps
}

// StepLatency returns the kind of latency that the steps of a search have; "" for none.
func StepLatency(c *reports.Capacity) reports.LatencyKind {
	for _, s := range c.Steps {
		if s.Latency != "" {
			return s.Latency
		}
	}
	return ""
}

// KneeTable returns what the steps measured, by load. The CPU of the target has a column
// where it is known.
func KneeTable(c *reports.Capacity) Table {
	target := slices.ContainsFunc(c.Steps, func(s reports.CapacityStep) bool { return s.TargetCPUPercent != nil })
	titles := []string{" " + c.Unit, " achieved", " p50", " p99", " p99.9", " lost", " sessions lost", " CPU here"}
	if target {
		titles = append(titles, " CPU target")
	}
	rows := Table{Titles: append(titles, " step", "", "")}
	for _, s := range KneeSteps(c) {
		came := CamePresentation(s.Came)
		row := []Cell{
			{Text: LoadWords(s.Load)}, {Text: LoadWords(rounded(s.Achieved))},
			latencyCell(s, s.P50Us), latencyCell(s, s.P99Us), latencyCell(s, s.P999Us),
			badCount(words.Grouped(s.LostMessages), s.LostMessages), badCount(words.Grouped(s.LostSessions), s.LostSessions),
			{Text: cpuWords(s.GeneratorCPUPercent)},
		}
		if target {
			cell := Cell{Text: "–"}
			if s.TargetCPUPercent != nil {
				cell.Text = cpuWords(*s.TargetCPUPercent)
			}
			row = append(row, cell)
		}
		rows.Add(append(row, Cell{Text: words.Grouped(int64(s.Number))}, Cell{came.Word, came.Class}, Cell{Text: StepReason(s)})...)
	}
	return rows
}

// rounded leaves a decimal of numbers that are small.
func rounded(v float64) float64 {
	if v < 1000 {
		return math.Round(10*v) / 10
	}
	return math.Round(v)
}

// maxStepReason bounds the part of a step's reason in the table, in characters.
const maxStepReason = 60

// StepReason says in a few words why a step did not hold; "" when it did.
func StepReason(s reports.CapacityStep) string {
	for _, t := range s.Thresholds {
		if s.Came == reports.CameGaveWay && !t.Held && !t.Unknown {
			return t.Expression + ": " + ThresholdActual(t)
		}
	}
	return words.Clip(words.Printable(s.Reason), maxStepReason)
}

// cpuWords writes percent of one processor.
func cpuWords(percent float64) string { return fmt.Sprintf("%.0f %%", percent) }

func latencyCell(s reports.CapacityStep, us int64) Cell {
	if s.Latency == "" {
		return Cell{Text: "–"}
	}
	return Cell{Text: words.Microseconds(us)}
}

// KneeCaption says what the columns of the table are about.
func KneeCaption(c *reports.Capacity) string {
	text := "CPU in percent of one processor"
	if c.ServerInProcess {
		text += ", with the server, which ran in this process"
	}
	if kind := StepLatency(c); kind != "" {
		text = "latency is " + KindWords(kind) + " since due; " + text
	}
	return text
}

// StepLine is one line about a step that has ended.
func StepLine(unit string, s reports.CapacityStep) string {
	line := fmt.Sprintf("step %d: %s %s: %s", s.Number, LoadWords(s.Load), unit, CamePresentation(s.Came).Word)
	if s.Latency != "" {
		line += fmt.Sprintf(", %s p99 %s", KindWords(s.Latency), words.Microseconds(s.P99Us))
	}
	if s.LostMessages > 0 {
		line += ", " + words.Counted(s.LostMessages, "message", "messages") + " lost"
	}
	if s.LostSessions > 0 {
		line += ", " + words.Counted(s.LostSessions, "session", "sessions") + " lost"
	}
	if s.Came != reports.CameHeld {
		line += ": " + StepReason(s)
	}
	return line
}
