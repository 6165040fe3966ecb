package suite

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/reports"
)

// A measurement says by which rule it is judged and what it shows, whatever the case
// comes to.
func TestMeasurementsSayWhatTheyShow(t *testing.T) {
	const nominal = 7 * time.Second
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	before := func(ask func()) func(*testScene) {
		return func(s *testScene) {
			s.Ask(Question{Of: "expiry", Side: reports.SideBefore, Nominal: nominal, Since: ago(nominal - time.Millisecond)}, ask)
		}
	}
	after := func(ask func()) func(*testScene) {
		return func(s *testScene) {
			s.Ask(Question{Of: "expiry", Side: reports.SideAfter, Nominal: nominal, Since: ago(nominal + time.Millisecond)}, ask)
		}
	}
	right, wrong := func() {}, func() { Fail("this", "that") }
	for name, test := range map[string]struct {
		run   func(*testScene)
		name  string
		of    string
		rule  reports.Rule
		side  reports.Side
		shows reports.Shows
	}{
		"a nominal time": {func(s *testScene) { s.Measure("expiry", ago(nominal), time.Now(), nominal, nominal) }, "expiry", "", reports.RulePoint, "", reports.ShowsEnded},
		"a nominal time with an uncertain start": {func(s *testScene) {
			s.MeasureUncertain("expiry", ago(nominal), time.Now(), nominal, nominal, time.Second)
		}, "expiry", "", reports.RulePoint, "", reports.ShowsEnded},
		"a window":           {func(s *testScene) { s.Measure("copy", ago(nominal), time.Now(), time.Second, nominal) }, "copy", "", reports.RuleWindow, "", reports.ShowsEnded},
		"a time that misses": {func(s *testScene) { s.Measure("copy", ago(time.Hour), time.Now(), 0, nominal) }, "copy", "", reports.RuleWindow, "", reports.ShowsEnded},
		"still there":        {before(right), "expiry: still there", "expiry", reports.RuleBracket, reports.SideBefore, reports.ShowsThere},
		"gone too early":     {before(wrong), "expiry: still there", "expiry", reports.RuleBracket, reports.SideBefore, reports.ShowsGone},
		"gone":               {after(right), "expiry: gone", "expiry", reports.RuleBracket, reports.SideAfter, reports.ShowsGone},
		"there too long":     {after(wrong), "expiry: gone", "expiry", reports.RuleBracket, reports.SideAfter, reports.ShowsThere},
		"not answered":       {after(func() { Broken(errors.New("no luck")) }), "expiry: gone", "expiry", reports.RuleBracket, reports.SideAfter, reports.ShowsUnclear},
		"asked by a late harness": {func(s *testScene) {
			s.Lag().Note(time.Now(), time.Second)
			after(wrong)(s)
		}, "expiry: gone", "expiry", reports.RuleBracket, reports.SideAfter, reports.ShowsUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				finished, err := Run(t.Context(), testWorld{100 * time.Millisecond}, []Item{itemOf("case", test.run)}, Options{})
				if err != nil || len(finished[0].Result.Measurements) != 1 {
					t.Fatalf("%v, %+v", err, finished)
				}
				m := finished[0].Result.Measurements[0]
				if m.Name != test.name || m.Of != test.of || m.Rule != test.rule || m.Side != test.side || m.Shows != test.shows {
					t.Errorf("got %+v, want %+v", m, test)
				}
			})
		})
	}
}

// Silence accuses the target only while neither this process nor the target's other
// answers are late for a good part of the wait: a server that gets no processor is slow,
// and one that answers everything else at once has left something out.
func TestOverdue(t *testing.T) {
	const waited = 5 * time.Second
	tests := map[string]struct {
		lag, slow time.Duration
		want      reports.Verdict
	}{
		"nothing late":                    {0, 0, reports.Fail},
		"this process a little late":      {waited / 2, 0, reports.Fail},
		"this process late":               {waited/2 + time.Millisecond, 0, reports.Inconclusive},
		"the target's answers a bit late": {0, waited / 2, reports.Fail},
		"the target's answers late":       {0, waited/2 + time.Millisecond, reports.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				finished, err := Run(t.Context(), testWorld{100 * time.Millisecond}, []Item{itemOf("case", func(s *testScene) {
					s.Answered = NewLagMonitor(time.Hour)
					s.Lag().Note(time.Now(), test.lag)
					s.Answered.Note(time.Now(), test.slow)
					s.Overdue(time.Now().Add(-waited), "a response", false)
				})}, Options{})
				if err != nil || len(finished) != 1 {
					t.Fatalf("%v, %+v", err, finished)
				}
				if result := finished[0].Result; result.Verdict != test.want {
					t.Errorf("%s (%s), want %s", result.Verdict, result.Reason, test.want)
				}
			})
		})
	}
}
