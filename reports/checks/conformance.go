package checks

import (
	"fmt"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
)

// caseStatus has the status of each verdict. A warning passes. A failure that is expected
// is not one that continuous integration should stop for.
var caseStatus = map[reports.Verdict]Status{
	reports.Pass:            Passed,
	reports.Warn:            Passed,
	reports.Fail:            Failed,
	reports.UnexpectedPass:  Failed,
	reports.Error:           Broken,
	reports.Inconclusive:    Unjudged,
	reports.ExpectedFailure: Unjudged,
	reports.NotSupported:    Skipped,
	reports.Skipped:         Skipped,
}

// OfConformance returns a check for each case and transport, and round of a repeated run.
// Problems of the list of expected failures are a check of their own. A run that did not
// pass without any such check, because the target was gone before the first case or
// because warnings were to count, has a further check "run" that says why.
func OfConformance(c *reports.Conformance) Run {
	run := Run{Header: c.Header, ProtocolVersion: c.ProtocolVersion, Client: c.Role == "client"}
	run.Kind = reports.KindConformance
	copies := map[string]int{}
	for _, r := range reports.ByCase(c.Results) {
		name := content.ItemName(r)
		copies[name]++
		again := ""
		if n := copies[name]; n > 1 { // runs that were put together need names of their own
			again = fmt.Sprintf(" (%d)", n)
		}
		check := ofResult(r, c.CoveredBy(r))
		check.Name, check.Flaky = name+again, isFlaky(c.Flakes, r)
		r.Round = 0
		check.Item = content.ItemName(r) + again
		run.Add(check)
	}
	run.addUnderLoad(c.UnderLoad)
	if len(c.Problems) > 0 {
		run.Add(Check{Name: "expected failures", Status: Failed, Verdict: string(reports.Fail), Message: strings.Join(c.Problems, "\n")})
	}
	run.AddRun()
	return run
}

func ofResult(r reports.Result, covered []reports.Requirement) Check {
	check := Check{
		Group: r.Area(), Status: caseStatus[r.Verdict], Verdict: string(r.Verdict), Round: r.Round,
		Message: r.Reason, Trace: r.Trace, StartedMs: r.StartedMs, DurationMs: r.DurationMs,
	}
	switch {
	case r.Verdict == reports.Warn:
		check.Remark = "warning"
	case content.IsInfo(r):
		check.Remark = "info"
		if r.Reason == "" {
			check.Message = "measured"
		}
	case r.Verdict == reports.Pass:
		check.Message = ""
		return check
	}
	if check.Status <= Broken || check.Status == Passed {
		check.Detail = evidence(r, covered)
	}
	return check
}

// isFlaky reports whether a result is of a case whose verdict changed between rounds.
func isFlaky(flakes []reports.Flake, r reports.Result) bool {
	return slices.ContainsFunc(flakes, func(f reports.Flake) bool { return f.Case == r.Case && f.Transport == r.Transport })
}

// evidence returns the evidence of a failure, for the page of one check.
func evidence(r reports.Result, covered []reports.Requirement) string {
	var out strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&out, "%-12s %s\n", label, text)
		}
	}
	line("requirement", fmt.Sprintf("%s (%s)", r.Requirement, content.RequirementSource(r)))
	for _, q := range covered {
		line("protocol", content.Quoted(q))
	}
	line("expected", r.Expected)
	line("actual", r.Actual)
	for _, m := range r.Measurements {
		line("measured", content.MeasurementWords(m))
	}
	for _, l := range r.Transcript {
		fmt.Fprintf(&out, "%10.3f s  %s %s %s\n", l.At/1000, l.Connection, l.Direction, l.Text)
	}
	line("trace", r.Trace)
	line("rerun", r.Rerun)
	return out.String()
}
