package page

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/words"
)

// describeTimes writes rows as the page shows them.
func describeTimes(views []timeView) (rows []string) {
	for _, v := range views {
		rows = append(rows, fmt.Sprintf("%s %s %s: %s ± %s, measured %s %s, drift %s, margin %s, %s",
			v.Name, v.SenseMode, v.Transport, v.Nominal(), words.Milliseconds(v.Tolerance), v.Measured(), v.Times(), v.Drift(), v.Margin(), v.Verdict()))
	}
	return rows
}

func compareRows(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What was measured of the same time in the same mode on the same transport, in
// whatever case or round, is one row.
func TestTimeViews(t *testing.T) {
	expiry := func(name string, at float64) reports.Measurement {
		return reports.Measurement{Name: name, Rule: reports.RulePoint, Shows: reports.ShowsEnded, Value: at, Lower: 7000, Upper: 7010, Tolerance: 100, Lag: 1}
	}
	copied := func(at float64) reports.Measurement {
		return reports.Measurement{Name: "second copy", Rule: reports.RuleWindow, Shows: reports.ShowsEnded, Value: at, Lower: 2000, Upper: 7000, Tolerance: 100}
	}
	c := &reports.Conformance{
		Header: reports.Header{Target: reports.Target{SenseModes: map[string]string{"tcp": "3S", "udp": "3S"}}},
		Results: []reports.Result{
			{Case: "heartbeat/expiry", Transport: "tcp", Verdict: reports.Pass, Measurements: []reports.Measurement{expiry("expiry", 7001)}},
			{Case: "heartbeat/echo", Transport: "tcp", Verdict: reports.Pass, Round: 2, Measurements: []reports.Measurement{expiry("expiry after an echo", 7021)}},
			{Case: "heartbeat/expiry", Transport: "ws", SenseMode: "10S", Verdict: reports.Pass, Measurements: []reports.Measurement{expiry("expiry", 6990)}},
			{Case: "heartbeat/expiry", Transport: "ws", SenseMode: "5S", Verdict: reports.Fail, Expected: "expiry: after 7s", Actual: "after 8s", Measurements: []reports.Measurement{expiry("expiry", 8010)}},
			{Case: "heartbeat/expiry", Transport: "udp", Verdict: reports.Pass, Measurements: []reports.Measurement{askedBefore("expiry", 9901, reports.ShowsThere), askedAfter("expiry", 10099, reports.ShowsGone)}},
			{Case: "heartbeat/data", Transport: "udp", Verdict: reports.Pass, Measurements: []reports.Measurement{askedBefore("expiry after data", 9905, reports.ShowsThere), askedAfter("expiry after data", 10100, reports.ShowsGone)}},
			{Case: "qos/lost", Transport: "tcp", Verdict: reports.Fail, Expected: "data", Actual: "nothing", Measurements: []reports.Measurement{copied(4000)}},
			{Case: "qos/copy", Transport: "tcp", Verdict: reports.Pass, Measurements: []reports.Measurement{copied(7050)}},
		},
	}
	heartbeats, others := timeViews(c)
	compareRows(t, describeTimes(heartbeats), []string{
		"expiry 3S udp: 10.000 s ± 100 ms, measured 9.905–10.099 s 2 times, drift -95.0 ms to +99.0 ms, margin –, pass",
		"expiry 3S tcp: 7.000 s ± 100 ms, measured 7.001–7.021 s 2 times, drift +1.00 ms to +21.0 ms, margin 89.0 ms, pass",
		"expiry 5S ws: 7.000 s ± 100 ms, measured 8.010 s 1 time, drift +1.010 s, margin -900 ms, fail",
		"expiry 10S ws: 7.000 s ± 100 ms, measured 6.990 s 1 time, drift -10.0 ms, margin 90.0 ms, pass",
	})
	compareRows(t, describeTimes(others), []string{
		"second copy 3S tcp: 2.000–7.000 s ± 100 ms, measured 4.000–7.050 s 2 times, drift –, margin 50.0 ms, pass",
	})
}

// askedBefore and askedAfter are the two sides of a bracket of 10 s.
func askedBefore(of string, at float64, shows reports.Shows) reports.Measurement {
	return reports.Measurement{Name: of + ": still there", Of: of, Rule: reports.RuleBracket, Side: reports.SideBefore, Shows: shows, Value: at, Lower: 9900, Upper: 10000}
}

func askedAfter(of string, at float64, shows reports.Shows) reports.Measurement {
	return reports.Measurement{Name: of + ": gone", Of: of, Rule: reports.RuleBracket, Side: reports.SideAfter, Shows: shows, Value: at, Lower: 10000, Upper: 10100}
}

// A question that was answered otherwise than expected shows the opposite; one
// that says nothing shows nothing.
func TestTimeThatDoesNotShow(t *testing.T) {
	const late = 10100.1 // asked a little late
	tests := map[string]struct {
		verdict      reports.Verdict
		measurements []reports.Measurement
		want         string
	}{
		"gone too early": {reports.Fail, []reports.Measurement{askedBefore("expiry", 9901, reports.ShowsGone)},
			"measured before 9.901 s 1 time, drift below -99.0 ms, margin –, fail"},
		"there too long": {reports.Fail, []reports.Measurement{askedBefore("expiry", 9901, reports.ShowsThere), askedAfter("expiry", late, reports.ShowsThere)},
			"measured after 10.100 s 1 time, drift over +100 ms, margin –, fail"},
		"not to tell": {reports.Inconclusive, []reports.Measurement{askedBefore("expiry", 9901, reports.ShowsUnclear)},
			"measured – 1 time, drift –, margin –, inconclusive"},
		"failed in something else": {reports.Fail, []reports.Measurement{askedBefore("expiry", 9901, reports.ShowsThere), askedAfter("expiry", late, reports.ShowsGone)},
			"measured 9.901–10.100 s 1 time, drift -99.0 ms to +100 ms, margin –, pass"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result := reports.Result{Case: "heartbeat/expiry", Transport: "udp", SenseMode: "3S", Verdict: test.verdict, Measurements: test.measurements}
			heartbeats, _ := timeViews(&reports.Conformance{Results: []reports.Result{result}})
			compareRows(t, describeTimes(heartbeats), []string{"expiry 3S udp: 10.000 s ± 100 ms, " + test.want})
		})
	}
}

