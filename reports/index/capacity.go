package index

import (
	"fmt"
	"slices"

	"imcheck/reports"
	"imcheck/reports/diff"
	"imcheck/reports/words"
)

// capacityKey returns a text that is the same for searches that can be compared; see
// [diff.OfCapacity].
func capacityKey(c *reports.Capacity) string {
	return fmt.Sprintf("%q %q %q %q %d %v %q", c.Target.Name, modesOf(c.Target), c.Search, c.Scenario, c.Clients, c.RatePerSecond,
		slices.Sorted(slices.Values(c.Thresholds)))
}

// searchTerms says what searches of a group have in common.
func searchTerms(c *reports.Capacity) (parts []string) {
	if c.Clients > 0 {
		parts = append(parts, words.Counted(int64(c.Clients), "client", "clients"))
	}
	if c.RatePerSecond > 0 {
		parts = append(parts, words.Trimmed(c.RatePerSecond)+" per second")
	}
	return append(parts, c.Thresholds...)
}

// capacity is the trend of both bounds.
func (g runGroup) capacity() trend {
	t := trend{title: "Capacity", unit: g.newest().Capacity.Unit, note: "the highest load that holds, and the lowest that does not."}
	t.line("holds", g.runs, func(run Run) (float64, bool) { return run.Capacity.Lower, run.Capacity.Lower > 0 })
	t.line("gives way", g.runs, func(run Run) (float64, bool) { return run.Capacity.Upper, run.Capacity.Upper > 0 })
	return t
}

// capacityLines says whether the capacity has changed, and whether something else gave way
// first.
func capacityLines(d *diff.Capacity) (lines []changeLine) {
	line := map[diff.Judgement]changeLine{
		diff.Regressed:    {label: label{"capacity lower", "capacities lower"}, Class: "bad"},
		diff.Improved:     {label: label{"capacity higher", "capacities higher"}, Class: "good"},
		diff.Inconclusive: {label: label{"capacity not clear", "capacities not clear"}, Class: "odd"},
	}[d.Judgement]
	if line.label.one != "" {
		line.add(1, fmt.Sprintf("%s, was %s", d.New.Figure, d.Old.Figure))
	}
	lines = line.appendTo(lines)
	if was, is := d.Old.First, d.New.First; was != is && was != "" && is != "" {
		line := changeLine{label: label{"other threshold gave way first", "other thresholds gave way first"}, Class: "odd"}
		line.add(1, fmt.Sprintf("%s, was %s", words.Printable(is), words.Printable(was)))
		lines = line.appendTo(lines)
	}
	return lines
}
