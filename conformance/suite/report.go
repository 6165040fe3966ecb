package suite

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/transport/record"
	"imcheck/protocol/versions"
	"imcheck/reports"
)

// ReportOptions holds everything that a report says besides the results of the cases.
type ReportOptions struct {
	Header     reports.Header   // tool, command, environment and target; the rest is filled in
	End        End              // the target's end
	Protocol   versions.Version // that the target is judged by; "" is ProtocolVersion
	Catalogue  []Case           // all cases, selected or not
	Skipped    []Skipped
	Expected   ExpectedFailures
	Seed       int64
	Rounds     int // 1 when the cases were not repeated
	Impairment *reports.Impairment
	Started    time.Time
	Throttled  time.Duration // time for which a CPU quota kept this process from running

	// Err is the reason for an early end, nil without one. LocalCause names what this
	// machine did not give; it is needed only where machine.LocalCause does not know.
	Err        error
	LocalCause string

	Trace func(Finished) string // the file of a transcript, relative to the report
	Rerun func(Finished) string // a command that runs just this item again
}

// Report applies the list of expected failures and returns the finished report of a run
// that ends now, with its outcome.
func Report(finished []Finished, o ReportOptions) *reports.Conformance {
	o.Expected.Apply(finished, o.Started)
	c := &reports.Conformance{Header: o.Header, ProtocolVersion: string(cmp.Or(o.Protocol, ProtocolVersion)), Role: string(o.End), Seed: o.Seed, Requirements: reportedRequirements(o.Catalogue, o.End), Impairment: o.Impairment}
	c.Started, c.DurationMs = o.Started, time.Since(o.Started).Milliseconds()
	for _, f := range finished {
		c.Results = append(c.Results, o.result(f))
	}
	for _, item := range o.Skipped {
		result := resultOf(item.Item)
		result.Verdict, result.Reason = reports.Skipped, item.Reason
		if item.Omission == TooNew {
			result.Since = string(item.Since())
		}
		c.Results = append(c.Results, result)
	}
	slices.SortStableFunc(c.Results, areaOrder(o.Catalogue))
	c.Counts = reports.CountVerdicts(c.Results)
	c.Problems = o.problems(finished)
	c.Troubles = troubles(finished)
	if o.Throttled >= leastThrottled && c.Counts[reports.Inconclusive] > 0 {
		c.Troubles = append(c.Troubles, fmt.Sprintf("the CPU quota of its container kept imcheck's threads from running for %.1f s in all", o.Throttled.Seconds()))
	}
	if o.Rounds > 1 {
		c.Rounds, c.Flakes = o.Rounds, reports.FindFlakes(c.Results)
	}
	if o.LocalCause == "" {
		o.LocalCause = machine.LocalCause(o.Err)
	}
	c.Judge(o.Err, o.LocalCause)
	return c
}

// leastThrottled is the shortest time without CPU that explains why cases are
// inconclusive.
const leastThrottled = 100 * time.Millisecond

// problems returns what is wrong with the list of expected failures; nothing when
// nothing was run.
func (o *ReportOptions) problems(finished []Finished) []string {
	if len(finished) == 0 {
		return nil
	}
	run := make([]Item, len(finished))
	for i := range finished {
		run[i] = finished[i].Item
	}
	return o.Expected.Problems(o.Catalogue, run, time.Now())
}

// troubles lists what this machine did not give the cases, each once.
func troubles(finished []Finished) (all []string) {
	for _, f := range finished {
		if f.Trouble != "" && !slices.Contains(all, f.Trouble) {
			all = append(all, f.Trouble)
		}
	}
	slices.Sort(all)
	return all
}

// areaOrder keeps skipped cases next to the others of their area, in the order of the
// catalogue.
func areaOrder(catalogue []Case) func(a, b reports.Result) int {
	position := map[string]int{}
	for _, c := range catalogue {
		if _, known := position[c.Area()]; !known {
			position[c.Area()] = len(position)
		}
	}
	return func(a, b reports.Result) int { return position[a.Area()] - position[b.Area()] }
}

// reportedRequirements lists what docs/protocol.md asks for, with the cases of the whole
// catalogue.
func reportedRequirements(catalogue []Case, end End) (all []reports.Requirement) {
	for _, c := range Cover(catalogue, end) {
		r := reports.Requirement{ID: c.Requirement.ID, Section: c.Requirement.Section, Text: c.Requirement.Text, Unheld: c.Requirement.Unheld, Since: string(c.Requirement.Since())}
		for _, held := range c.Cases {
			r.Cases = append(r.Cases, held.ID)
		}
		all = append(all, r)
	}
	return all
}

// resultOf returns the part of a result that does not depend on the verdict.
func resultOf(item Item) reports.Result {
	return reports.Result{
		Case: item.ID, Transport: item.Transport.String(), Requirement: item.Requirement,
		Section: item.Section(), Level: item.Level, Covers: item.Covers,
	}
}

// transcriptTail is the number of transcript lines, the last ones, that the report has
// for a case that did not pass.
const transcriptTail = 14

// result completes the result of an item with its evidence.
func (o *ReportOptions) result(f Finished) reports.Result {
	r := f.Result
	r.Trace = o.Trace(f)
	r.Reason, r.Expected, r.Actual = reports.ClipEvidence(r.Reason), reports.ClipEvidence(r.Expected), reports.ClipEvidence(r.Actual)
	switch r.Verdict {
	case reports.Pass, reports.UnexpectedPass, reports.NotSupported:
		return r
	}
	for _, entry := range f.Trace[max(0, len(f.Trace)-transcriptTail):] {
		r.Transcript = append(r.Transcript, ReportedLine(entry))
	}
	r.Rerun = o.Rerun(f)
	return r
}

// ReportedLine converts a line of a transcript to the form of reports and trace files.
func ReportedLine(e record.Entry) reports.Line {
	return reports.Line{At: float64(e.At.Microseconds()) / 1000, Connection: e.Connection, Direction: string(e.Direction), Text: e.Text}
}
