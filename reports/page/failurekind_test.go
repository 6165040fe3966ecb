package page

import (
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
)

// Which failures are of one kind shows in the fields of measurements, not in the words of
// their names.
func TestFailureKinds(t *testing.T) {
	failed := func(id, transport string, m reports.Measurement) resultView {
		return resultView{Result: reports.Result{Case: id, Transport: transport, Verdict: reports.Fail, Expected: "x", Actual: "y", Measurements: []reports.Measurement{m}}}
	}
	point := func(name string, nominal, value float64) reports.Measurement {
		return reports.Measurement{Name: name, Rule: reports.RulePoint, Shows: reports.ShowsEnded, Value: value, Lower: nominal, Upper: nominal + 5, Tolerance: 100}
	}
	bracket := func(of string, side reports.Side, shows reports.Shows) reports.Measurement {
		return reports.Measurement{Name: of + ": asked", Of: of, Rule: reports.RuleBracket, Side: side, Shows: shows, Value: 9950, Lower: 9900, Upper: 10_000}
	}
	after := bracket("give-up after data", reports.SideAfter, reports.ShowsThere)
	after.Lower, after.Upper = 10_000, 10_100
	results := []resultView{
		failed("heartbeat/a", "tcp", point("expiry", 7000, 6000)),
		failed("heartbeat/b", "tcp", point("give-up after data", 7000, 6100)),                                 // by its bounds
		failed("heartbeat/b", "udp", bracket("give-up after data", reports.SideBefore, reports.ShowsGone)),    // by its time
		failed("heartbeat/c", "udp", bracket("end despite a ping", reports.SideBefore, reports.ShowsGone)),    // by its bounds, of a bracket
		failed("heartbeat/d", "udp", after),                                                                   // late
		failed("heartbeat/e", "tcp", point("expiry of the token", 60_000, 50_000)),                            // another time with the same word
		failed("login/a", "tcp", point("expiry", 7000, 6000)),                                                 // of another area
		failed("heartbeat/f", "udp", bracket("end despite a ping", reports.SideBefore, reports.ShowsUnclear)), // not for its time
	}
	kinds := newFailureKinds(results)
	grouped := map[string][]string{}
	for _, r := range results {
		kind := kinds.kind(r.Result)
		grouped[kind] = append(grouped[kind], r.Case+" "+r.Transport)
	}
	var got []string
	for _, members := range grouped {
		got = append(got, strings.Join(members, ", "))
	}
	slices.Sort(got)
	want := []string{
		"heartbeat/a tcp, heartbeat/b tcp, heartbeat/b udp, heartbeat/c udp",
		"heartbeat/d udp",
		"heartbeat/e tcp",
		"heartbeat/f udp",
		"login/a tcp",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
