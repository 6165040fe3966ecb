package reports

import "strings"

// diffTable is a table of a comparison, which text and Markdown both show.
type diffTable struct {
	name string
	table
}

// judgementClasses are the colours of judgements and changes.
var judgementClasses = map[Judgement]string{
	Held: "quiet", Regressed: "bad", Improved: "good", Noise: "quiet", CannotTell: "odd", NotCompared: "quiet",
}

// diffTables arranges a comparison; what is as it was is left out unless all is set.
func diffTables(d *Diff, all bool) (tables []diffTable) {
	if c := d.Conformance; c != nil {
		tables = append(tables, changeTable(c.Changes), driftTable(c.Drifts, all))
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
		t.add(cell{text: c.Case}, cell{text: c.Transport}, cell{text: dashed(c.SenseMode)}, cell{text: dashed(string(c.Old))},
			cell{text: dashed(string(c.New))}, cell{changeWords(c), class}, cell{text: clip(printable(c.Reason), maxDiffReason)})
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

func dashed(text string) string {
	if text == "" {
		return "–"
	}
	return text
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

// sideWords is one of the two runs in a line.
func sideWords(s DiffSide) string {
	parts := []string{s.Folder, s.Started.UTC().Format("2006-01-02 15:04:05 UTC"), s.Tool}
	if target := strings.TrimSpace(s.Target.Name + " " + s.Target.Version); target != "" {
		parts = append(parts, "target "+target)
	}
	return strings.Join(parts, ", ")
}

// boundWords says what was held against what.
func boundWords(b DiffBounds) string {
	return "a measured time may drift by " + milliseconds(b.MaxDriftMs) + ", a latency rise by " + trimmed(b.MaxP99Percent) + " %"
}
