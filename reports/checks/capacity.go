package checks

import (
	"fmt"

	"imcheck/reports"
	"imcheck/reports/content"
)

// OfCapacity returns one check: whether the search has found what it looked for. Its steps
// are the evidence, as one that does not hold is no failure.
func OfCapacity(c *reports.Capacity) Run {
	run := Run{Header: c.Header}
	run.Kind = reports.KindCapacity
	check := Check{Name: "capacity", Group: run.Kind, DurationMs: float64(c.DurationMs), Message: content.CapacityFigure(c)}
	switch c.Outcome {
	case reports.OutcomePass:
		check.Status, check.Verdict = Passed, "pass"
	case reports.OutcomeFail:
		check.Status, check.Verdict = Failed, "fail"
	case reports.OutcomeInconclusive:
		check.Status, check.Verdict = Unjudged, VerdictInconclusive
	default:
		check.Status, check.Verdict = Broken, "error"
	}
	if c.Reason != "" {
		check.Message += fmt.Sprintf(" (%s)", c.Reason)
	}
	for _, s := range c.Steps {
		check.Detail += content.StepLine(c.Unit, s) + "\n"
	}
	run.Add(check)
	return run
}
