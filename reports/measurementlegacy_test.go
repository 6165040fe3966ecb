package reports

import (
	"slices"
	"testing"
)

// Reports of older programs say in names and in what was expected what the fields of a
// measurement say now.
func TestMeasurementsOfOlderReports(t *testing.T) {
	point := Measurement{Name: "expiry", Rule: RulePoint, Shows: ShowsEnded, Value: 7001, Lower: 7000, Upper: 7010}
	window := Measurement{Name: "second copy", Rule: RuleWindow, Shows: ShowsEnded, Value: 4000, Lower: 2000, Upper: 7000}
	before := func(shows Shows) Measurement {
		return Measurement{Name: "expiry: still there", Of: "expiry", Rule: RuleBracket, Side: SideBefore, Shows: shows, Value: 9901, Lower: 9900, Upper: 10000}
	}
	after := func(shows Shows) Measurement {
		return Measurement{Name: "expiry: gone", Of: "expiry", Rule: RuleBracket, Side: SideAfter, Shows: shows, Value: 10100, Lower: 10000, Upper: 10100}
	}
	for name, test := range map[string]struct {
		result Result
		want   []Measurement
	}{
		"a point and a window":      {Result{Verdict: Fail, Expected: "expiry: after 7s"}, []Measurement{window, point}},
		"both as they have to be":   {Result{Verdict: Pass}, []Measurement{before(ShowsThere), after(ShowsGone)}},
		"gone too early":            {Result{Verdict: Fail, Expected: "expiry: still there after 9.901s: keep-alive response"}, []Measurement{before(ShowsGone)}},
		"there too long":            {Result{Verdict: Fail, Expected: "expiry: gone after 10.1s: error response"}, []Measurement{before(ShowsThere), after(ShowsThere)}},
		"it cannot be told":         {Result{Verdict: Inconclusive, Reason: "asked too late"}, []Measurement{before(ShowsUnclear)}},
		"it failed in another step": {Result{Verdict: Fail, Expected: "data"}, []Measurement{before(ShowsThere), after(ShowsGone)}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, m := range test.want {
				test.result.Measurements = append(test.result.Measurements, Measurement{Name: m.Name, Value: m.Value, Lower: m.Lower, Upper: m.Upper})
			}
			results := []Result{test.result}
			completeMeasurements(results)
			if got := results[0].Measurements; !slices.Equal(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			completeMeasurements(results)
			if got := results[0].Measurements; !slices.Equal(got, test.want) {
				t.Errorf("completed twice: %+v", got)
			}
		})
	}
}
