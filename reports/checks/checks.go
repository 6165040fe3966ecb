// Package checks lists what a run has checked in the form that continuous integration
// knows: one check with a status for each case, threshold, account or comparison. JUnit
// XML, CTRF and annotations are renderings of such lists.
package checks

import (
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Status is the result of a check, as continuous integration distinguishes them.
type Status uint8

// The statuses, the worst first.
const (
	Failed   Status = iota + 1 // the target falls short
	Broken                     // the target could not be reached, or the engine failed
	Unjudged                   // it ran and says nothing about the target, or nothing new
	Passed
	Skipped // it did not run
)

// VerdictInconclusive is the verdict of an unjudged check of a load or a comparison.
const VerdictInconclusive = string(reports.Inconclusive)

// Check is one thing that a run has checked. Its texts, the names aside, are printable,
// and no line of them is a command to a continuous integration.
type Check struct {
	Name    string // unique in its run
	Item    string // name that the check has in every round
	Group   string // area of a case, "load" or "diff"; "" for what is about the whole run
	Status  Status
	Verdict string // the status in the words of the report, such as "not supported"
	Round   int    // from 1 on; 0 when the run was not repeated
	Flaky   bool   // the verdict was not the same in every round

	Message string // reason in a sentence; may be "" of a check that passed
	Remark  string // "warning" or "info" of a check that passed and has something to say
	Detail  string // evidence, in lines
	Trace   string // file with the whole transcript, relative to the report

	StartedMs  float64 // since the start of the run
	DurationMs float64
}

// Run is the list of checks of one run or comparison.
type Run struct {
	reports.Header
	ProtocolVersion string // that a conformance run judged by; "" when it is not known
	Client          bool   // a client was judged, whose cases may have the names of those of a server
	Checks          []Check
}

// Name returns the name of the run among others, such as "imcheck load".
func (r *Run) Name() string { return "imcheck " + r.Kind }

// Count returns the number of checks with a status.
func (r *Run) Count(s Status) (n int) {
	for _, c := range r.Checks {
		if c.Status == s {
			n++
		}
	}
	return n
}

// Add appends a check, with its texts made safe to show.
func (r *Run) Add(c Check) {
	if c.Item == "" {
		c.Item = c.Name
	}
	c.Message, c.Detail, c.Trace = visible(c.Message), visible(c.Detail), visible(c.Trace)
	r.Checks = append(r.Checks, c)
}

// AddRun keeps a run that did not pass from looking as if it did: it appends a check
// "run" with the reason when no other one has the run's outcome.
func (r *Run) AddRun() {
	run := Check{Name: "run", DurationMs: float64(r.DurationMs), Message: r.Reason, Verdict: string(r.Outcome)}
	switch failed := r.Count(Failed) + r.Count(Broken); {
	case r.Outcome == reports.OutcomeFail && failed == 0:
		run.Status = Failed
	case r.Outcome == reports.OutcomeUnreachable && failed == 0:
		run.Status = Broken
	case r.Outcome == reports.OutcomeInconclusive && !r.inconclusive():
		run.Status = Unjudged
	default:
		return
	}
	r.Add(run)
}

// inconclusive reports whether a check says that it is.
func (r *Run) inconclusive() bool {
	for _, c := range r.Checks {
		if c.Verdict == VerdictInconclusive {
			return true
		}
	}
	return false
}

// visible is words.Printable for texts of several lines, with commands to a continuous
// integration that reads along taken for what they are: text.
func visible(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = words.NoCommand(words.Printable(line))
	}
	return strings.Join(lines, "\n")
}
