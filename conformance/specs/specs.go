// Package specs makes Ginkgo specs of conformance cases, for go test. The
// program itself does not need Ginkgo's runner.
package specs

import (
	"github.com/onsi/ginkgo/v2"

	"imcheck/conformance/suite"
	"imcheck/reports"
)

// Register adds one Ginkgo spec for each item. The items run by themselves,
// all at once; a spec only waits for the result of its own, so Ginkgo's order
// and its one-at-a-time do not make a run longer.
func Register(items []suite.Item, result func(ctx ginkgo.SpecContext, item suite.Item) reports.Result) {
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
				ginkgo.Fail(suite.Explain(r))
			}
		})
	}
}
