package diff

import (
	"fmt"
	"math"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// namedTable is a table of a comparison, which text and Markdown both show.
type namedTable struct {
	name string
	content.Table
}

// judgementClasses are the colours of judgements.
var judgementClasses = map[Judgement]string{
	Held: "quiet", Regressed: "bad", Improved: "good", Noise: "quiet", Inconclusive: "odd", NotCompared: "quiet",
}

// tablesOf arranges a comparison; what is as it was is left out unless all is set.
func tablesOf(d *Diff, all bool) (tables []namedTable) {
	if c := d.Conformance; c != nil {
		tables = append(tables, changeTable(c.Changes), driftTable(c.Drifts, all))
	}
	if l := d.Load; l != nil {
		tables = append(tables, outcomeTable(l), countTable(l.Counts, all), trendTable(l.Trends, all), useTable(l.Uses, all), latencyTable(l.Latencies, all), figureTable(l.Figures))
	}
	if d.Capacity != nil {
		tables = append(tables, capacityTable(d.Capacity))
	}
	return tables
}

// maxReason bounds a reason in a table, in characters.
const maxReason = 60

func changeTable(changes []CaseChange) namedTable {
	t := namedTable{"Cases", content.Table{Titles: []string{"case", "transport", "sense mode", "old", "new", "change", "reason"}}}
	for _, c := range changes {
		class := ""
		switch {
		case c.Regression:
			class = "bad"
		case c.Change == ChangeFixed:
			class = "good"
		}
		t.Add(content.Cell{Text: c.Case}, content.Cell{Text: c.Transport}, content.Cell{Text: words.Dashed(c.SenseMode)},
			content.Cell{Text: content.RoundsWords(c.Old, c.OldTimes, c.OldRounds)},
			content.Cell{Text: content.RoundsWords(c.New, c.NewTimes, c.NewRounds)}, content.Cell{Text: changeWords(c), Class: class},
			content.Cell{Text: words.Clip(words.Printable(c.Reason), maxReason)})
	}
	return t
}

// changeWords says of a case that vanished whether it counts.
func changeWords(c CaseChange) string {
	if c.Change == ChangeVanished && c.Regression {
		return "vanished, regressed"
	}
	return string(c.Change)
}

func driftTable(drifts []TimingDrift, all bool) namedTable {
	t := namedTable{"Measured times", content.Table{Titles: []string{"time", "case", "sense mode", "transport", " old", " new", " drift", " lag", "judgement"}}}
	for _, d := range drifts {
		if d.Judgement == Held && !all {
			continue
		}
		t.Add(content.Cell{Text: d.Name}, content.Cell{Text: d.Case}, content.Cell{Text: words.Dashed(d.SenseMode)}, content.Cell{Text: d.Transport},
			content.Cell{Text: words.Milliseconds(d.OldMs)}, content.Cell{Text: words.Milliseconds(d.NewMs)}, content.Cell{Text: words.Signed(d.DriftMs)},
			content.Cell{Text: words.Milliseconds(d.LagMs)}, content.Cell{Text: string(d.Judgement), Class: judgementClasses[d.Judgement]})
	}
	return t
}

// outcomeTable is empty when both runs had the same outcome.
func outcomeTable(l *Load) namedTable {
	t := namedTable{"Outcome of the load", content.Table{Titles: []string{"load", "old", "new", "change"}}}
	if l.OldOutcome != l.NewOutcome {
		shown := content.Cell{Text: string(ChangeOther)}
		if l.OutcomeRegress {
			shown = content.Cell{Text: string(ChangeRegressed), Class: "bad"}
		}
		t.Add(content.Cell{Text: "outcome"}, content.Cell{Text: string(l.OldOutcome)}, content.Cell{Text: string(l.NewOutcome)}, shown)
	}
	return t
}

// latencyTable shows the sum of the transports, and of each of them what is not
// as it was.
func latencyTable(latencies []Latency, all bool) namedTable {
	t := namedTable{"Latencies since due", content.Table{Titles: []string{"latency", "transport", " at", " old", " new", " change", " p of noise", "judgement"}}}
	for _, l := range latencies {
		if !all && l.Transport != reports.AllTransports && (l.Judgement == Held || l.Judgement == Noise) {
			continue
		}
		old, new, by := words.Microseconds(l.OldUs), words.Microseconds(l.NewUs), signedPercent(l.ChangePercent)
		if l.Judgement == NotCompared {
			old, new, by = "–", "–", "–"
		}
		t.Add(content.Cell{Text: content.KindWords(l.Kind)}, content.Cell{Text: l.Transport}, content.Cell{Text: "p" + words.Trimmed(l.Percentile)},
			content.Cell{Text: old}, content.Cell{Text: new}, content.Cell{Text: by}, content.Cell{Text: noiseWords(l)},
			content.Cell{Text: string(l.Judgement), Class: judgementClasses[l.Judgement]})
	}
	return t
}

func signedPercent(v float64) string {
	text := words.Trimmed(math.Round(v*10)/10) + " %"
	if v > 0 {
		return "+" + text
	}
	return text
}

// noiseWords returns the probability that a change is due to chance.
func noiseWords(l Latency) string {
	if l.NoiseUnjudged != "" {
		return "unknown"
	}
	return chanceWords(l.NoiseP)
}

// chanceWords returns a probability; "" when it is not known.
func chanceWords(p *float64) string {
	switch {
	case p == nil:
		return ""
	case *p < 0.0001:
		return "< 0.0001"
	}
	return fmt.Sprintf("%.4f", *p)
}

func figureTable(figures []Figure) namedTable {
	t := namedTable{"Throughput and memory", content.Table{Titles: []string{"figure", " old", " new", " change"}}}
	for _, f := range figures {
		by := "–"
		if f.Old > 0 {
			by = signedPercent(100 * (f.New - f.Old) / f.Old)
		}
		t.AddText(f.Name, figureWords(f.Old, f.Unit), figureWords(f.New, f.Unit), by)
	}
	return t
}

func figureWords(v float64, unit string) string {
	switch unit {
	case "bytes":
		return words.ByteSize(int64(v))
	case "":
		return words.Grouped(int64(v))
	}
	return words.Trimmed(v) + " " + unit
}

// sideWords returns one of the two runs in a line.
func sideWords(s Side) string {
	parts := []string{s.Folder, words.UTC(s.Started), s.Tool}
	if target := strings.TrimSpace(s.Target.Name + " " + s.Target.Version); target != "" {
		parts = append(parts, "target "+target)
	}
	return strings.Join(parts, ", ")
}

// boundWords describes the bounds.
func boundWords(b Bounds) string {
	text := "a measured time may drift by " + words.Milliseconds(b.MaxDriftMs) + ", a latency rise by " + words.Trimmed(b.MaxP99Percent) + " %"
	if b.MinP99Us > 0 {
		text += " or by less than " + words.Microseconds(b.MinP99Us)
	}
	return text
}
