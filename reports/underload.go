package reports

import (
	"cmp"
	"slices"
)

// UnderLoad describes a conformance run whose cases were run again at several levels of load.
// The results of its report are those without load; each level has a report of its own.
type UnderLoad struct {
	Scenario string          `json:"scenario"` // of the swarms, as load.json names it
	Axis     LoadAxis        `json:"axis"`     // what the load of a level is
	Levels   []LoadLevel     `json:"levels"`   // the first is without load, each further one has more
	Cases    []CaseUnderLoad `json:"cases,omitempty"`
	Seconds  []LoadSecond    `json:"seconds,omitempty"` // of all swarms, in their order
}

// LoadSecond is one second of a swarm, on the time axis of the run.
type LoadSecond struct {
	AtMs      int64 `json:"atMs"` // its end, since the start of the run
	LengthMs  int64 `json:"lengthMs"`
	Sent      int64 `json:"sent"`
	Delivered int64 `json:"delivered"`
	P99Us     int64 `json:"p99Us"`     // of deliveries or echoes, since due
	LateP99Us int64 `json:"lateP99Us"` // of the generator's own sends
}

// LoadAxis says in what a level of load is counted.
type LoadAxis string

// The axes.
const (
	LoadByRate    LoadAxis = "rate"    // messages a second
	LoadByClients LoadAxis = "clients" // clients of the swarm
)

// LoadLevel is one level of load, with what the cases came to at it. Times are since the
// start of the run.
type LoadLevel struct {
	Load        float64         `json:"load"`                 // on the axis; 0 without load
	Folder      string          `json:"folder,omitempty"`     // of its own report, relative to this one; "" when nothing was saved
	Outcome     Outcome         `json:"outcome"`              // of the cases at this level
	Reason      string          `json:"reason"`               // the outcome in one sentence
	CasesFromMs int64           `json:"casesFromMs"`          // start of the first case
	CasesToMs   int64           `json:"casesToMs"`            // end of the last one
	RecoveryMs  int64           `json:"recoveryMs,omitempty"` // after the swarm, until the target answered as without load; -1 when it did not in time
	Counts      map[Verdict]int `json:"counts"`               // of all results of the level
	Asked       int             `json:"asked"`                // cases that ask for something and were run
	Passed      int             `json:"passed"`               // of those asked
	Undecided   int             `json:"undecided"`            // of those asked: neither held nor broken
	Swarm       *LevelSwarm     `json:"swarm,omitempty"`      // nil without load
}

// LevelSwarm has the figures of the swarm of a level; load.json in the folder of the level
// has all.
type LevelSwarm struct {
	Clients       int     `json:"clients"`
	FromMs        int64   `json:"fromMs"`       // since the start of the run
	SteadyFromMs  int64   `json:"steadyFromMs"` // since the start of the run: it had reached its load
	ToMs          int64   `json:"toMs"`         // since the start of the run
	Outcome       Outcome `json:"outcome"`
	Reason        string  `json:"reason"`
	Sent          int64   `json:"sent"`
	SentPerSecond float64 `json:"sentPerSecond"`
	Delivered     int64   `json:"delivered"`
	Lost          int64   `json:"lost"`
	Retransmits   int64   `json:"retransmits"`
	P99Us         int64   `json:"p99Us"`         // of the kind of latency that Kind names
	Kind          string  `json:"kind"`          // "" when nothing was measured
	LatenessP99Us int64   `json:"latenessP99Us"` // of the generator's own sends
}

// CaseUnderLoad has the verdicts of a case on a transport that did not go well at every
// level.
type CaseUnderLoad struct {
	Case        string `json:"case"`
	Transport   string `json:"transport"`
	Level       Level  `json:"level"`
	Requirement string `json:"requirement"`
	// Verdicts has one for each level; a level whose cases did not run has Skipped.
	Verdicts []Verdict `json:"verdicts"`
	// OnlyFrom is the load of the first level at which a case that holds without load does not
	// hold any more; 0 for none.
	OnlyFrom float64 `json:"onlyFrom,omitempty"`
	Expected string  `json:"expected,omitempty"` // at the first level at which it fell short
	Actual   string  `json:"actual,omitempty"`
	Reason   string  `json:"reason,omitempty"`
}