// Expiries of a report that has no measurements have their rows all the same.
func TestTimesOfExpiries(t *testing.T) {
	c := &reports.Conformance{
		Expiries: []reports.Expiry{
			{SenseMode: "3S", Transport: "tcp", Nominal: 7000, Earliest: 7001, Latest: 7001, Tolerance: 100, Verdict: reports.Pass},
			{SenseMode: "3S", Transport: "udp", Nominal: 10000, Earliest: 9901, Latest: 10099, Tolerance: 100, Verdict: reports.Pass},
			{SenseMode: "5S", Transport: "tcp", Nominal: 11000, Tolerance: 100, Verdict: reports.Error},
			{SenseMode: "5S", Transport: "ws", Nominal: 11000, Earliest: 12000, Latest: 12000, Tolerance: 100, Verdict: reports.Fail},
		},
		Results: []reports.Result{{Case: "heartbeat/expiry", Transport: "tcp", SenseMode: "3S", Verdict: reports.Pass,
			Measurements: []reports.Measurement{{Name: "expiry", Rule: reports.RulePoint, Shows: reports.ShowsEnded, Value: 7001, Lower: 7000, Upper: 7000, Tolerance: 100}}}},
	}
	heartbeats, _ := timeViews(c)
	compareRows(t, describeTimes(heartbeats), []string{
		"expiry 3S udp: 10.000 s ± 100 ms, measured 9.901–10.099 s 1 time, drift -99.0 ms to +99.0 ms, margin –, pass",
		"expiry 3S tcp: 7.000 s ± 100 ms, measured 7.001 s 1 time, drift +1.00 ms, margin 99.0 ms, pass",
		"expiry 5S tcp: 11.000 s ± 100 ms, measured – 0 times, drift –, margin –, error",
		"expiry 5S ws: 11.000 s ± 100 ms, measured 12.000 s 1 time, drift +1.000 s, margin -900 ms, fail",
	})
}

// The strip has a mark for each time, and the window that they were allowed.
func TestTimeStrip(t *testing.T) {
	c := &reports.Conformance{Results: []reports.Result{{Case: "heartbeat/expiry", Transport: "tcp", Verdict: reports.Fail, Expected: "expiry: after 7s",
		Measurements: []reports.Measurement{{Name: "expiry", Rule: reports.RulePoint, Shows: reports.ShowsEnded, Value: 8010, Lower: 7000, Upper: 7200, Tolerance: 100}, {Name: "expiry", Rule: reports.RulePoint, Shows: reports.ShowsEnded, Value: 7150, Lower: 7000, Upper: 7200, Tolerance: 100}}}}}
	heartbeats, _ := timeViews(c)
	drawn := string(heartbeats[0].Strip())
	for _, want := range []string{"<svg", "Allowed: 7 s to 7.2 s", "8.01 s (bad)", "7.15 s (good)"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("the strip lacks %q: %s", want, drawn)
		}
	}
}

func TestCommonWords(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"expiry", "expiry after data", "expiry"},
		{"second copy of message 1", "second copy of message 2", "second copy of message"},
		{"lost", "second copy", "lost"},
		{"", "lost", ""},
	} {
		if got := commonWords(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: got %q, want %q", test.a, test.b, got, test.want)
		}
	}
}

func TestExpiriesOnThePage(t *testing.T) {
	b := reports.Bundle{Conformance: reporttest.Expiries()}
	page := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) }))
	for _, want := range []string{">9.901–10.100 s <", ">after 21.101 s <", ">below -100 ms</td>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
}
