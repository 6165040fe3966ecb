package reports

import (
	"fmt"
	"strings"
)

// changeLine is what happened to some things from one run to the next.
type changeLine struct {
	label  label
	N      int    // things, of which an item may name several
	Class  string // of their colour
	Symbol string
	Items  []string
	More   int // items that are not named
}

type label struct{ one, many string }

// maxChangeItems is how many of a kind an index names.
const maxChangeItems = 8

// changesBetween says what is not as it was in the run before. It is a
// comparison by the default bounds, without the test for noise: that is what
// report diff is for.
func (g runGroup) changesBetween(before, after Run) []changeLine {
	if g.kind == KindConformance {
		d, err := conformanceDiff(before.Conformance, after.Conformance, DefaultDiffBounds)
		if err != nil {
			return nil // no case in common
		}
		leaveOutMode(d, after.Conformance.Target)
		return conformanceLines(d)
	}
	d, err := loadDiff(before.Load, after.Load, DefaultDiffBounds)
	if err != nil {
		return nil // the key makes sure that it does not come to that
	}
	return loadLines(d, before.Load, after.Load)
}

// leaveOutMode takes off the sense mode where the target was in one only: it
// stands above all runs of a group.
func leaveOutMode(c *ConformanceDiff, t Target) {
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

func conformanceLines(c *ConformanceDiff) (lines []changeLine) {
	classes := map[Change]string{ChangeRegressed: "bad", ChangeFixed: "good", ChangeVanished: "odd", ChangeOther: "odd"}
	joined := joinTransports(c.Changes)
	for _, change := range []Change{ChangeRegressed, ChangeFixed, ChangeVanished, ChangeAppeared, ChangeOther} {
		line := changeLine{label: changeLabels[change], Class: classes[change]}
		for _, j := range joined {
			if j.Change == change {
				line.add(len(j.transports), changeItem(j))
			}
		}
		lines = line.appendTo(lines)
	}
	line := changeLine{label: label{"time drifted", "times drifted"}, Class: "odd"}
	for _, t := range c.Drifts {
		if t.Judgement == Regressed || t.Judgement == Improved {
			line.add(1, fmt.Sprintf("%s [%s] %s, was %s", t.Name, where(t.Transport, t.SenseMode), milliseconds(t.NewMs), milliseconds(t.OldMs)))
		}
	}
	return line.appendTo(lines)
}

var changeLabels = map[Change]label{
	ChangeRegressed: {"newly failing", "newly failing"},
	ChangeFixed:     {"fixed", "fixed"},
	ChangeVanished:  {"gone", "gone"},
	ChangeAppeared:  {"new", "new"},
	ChangeOther:     {"changed", "changed"},
}

// changeItem names a case, with what it came to where that is not clear from
// the change alone.
func changeItem(c joinedChange) string {
	now := roundsWords(c.New, c.NewTimes, c.NewRounds)
	switch {
	case c.Change == ChangeOther:
		return fmt.Sprintf("%s %s, was %s", c.name(), now, roundsWords(c.Old, c.OldTimes, c.OldRounds))
	case c.Change == ChangeRegressed && c.NewRounds > 0:
		return c.name() + " " + now
	}
	return c.name()
}

func loadLines(d *LoadDiff, before, after *Load) (lines []changeLine) {
	if d.OldOutcome != d.NewOutcome {
		line := changeLine{label: label{"outcome changed", "outcomes changed"}, Class: map[string]string{"good": "good", "bad": "bad"}[outcomeWords[d.NewOutcome].Class]}
		line.add(1, fmt.Sprintf("%s, was %s", outcomeWords[d.NewOutcome].Word, outcomeWords[d.OldOutcome].Word))
		lines = line.appendTo(lines)
	}
	if was, is := notArrived(before), notArrived(after); was != is {
		line := changeLine{label: label{"fewer message lost or missing", "fewer messages lost or missing"}, Class: "good"}
		if is > was {
			line = changeLine{label: label{"more message lost or missing", "more messages lost or missing"}, Class: "bad"}
		}
		line.add(int(max(is-was, was-is)), fmt.Sprintf("%s, was %s", grouped(is), grouped(was)))
		lines = line.appendTo(lines)
	}
	slower := changeLine{label: label{"latency slower", "latencies slower"}, Class: "odd"}
	faster := changeLine{label: label{"latency faster", "latencies faster"}, Class: "good"}
	for _, l := range d.Latencies {
		if l.Transport != AllTransports || l.Percentile > 99 { // the trends show no other
			continue
		}
		item := fmt.Sprintf("%s p%s %s, was %s", kindWords(l.Kind), trimmed(l.Percentile), microseconds(l.NewUs), microseconds(l.OldUs))
		switch l.Judgement {
		case Regressed:
			slower.add(1, item)
		case Improved:
			faster.add(1, item)
		}
	}
	return faster.appendTo(slower.appendTo(lines))
}

// notArrived is how many messages did not get through.
func notArrived(l *Load) (n int64) {
	for _, m := range l.Messages {
		n += m.Lost + m.Missing
	}
	return n
}

// add adds an item that stands for n things.
func (l *changeLine) add(n int, item string) {
	l.N += n
	if len(l.Items) < maxChangeItems {
		l.Items = append(l.Items, item)
	} else {
		l.More++
	}
}

// appendTo adds a line that has something to tell.
func (l changeLine) appendTo(lines []changeLine) []changeLine {
	if l.N == 0 {
		return lines
	}
	l.Symbol = classSymbols[l.Class]
	return append(lines, l)
}

// Label is "2 latencies slower".
func (l changeLine) Label() string { return counted(int64(l.N), l.label.one, l.label.many) }

// shortChanges is all of it in a few words, such as "2 newly failing, 1 fixed".
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
