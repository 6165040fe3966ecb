package conformance

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"imcheck/reports"
)

// Register adds one Ginkgo spec for each item. The items run by themselves,
// all at once; a spec only waits for the result of its own, so Ginkgo's order
// and its one-at-a-time do not make a run longer.
func Register(items []Item, result func(ctx ginkgo.SpecContext, item Item) reports.Result) {
	for _, item := range items {
		labels := ginkgo.Label(item.Labels(item.Transport)...)
		ginkgo.It(item.Name(), labels, func(ctx ginkgo.SpecContext) {
			r := result(ctx, item)
			switch r.Verdict {
			case reports.Pass:
			case reports.Warn:
				ginkgo.AddReportEntry("warning", r.Actual)
			case reports.NotSupported, reports.Skipped, reports.Inconclusive:
				ginkgo.Skip(string(r.Verdict) + ": " + r.Reason)
			default:
				ginkgo.Fail(Explain(r))
			}
		})
	}
}

// Explain says what a result came to, for a reader who has nothing else.
func Explain(r reports.Result) string {
	text := fmt.Sprintf("%s [%s]: %s\n  requirement: %s (%s)", r.Case, r.Transport, r.Verdict, r.Requirement, r.Section)
	if r.Expected != "" {
		text += fmt.Sprintf("\n  expected: %s\n  actual:   %s", r.Expected, r.Actual)
	} else if r.Reason != "" {
		text += "\n  reason: " + r.Reason
	}
	return text
}
