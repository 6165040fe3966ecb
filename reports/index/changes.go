package index

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/diff"
	"imcheck/reports/page"
	"imcheck/reports/words"
)

// changeLine lists what changed in the same way from one run to the next.
type changeLine struct {
	label  label
	N      int    // things, of which an item may name several
	Class  string // class of their colour
	Symbol string
	Items  []string
	More   int // items that are not named
}

type label struct{ one, many string }

// maxChangeItems bounds the changes of a kind that an index names.
const maxChangeItems = 8

// changesBetween lists what differs from the previous run. It compares by the default
// bounds, without the test for noise, for which there is report diff.
func (g runGroup) changesBetween(before, after Run) []changeLine {
	if g.kind == reports.KindConformance {
		d, err := diff.OfConformance(before.Conformance, after.Conformance, diff.DefaultBounds)
		if err != nil {
			return nil // no case in common
		}
		leaveOutMode(d, after.Conformance.Target)
		return conformanceLines(d)
	}
	if g.kind == reports.KindCapacity {
		d, err := diff.OfCapacity(before.Capacity, after.Capacity, diff.DefaultBounds)
		if err != nil {
			return nil // cannot happen: the searches have the same key
		}
		return capacityLines(d)
	}
	d, err := diff.OfLoad(before.Load, after.Load, diff.DefaultBounds)
	if err != nil {
		return nil // cannot happen: the runs have the same key
	}
	return loadLines(d, before.Load, after.Load)
}

// leaveOutMode takes off the sense mode where the target was in one only: it
// is shown above all runs of a group.
func leaveOutMode(c *diff.Conformance, t reports.Target) {
	for i, changed := range c.Changes {
		if t.SenseModes[changed.Transport] == changed.SenseMode {
			c.Changes[i].SenseMode = ""
		}
	}
	for i, drift := range c.Drifts {
		if t.SenseModes[drift.Transport] == drift.SenseMode {
			c.Drifts[i].SenseMode = ""
		}
	}
}

func conformanceLines(c *diff.Conformance) (lines []changeLine) {
	classes := map[diff.Change]string{diff.ChangeRegressed: "bad", diff.ChangeFixed: "good", diff.ChangeVanished: "odd", diff.ChangeOther: "odd"}
	joined := diff.JoinTransports(c.Changes)
	for _, change := range []diff.Change{diff.ChangeRegressed, diff.ChangeFixed, diff.ChangeVanished, diff.ChangeAppeared, diff.ChangeOther} {
		line := changeLine{label: changeLabels[change], Class: classes[change]}
		for _, j := range joined {
			if j.Change == change {
				line.add(len(j.Transports), changeItem(j))
			}
		}
		lines = line.appendTo(lines)
	}
	line := changeLine{label: label{"time drifted", "times drifted"}, Class: "odd"}
	for _, t := range c.Drifts {
		if t.Judgement == diff.Regressed || t.Judgement == diff.Improved {
			line.add(1, fmt.Sprintf("%s [%s] %s, was %s", t.Name, content.Where(t.Transport, t.SenseMode), words.Milliseconds(t.NewMs), words.Milliseconds(t.OldMs)))
		}
	}
	return line.appendTo(lines)
}

var changeLabels = map[diff.Change]label{
	diff.ChangeRegressed: {"newly failing", "newly failing"},
	diff.ChangeFixed:     {"fixed", "fixed"},
	diff.ChangeVanished:  {"gone", "gone"},
	diff.ChangeAppeared:  {"new", "new"},
	diff.ChangeOther:     {"changed", "changed"},
}

// changeItem names a case, with its verdict where that does not follow from the change.
func changeItem(c diff.JoinedChange) string {
	now := content.RoundsWords(c.New, c.NewTimes, c.NewRounds)
	switch {
	case c.Change == diff.ChangeOther:
		return fmt.Sprintf("%s %s, was %s", c.Name(), now, content.RoundsWords(c.Old, c.OldTimes, c.OldRounds))
	case c.Change == diff.ChangeRegressed && c.NewRounds > 0:
		return c.Name() + " " + now
	}
	return c.Name()
}

func loadLines(d *diff.Load, before, after *reports.Load) (lines []changeLine) {
	if d.OldOutcome != d.NewOutcome {
		was, is := content.OutcomeWords[d.OldOutcome], content.OutcomeWords[d.NewOutcome]
		line := changeLine{label: label{"outcome changed", "outcomes changed"}, Class: map[string]string{"good": "good", "bad": "bad"}[is.Class]}
		line.add(1, fmt.Sprintf("%s, was %s", is.Word, was.Word))
		lines = line.appendTo(lines)
	}
	if was, is := notArrived(before), notArrived(after); was != is {
		line := changeLine{label: label{"fewer message lost or missing", "fewer messages lost or missing"}, Class: "good"}
		if is > was {
			line = changeLine{label: label{"more message lost or missing", "more messages lost or missing"}, Class: "bad"}
		}
		line.add(int(max(is-was, was-is)), fmt.Sprintf("%s, was %s", words.Grouped(is), words.Grouped(was)))
		lines = line.appendTo(lines)
	}
	slower := changeLine{label: label{"latency slower", "latencies slower"}, Class: "odd"}
	faster := changeLine{label: label{"latency faster", "latencies faster"}, Class: "good"}
	for _, l := range d.Latencies {
		if l.Transport != reports.AllTransports || l.Percentile > 99 { // the trends show no other
			continue
		}
		item := fmt.Sprintf("%s p%s %s, was %s", content.KindWords(l.Kind), words.Trimmed(l.Percentile), words.Microseconds(l.NewUs), words.Microseconds(l.OldUs))
		switch l.Judgement {
		case diff.Regressed:
			slower.add(1, item)
		case diff.Improved:
			faster.add(1, item)
		}
	}
	return faster.appendTo(slower.appendTo(lines))
}

// notArrived returns the number of messages that did not get through.
func notArrived(l *reports.Load) (n int64) {
	for _, m := range l.Messages {
		m = l.Blamed(m)
		n += m.Lost + m.Missing
	}
	return n
}

// add adds an item for n things.
func (l *changeLine) add(n int, item string) {
	l.N += n
	if len(l.Items) < maxChangeItems {
		l.Items = append(l.Items, item)
	} else {
		l.More++
	}
}

// appendTo appends the line unless it is empty.
func (l changeLine) appendTo(lines []changeLine) []changeLine {
	if l.N == 0 {
		return lines
	}
	l.Symbol = page.ClassSymbols[l.Class]
	return append(lines, l)
}

// Label returns text such as "2 latencies slower".
func (l changeLine) Label() string { return words.Counted(int64(l.N), l.label.one, l.label.many) }

// shortChanges summarizes lines in a few words, such as "2 newly failing, 1 fixed".
func shortChanges(lines []changeLine) string {
	if len(lines) == 0 {
		return "as before"
	}
	parts := make([]string, len(lines))
	for i, line := range lines {
		parts[i] = line.Label()
	}
	return strings.Join(parts, ", ")
}
