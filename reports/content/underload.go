package content

import (
	"fmt"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// maxCasesUnderLoad bounds the cases that the table of a run under load lists.
const maxCasesUnderLoad = 100

// UnderLoadWords says in one sentence how far the cases of a run went with the load; "" for a
// run without load.
func UnderLoadWords(u *reports.UnderLoad) string {
	if u == nil || len(u.Levels) == 0 {
		return ""
	}
	if len(u.Levels) == 1 {
		return "no level of load was run"
	}
	text := fmt.Sprintf("under load of the scenario %s, up to %s: ", u.Scenario, u.Axis.Words(u.Levels[len(u.Levels)-1].Load))
	for _, c := range u.Cases {
		if c.OnlyFrom > 0 {
			return text + fmt.Sprintf("the first to give way, at %s, is %s [%s]", u.Axis.Words(c.OnlyFrom), c.Case, c.Transport)
		}
	}
	text += "nothing gave way that holds without"
	if n := unknownUnderLoad(u); n > 0 {
		text += fmt.Sprintf(", as far as is known: of %s it is not at some level", words.Counted(int64(n), "case", "cases"))
	}
	return text
}

// unknownUnderLoad counts the cases of which it is not known at some level with load whether
// they hold.
func unknownUnderLoad(u *reports.UnderLoad) (n int) {
	for _, c := range u.Cases {
		if slices.ContainsFunc(c.Verdicts[1:], func(v reports.Verdict) bool { return v == reports.Inconclusive || v == reports.Error }) {
			n++
		}
	}
	return n
}

// LevelTable returns what the cases and the swarm came to at each level of load.
func LevelTable(u *reports.UnderLoad) Table {
	rows := Table{Titles: []string{"load", " cases", " hold", " broken", " not known", " sent/s", " delivered", " lost", " p99", " sent late p99", " recovered", "cases came to", "load came to"}}
	if u == nil {
		return rows
	}
	for _, l := range u.Levels {
		broken := l.Asked - l.Passed - l.Undecided
		shown := OutcomeWords[l.Outcome]
		row := []Cell{{Text: u.Axis.Words(l.Load)}, {Text: fmt.Sprint(l.Asked)}, {Text: shareWords(l)}, badCount(fmt.Sprint(broken), int64(broken)), {Text: fmt.Sprint(l.Undecided)}}
		row = append(row, swarmCells(l)...)
		rows.Add(append(row, Cell{shown.Word, shown.Class}, swarmOutcome(l.Swarm))...)
	}
	return rows
}

// shareWords returns text such as "97 % (58)".
func shareWords(l reports.LoadLevel) string {
	if l.Asked == 0 {
		return "–"
	}
	return fmt.Sprintf("%s %% (%d)", words.Trimmed(100*float64(l.Passed)/float64(l.Asked)), l.Passed)
}

// swarmCells returns the figures of a swarm, dashes for a level without one.
func swarmCells(l reports.LoadLevel) []Cell {
	s := l.Swarm
	if s == nil {
		return []Cell{{Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: "–"}}
	}
	recovered := words.RunTime(l.RecoveryMs)
	if l.RecoveryMs < 0 {
		recovered = "not in time"
	}
	return []Cell{{Text: words.Trimmed(s.SentPerSecond)}, {Text: words.Grouped(s.Delivered)}, badCount(words.Grouped(s.Lost), s.Lost),
		{Text: words.Microseconds(s.P99Us)}, {Text: words.Microseconds(s.LatenessP99Us)}, {Text: recovered}}
}

func swarmOutcome(s *reports.LevelSwarm) Cell {
	if s == nil {
		return Cell{Text: "–"}
	}
	shown := OutcomeWords[s.Outcome]
	return Cell{shown.Word, shown.Class}
}

// UnderLoadTable returns the verdicts by level of the cases that did not go well at every
// level. Those that give way under load come first, in the order in which they do.
func UnderLoadTable(u *reports.UnderLoad) Table {
	if u == nil || len(u.Cases) == 0 {
		return Table{}
	}
	rows := Table{Titles: []string{"case", "level", "gives way at"}}
	for _, l := range u.Levels {
		rows.Titles = append(rows.Titles, u.Axis.Words(l.Load))
	}
	for i, c := range u.Cases {
		if i == maxCasesUnderLoad {
			more := make([]Cell, len(rows.Titles))
			more[0].Text = fmt.Sprintf("and %d more in %s", len(u.Cases)-i, reports.ConformanceFile)
			rows.Add(more...)
			break
		}
		row := []Cell{{Text: fmt.Sprintf("%s [%s]", c.Case, c.Transport)}, {Text: string(c.Level)}, gaveWay(u, c)}
		for _, v := range c.Verdicts {
			row = append(row, Cell{VerdictWords[v].Word, VerdictWords[v].Class})
		}
		rows.Add(row...)
	}
	return rows
}

func gaveWay(u *reports.UnderLoad, c reports.CaseUnderLoad) Cell {
	switch {
	case c.FailsOnlyUnderLoad():
		return Cell{u.Axis.Words(c.OnlyFrom) + ", fails only under load", "bad"}
	case c.OnlyFrom > 0:
		return Cell{u.Axis.Words(c.OnlyFrom), "odd"}
	}
	return Cell{Text: "–"}
}

// CaseUnderLoadWords says why a case gave way.
func CaseUnderLoadWords(u *reports.UnderLoad, c reports.CaseUnderLoad) string {
	var parts []string
	if c.OnlyFrom > 0 {
		parts = append(parts, "holds without load, and not from "+u.Axis.Words(c.OnlyFrom)+" on")
	}
	if c.Expected != "" {
		parts = append(parts, "expected "+c.Expected)
	}
	if c.Actual != "" {
		parts = append(parts, "actual "+c.Actual)
	}
	if c.Reason != "" && c.Reason != c.Actual {
		parts = append(parts, c.Reason)
	}
	return strings.Join(parts, "; ")
}
