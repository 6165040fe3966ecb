package diff

import (
	"cmp"
	"fmt"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Capacity compares what two searches for the capacity of a target have found.
type Capacity struct {
	Unit          string    `json:"unit"` // of a load
	Old           Found     `json:"old"`
	New           Found     `json:"new"`
	ChangePercent float64   `json:"changePercent"` // of the highest load that holds; 0 when one is not known
	Judgement     Judgement `json:"judgement"`
	Reason        string    `json:"reason"` // the judgement in one sentence
}

// Found is the result of a search.
type Found struct {
	Figure  string         `json:"figure"`          // in words
	Lower   float64        `json:"lower,omitempty"` // highest load that holds; 0 for none
	Upper   float64        `json:"upper,omitempty"` // lowest load that does not; 0 for none
	First   string         `json:"first,omitempty"` // threshold that gave way first; "" when it was not a threshold
	GaveWay string         `json:"gaveWay,omitempty"`
	Ending  reports.Ending `json:"ending"`
	Steps   int            `json:"steps"`
}

func foundBy(c *reports.Capacity) Found {
	first := ""
	if c.GaveWay != nil {
		first = c.GaveWay.Expression
	}
	return Found{
		First: first, Figure: content.CapacityFigure(c), Lower: c.Lower, Upper: c.Upper, GaveWay: content.GaveWayWords(c.GaveWay), Ending: c.Ending, Steps: len(c.Steps),
	}
}

// OfCapacity compares two searches that need not be in folders. The error is an *Error.
func OfCapacity(before, after *reports.Capacity, bounds Bounds) (*Capacity, error) {
	d := &Diff{Bounds: bounds}
	err := d.compareCapacity(before, after)
	return d.Capacity, err
}

// compareCapacity fills in d.Capacity.
func (d *Diff) compareCapacity(before, after *reports.Capacity) error {
	if err := d.sides(before.Header, after.Header); err != nil {
		return err
	}
	if err := d.sameSearch(before, after); err != nil {
		return err
	}
	c := &Capacity{Unit: after.Unit, Old: foundBy(before), New: foundBy(after)}
	if c.Old.Lower > 0 && c.New.Lower > 0 {
		c.ChangePercent = 100 * (c.New.Lower - c.Old.Lower) / c.Old.Lower
	}
	c.Judgement, c.Reason = judgeCapacity(c.Old, c.New, d.Bounds.MaxP99Percent)
	d.Capacity = c
	return nil
}

// sameSearch refuses searches that did not ask the same of the target, and notes what makes
// their figures differ by little.
func (d *Diff) sameSearch(before, after *reports.Capacity) error {
	for _, term := range []struct {
		flag     string
		was, now any
	}{
		{"--find", before.Search, after.Search},
		{"--scenario", before.Scenario, after.Scenario},
		{"--clients", before.Clients, after.Clients},
		{"--rate", before.RatePerSecond, after.RatePerSecond},
		{"--threshold", thresholdWords(before), thresholdWords(after)},
	} {
		if term.was != term.now {
			return incomparable("%s was %v in %s and %v in %s", term.flag, term.was, d.Old.Folder, term.now, d.New.Folder)
		}
	}
	if a, b := words.RunTime(before.CountedMs), words.RunTime(after.CountedMs); a != b {
		d.note("each step was measured for %s in %s and %s in %s", a, d.Old.Folder, b, d.New.Folder)
	}
	if before.ServerInProcess != after.ServerInProcess {
		d.note("only one of the two searches had the server in the same process")
	}
	return nil
}

// thresholdWords lists the thresholds of a search in an order of their own.
func thresholdWords(c *reports.Capacity) string {
	sorted := slices.Sorted(slices.Values(c.Thresholds))
	return fmt.Sprint(sorted)
}

// judgeCapacity compares what is known of two capacities: each is from its lower bound up to
// its upper one, if there is any. It has changed when these do not overlap, and by more than
// searches on one server differ.
func judgeCapacity(before, after Found, maxPercent float64) (Judgement, string) {
	switch {
	case before.Lower == 0 && before.Upper == 0 || after.Lower == 0 && after.Upper == 0:
		return NotCompared, "one of the searches has found nothing"
	case isBelow(after, before):
		return overBound(Regressed, before.Lower, cmp.Or(after.Lower, after.Upper), maxPercent)
	case isBelow(before, after):
		return overBound(Improved, cmp.Or(before.Lower, before.Upper), after.Lower, maxPercent)
	case before.Ending == reports.EndingReached && after.Ending == reports.EndingReached:
		return Held, "both searches came to the highest load that was to be tried"
	case before.Upper == 0 || after.Upper == 0:
		return Inconclusive, "one of the searches has no upper bound, and may have stopped short of what the other found"
	}
	return Held, "the bounds overlap"
}

// isBelow reports whether all that one capacity may be is below all that another may.
func isBelow(a, b Found) bool { return a.Upper > 0 && a.Upper <= b.Lower }

// overBound judges a change of capacities whose bounds do not overlap.
func overBound(j Judgement, was, is, maxPercent float64) (Judgement, string) {
	if by := 100 * (is - was) / was; max(by, -by) <= maxPercent {
		return Held, fmt.Sprintf("the bounds do not overlap, and differ by no more than the %s %% that searches on one server may", words.Trimmed(maxPercent))
	}
	return j, "the bounds do not overlap"
}

// change is such as "800 messages a second, was 1,000 messages a second (-20 %)".
func (c *Capacity) change() string {
	text := c.New.Figure + ", was " + c.Old.Figure
	if c.ChangePercent != 0 {
		text += " (" + signedPercent(c.ChangePercent) + ")"
	}
	return text
}

// capacityTable shows what both searches found.
func capacityTable(c *Capacity) namedTable {
	t := namedTable{"Capacity", content.Table{Titles: []string{"capacity", "old", "new"}}}
	bounds := func(f Found) string {
		upper := "?"
		if f.Upper > 0 {
			upper = content.LoadWords(f.Upper)
		}
		return content.LoadWords(f.Lower) + " to " + upper
	}
	t.AddText("found", c.Old.Figure, c.New.Figure)
	t.AddText("bounds", bounds(c.Old), bounds(c.New))
	t.AddText("gave way first", words.Dashed(words.Clip(words.Printable(c.Old.GaveWay), maxReason)), words.Dashed(words.Clip(words.Printable(c.New.GaveWay), maxReason)))
	t.AddText("steps", words.Grouped(int64(c.Old.Steps)), words.Grouped(int64(c.New.Steps)))
	t.Add(content.Cell{Text: "change"}, content.Cell{Text: signedPercent(c.ChangePercent)},
		content.Cell{Text: string(c.Judgement) + ": " + c.Reason, Class: judgementClasses[c.Judgement]})
	return t
}
