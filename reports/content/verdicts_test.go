package content

import (
	"testing"

	"imcheck/reports"
)

func TestFlakeWords(t *testing.T) {
	for want, f := range map[string]reports.Flake{
		"failed as expected 1 of 2":     {Runs: 2, Verdicts: map[reports.Verdict]int{reports.Pass: 1, reports.ExpectedFailure: 1}},
		"failed 2, inconclusive 1 of 4": {Runs: 4, Verdicts: map[reports.Verdict]int{reports.Pass: 1, reports.Inconclusive: 1, reports.Fail: 2}},
		"failed 2 of 4":                 {Runs: 4, Verdicts: map[reports.Verdict]int{reports.Pass: 2, reports.Fail: 2}},
	} {
		if got := FlakeWords(f); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
