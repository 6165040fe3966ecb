package reports

import (
	"fmt"
	"math"
	"strings"
)

// diffTable is a table of a comparison, which text and Markdown both show.
type diffTable struct {
	name string
	table
}

// judgementClasses are the colours of judgements.
var judgementClasses = map[Judgement]string{
	Held: "quiet", Regressed: "bad", Improved: "good", Noise: "quiet", CannotTell: "odd", NotCompared: "quiet",
}

// diffTables arranges a comparison; what is as it was is left out unless all is set.
func diffTables(d *Diff, all bool) (tables []diffTable) {
	if c := d.Conformance; c != nil {
		tables = append(tables, changeTable(c.Changes), driftTable(c.Drifts, all))
	}
	if l := d.Load; l != nil {
		tables = append(tables, outcomeTable(l), latencyDiffTable(l.Latencies, all), figureTable(l.Figures))
	}
	return tables
}

// maxDiffReason is how much of a reason stands in a table.
const maxDiffReason = 60

func changeTable(changes []CaseChange) diffTable {
	t := diffTable{"Cases", table{titles: []string{"case", "transport", "sense mode", "old", "new", "change", "reason"}}}
	for _, c := range changes {
		class := ""
		switch {
		case c.Regression:
			class = "bad"
		case c.Change == ChangeFixed:
			class = "good"
		}
		t.add(cell{text: c.Case}, cell{text: c.Transport}, cell{text: dashed(c.SenseMode)}, cell{text: roundsWords(c.Old, c.OldTimes, c.OldRounds)},
			cell{text: roundsWords(c.New, c.NewTimes, c.NewRounds)}, cell{changeWords(c), class}, cell{text: clip(printable(c.Reason), maxDiffReason)})
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

func driftTable(drifts []TimingDrift, all bool) diffTable {
	t := diffTable{"Measured times", table{titles: []string{"time", "case", "sense mode", "transport", " old", " new", " drift", " lag", "judgement"}}}
	for _, d := range drifts {
		if d.Judgement == Held && !all {
			continue
		}
		t.add(cell{text: d.Name}, cell{text: d.Case}, cell{text: dashed(d.SenseMode)}, cell{text: d.Transport},
			cell{text: milliseconds(d.OldMs)}, cell{text: milliseconds(d.NewMs)}, cell{text: signed(d.DriftMs)},
			cell{text: milliseconds(d.LagMs)}, cell{string(d.Judgement), judgementClasses[d.Judgement]})
	}
	return t
}

// outcomeTable is empty when the load came to the same in both runs.
func outcomeTable(l *LoadDiff) diffTable {
	t := diffTable{"Outcome of the load", table{titles: []string{"load", "old", "new", "change"}}}
	if l.OldOutcome != l.NewOutcome {
		shown := cell{text: string(ChangeOther)}
		if l.OutcomeRegress {
			shown = cell{string(ChangeRegressed), "bad"}
		}
		t.add(cell{text: "outcome"}, cell{text: string(l.OldOutcome)}, cell{text: string(l.NewOutcome)}, shown)
	}
	return t
}

// latencyTable shows the sum of the transports, and of each of them what is not
// as it was.
func latencyDiffTable(latencies []LatencyDiff, all bool) diffTable {
	t := diffTable{"Latencies since due", table{titles: []string{"latency", "transport", " at", " old", " new", " change", " p of noise", "judgement"}}}
	for _, l := range latencies {
		if !all && l.Transport != AllTransports && (l.Judgement == Held || l.Judgement == Noise) {
			continue
		}
		old, new, by := microseconds(l.OldUs), microseconds(l.NewUs), signedPercent(l.ChangePercent)
		if l.Judgement == NotCompared {
			old, new, by = "–", "–", "–"
		}
		t.add(cell{text: kindWords(l.Kind)}, cell{text: l.Transport}, cell{text: "p" + trimmed(l.Percentile)},
			cell{text: old}, cell{text: new}, cell{text: by}, cell{text: noiseWords(l)},
			cell{string(l.Judgement), judgementClasses[l.Judgement]})
	}
	return t
}

func signedPercent(v float64) string {
	text := trimmed(math.Round(v*10)/10) + " %"
	if v > 0 {
		return "+" + text
	}
	return text
}

// noiseWords is how probable the change is by chance.
func noiseWords(l LatencyDiff) string {
	switch {
	case l.NoiseUnjudged != "":
		return "unknown"
	case l.NoiseP == nil:
		return ""
	case *l.NoiseP < 0.0001:
		return "< 0.0001"
	}
	return fmt.Sprintf("%.4f", *l.NoiseP)
}

func figureTable(figures []FigureDiff) diffTable {
	t := diffTable{"Throughput and memory", table{titles: []string{"figure", " old", " new", " change"}}}
	for _, f := range figures {
		by := "–"
		if f.Old > 0 {
			by = signedPercent(100 * (f.New - f.Old) / f.Old)
		}
		t.addText(f.Name, figureWords(f.Old, f.Unit), figureWords(f.New, f.Unit), by)
	}
	return t
}

func figureWords(v float64, unit string) string {
	switch unit {
	case "bytes":
		return byteSize(int64(v))
	case "":
		return grouped(int64(v))
	}
	return trimmed(v) + " " + unit
}

// sideWords is one of the two runs in a line.
func sideWords(s DiffSide) string {
	parts := []string{s.Folder, utc(s.Started), s.Tool}
	if target := strings.TrimSpace(s.Target.Name + " " + s.Target.Version); target != "" {
		parts = append(parts, "target "+target)
	}
	return strings.Join(parts, ", ")
}

// boundWords says what was held against what.
func boundWords(b DiffBounds) string {
	text := "a measured time may drift by " + milliseconds(b.MaxDriftMs) + ", a latency rise by " + trimmed(b.MaxP99Percent) + " %"
	if b.MinP99Us > 0 {
		text += " or by less than " + microseconds(b.MinP99Us)
	}
	return text
}
