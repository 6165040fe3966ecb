package badge

import (
	"io"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestBadge(t *testing.T) {
	results := func(verdicts ...reports.Verdict) (all []reports.Result) {
		for _, v := range verdicts {
			all = append(all, reports.Result{Case: "a/b", Verdict: v})
		}
		return all
	}
	for _, test := range []struct {
		outcome reports.Outcome
		results []reports.Result
		want    Badge
	}{
		{reports.OutcomePass, results(reports.Pass, reports.Pass, reports.Warn, reports.Skipped, reports.NotSupported), Badge{1, "conformance", "2 passed, 1 warned", "brightgreen"}},
		{reports.OutcomeFail, results(reports.Fail, reports.Pass, reports.Error), Badge{1, "conformance", "1 passed, 1 failed, 1 error", "red"}},
		{reports.OutcomeInconclusive, results(reports.Inconclusive), Badge{1, "conformance", "1 inconclusive", "yellow"}},
		{reports.OutcomeUnreachable, nil, Badge{1, "conformance", "unreachable", "lightgrey"}},
	} {
		c := &reports.Conformance{Header: reports.Header{Outcome: test.outcome}, Results: test.results}
		if got := Of(c); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.outcome, got, test.want)
		}
	}
}

func TestGolden(t *testing.T) {
	c := reporttest.Model(t, "pass").Conformance
	reporttest.Golden(t, reporttest.Rendered(t, func(w io.Writer) error { return Write(w, c) }), "golden", "badge.json")
}
