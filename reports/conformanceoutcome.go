package reports

import (
	"fmt"
	"strings"

	"imcheck/reports/words"
)

// exitNothingRun is the exit code of a conformance run that could run no case.
const exitNothingRun = 2

// Judge gives a conformance run its outcome, once the report has everything else. err is
// why the run ended early, nil when it did not; localCause says what this machine did
// not give when err is about that, else "".
//
// A target that went away weighs most: what failed meanwhile may have failed because of
// that. After that a failure is a failure, whatever else could not be determined.
func (c *Conformance) Judge(err error, localCause string) {
	failures := c.shortfalls()
	broken, inconclusive := c.Counts[Error], c.Counts[Inconclusive]
	switch {
	case localCause != "":
		c.Conclude(OutcomeInconclusive, localCause)
	case err != nil:
		c.Conclude(OutcomeUnreachable, err.Error())
	case len(failures) > 0:
		if len(c.Troubles) > 0 {
			failures = append(failures, fmt.Sprintf("%d are inconclusive: %s", inconclusive, c.whyInconclusive()))
		}
		c.Conclude(OutcomeFail, strings.Join(failures, ", "))
	case broken > 0:
		c.Conclude(OutcomeUnreachable, fmt.Sprintf("%d of %s could not be run%s", broken, countedCases(len(c.Results)), sharedReason(c.Results, Error)))
	case inconclusive > 0:
		c.Conclude(OutcomeInconclusive, words.Counted(int64(inconclusive), "case is", "cases are")+" inconclusive: "+c.whyInconclusive())
	case c.Counts[Pass]+c.Counts[Warn]+c.Counts[ExpectedFailure] == 0:
		c.Conclude(OutcomeInconclusive, "no case could be run: the target lacks what the selected cases need")
		c.ExitCode = exitNothingRun
	default:
		c.Conclude(OutcomePass, countedCases(c.Counts[Pass])+" passed")
	}
}

// shortfalls lists what fails a run that could be run, each in a few words.
func (c *Conformance) shortfalls() (all []string) {
	cases := countedCases(len(c.Results))
	if c.Rounds > 0 {
		cases = fmt.Sprintf("%d runs of cases", len(c.Results))
	}
	if failed := c.Counts[Fail]; failed > 0 {
		all = append(all, fmt.Sprintf("%d of %s failed", failed, cases))
	}
	if passed := c.Counts[UnexpectedPass]; passed > 0 {
		all = append(all, fmt.Sprintf("%d of %s passed although expected to fail", passed, cases))
	}
	if len(c.Problems) > 0 {
		all = append(all, "the list of expected failures is out of date")
	}
	return all
}

// maxTroubles bounds the troubles that the outcome names; the results have the rest.
const maxTroubles = 3

// whyInconclusive names what the tester's own side did not give.
func (c *Conformance) whyInconclusive() string {
	switch {
	case len(c.Troubles) > maxTroubles:
		return strings.Join(c.Troubles[:maxTroubles], "; ") + fmt.Sprintf("; and %d more", len(c.Troubles)-maxTroubles)
	case len(c.Troubles) > 0:
		return strings.Join(c.Troubles, "; ")
	case c.Impairment != nil:
		return "the impaired path lost what would have told, or this machine was too slow"
	}
	return "this machine was too slow to tell"
}

// sharedReason returns ": " and the reason of all results with a verdict, or "" when
// they do not have the same one.
func sharedReason(results []Result, verdict Verdict) (reason string) {
	for _, r := range results {
		switch {
		case r.Verdict != verdict:
		case reason != "" && r.Reason != reason:
			return ""
		default:
			reason = r.Reason
		}
	}
	if reason == "" || strings.Contains(reason, "\n") {
		return ""
	}
	return ": " + reason
}

func countedCases(n int) string { return words.Counted(int64(n), "case", "cases") }

// Conclude gives a run its outcome. The reason may hold what a target sent.
func (h *Header) Conclude(outcome Outcome, reason string) {
	h.Outcome, h.Reason, h.ExitCode = outcome, ClipEvidence(reason), outcome.ExitCode()
}

// maxEvidence bounds in characters each text of a result; the trace has the rest.
const maxEvidence = 20_000

// ClipEvidence cuts a text that may hold what a target sent.
func ClipEvidence(text string) string {
	if len(text) <= maxEvidence {
		return text
	}
	runes := []rune(text[:min(len(text), 4*maxEvidence)])
	if len(runes) <= maxEvidence {
		return text
	}
	return string(runes[:maxEvidence]) + fmt.Sprintf("… (cut; it had %d bytes)", len(text))
}
