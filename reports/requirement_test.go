package reports_test

import (
	"slices"
	"testing"

	"imcheck/reports"
)

func TestCoveredBy(t *testing.T) {
	c := &reports.Conformance{Requirements: []reports.Requirement{
		{ID: "echo", Text: "An echo comes back.", Cases: []string{"session/echo", "session/echo-after-login"}},
		{ID: "logout", Text: "A logout closes the session.", Cases: []string{"session/logout"}},
		{ID: "session-key", Text: "A session belongs to its connection.", Cases: []string{"session/echo"}},
	}}
	for name, test := range map[string]struct {
		result reports.Result
		want   []string
	}{
		"in the order of the case":      {reports.Result{Case: "session/logout", Covers: []string{"logout", "echo"}}, []string{"logout", "echo"}},
		"not listed":                    {reports.Result{Case: "session/logout", Covers: []string{"gone", "logout"}}, []string{"logout"}},
		"report of an older program":    {reports.Result{Case: "session/echo"}, []string{"echo", "session-key"}},
		"a case that no one lists":      {reports.Result{Case: "session/other"}, nil},
		"what the case says goes first": {reports.Result{Case: "session/echo", Covers: []string{"logout"}}, []string{"logout"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range c.CoveredBy(test.result) {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if got, want := c.Requirements[0].Link(), "docs/protocol.md#echo"; got != want {
		t.Errorf("link %q, want %q", got, want)
	}
}