// FailsOnlyUnderLoad reports whether the case holds without load and fails with some.
func (c CaseUnderLoad) FailsOnlyUnderLoad() bool {
	return c.OnlyFrom > 0 && slices.Contains(c.Verdicts, Fail)
}

// broken reports whether a verdict says that a case does not hold.
func (v Verdict) broken() bool { return v == Fail || v == Warn || v == ExpectedFailure }

// Add puts the results of one more level into the description; the levels come in their
// order. The counts of the level are filled in.
func (u *UnderLoad) Add(level LoadLevel, results []Result) {
	at := len(u.Levels)
	level.Counts = CountVerdicts(results)
	for _, r := range results {
		if !r.Level.CanFail() {
			continue
		}
		switch r.Verdict {
		case NotSupported, Skipped:
			continue
		case Pass, UnexpectedPass:
			level.Passed++
		case Inconclusive, Error:
			level.Undecided++
		}
		level.Asked++
	}
	u.Levels = append(u.Levels, level)
	for _, r := range results {
		if r.Level.CanFail() {
			u.enter(at, r)
		}
	}
	for i := range u.Cases {
		u.Cases[i].complete(at + 1)
	}
}

// enter puts a result of the level at a place into its case. Of several rounds the worst
// counts.
func (u *UnderLoad) enter(at int, r Result) {
	i := slices.IndexFunc(u.Cases, func(c CaseUnderLoad) bool { return c.Case == r.Case && c.Transport == r.Transport })
	if i < 0 {
		u.Cases = append(u.Cases, CaseUnderLoad{Case: r.Case, Transport: r.Transport, Level: r.Level, Requirement: r.Requirement})
		i = len(u.Cases) - 1
	}
	c := &u.Cases[i]
	c.complete(at)
	if len(c.Verdicts) == at {
		c.Verdicts = append(c.Verdicts, r.Verdict)
	} else if Rank(Severity[:], r.Verdict) < Rank(Severity[:], c.Verdicts[at]) {
		c.Verdicts[at] = r.Verdict
	}
	switch broken := c.Verdicts[at].broken() && r.Verdict.broken(); {
	case broken && at > 0 && c.OnlyFrom == 0 && c.holdsWithoutLoad() && !c.brokenBefore(at):
		c.OnlyFrom = u.Levels[at].Load
		c.Expected, c.Actual, c.Reason = r.Expected, r.Actual, r.Reason
	case broken && c.Expected+c.Actual+c.Reason == "":
		c.Expected, c.Actual, c.Reason = r.Expected, r.Actual, r.Reason
	}
}

func (c *CaseUnderLoad) holdsWithoutLoad() bool {
	return c.Verdicts[0] == Pass || c.Verdicts[0] == UnexpectedPass
}

func (c *CaseUnderLoad) brokenBefore(at int) bool {
	return slices.ContainsFunc(c.Verdicts[:at], Verdict.broken)
}

// complete adds Skipped for levels up to a number that have no result.
func (c *CaseUnderLoad) complete(levels int) {
	for len(c.Verdicts) < levels {
		c.Verdicts = append(c.Verdicts, Skipped)
	}
}

// Finish leaves out the cases that went well at every level, and puts the others in order:
// those that fail only under load first, the earliest of them at the top.
func (u *UnderLoad) Finish() {
	u.Cases = slices.DeleteFunc(u.Cases, func(c CaseUnderLoad) bool {
		return !slices.ContainsFunc(c.Verdicts, func(v Verdict) bool {
			return v.broken() || v == Inconclusive || v == Error
		})
	})
	slices.SortStableFunc(u.Cases, func(a, b CaseUnderLoad) int {
		return cmp.Or(cmp.Compare(a.group(), b.group()), cmp.Compare(a.OnlyFrom, b.OnlyFrom),
			CompareCases(Result{Case: a.Case, Transport: a.Transport}, Result{Case: b.Case, Transport: b.Transport}))
	})
}

// group is the place of a case among the others: what breaks only under load, what breaks
// in any case, what could not be told.
func (c CaseUnderLoad) group() int {
	switch {
	case c.FailsOnlyUnderLoad():
		return 0
	case c.OnlyFrom > 0:
		return 1
	case slices.ContainsFunc(c.Verdicts, Verdict.broken):
		return 2
	}
	return 3
}
