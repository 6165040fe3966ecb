package diff

import (
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestDrift(t *testing.T) {
	tests := []struct {
		name     string
		old, new []reports.Result
		drift    float64
		want     Judgement
	}{
		{"as before", reporttest.Expiry(1, 7000), reporttest.Expiry(1, 7000), 0, Held},
		{"on the bound", reporttest.Expiry(1, 7000), reporttest.Expiry(1, 7050), 50, Held},
		{"later", reporttest.Expiry(1, 7000), reporttest.Expiry(1, 7060), 60, Regressed},
		{"earlier", reporttest.Expiry(1, 7000), reporttest.Expiry(1, 6940), -60, Regressed},
		{"back to what is allowed", reporttest.Expiry(1, 8000), reporttest.Expiry(1, 7000), -1000, Improved},
		{"past what is allowed, and nearer", reporttest.Expiry(1, 8000), reporttest.Expiry(1, 6900), -1100, Improved},
		{"from early to late", reporttest.Expiry(1, 6950), reporttest.Expiry(1, 7080), 130, Regressed},
		{"both lags together explain it", reporttest.Expiry(5, 7000), reporttest.Expiry(6, 7061), 61, Inconclusive},
		{"both lags together fall short", reporttest.Expiry(5, 7000), reporttest.Expiry(6, 7062), 62, Regressed},
		{"one round of five is off", reporttest.Expiry(1, 7000), reporttest.Expiry(1, 7000, 9000, 7001, 7002, 6999), 1, Held},
		{"three rounds of five are off", reporttest.Expiry(1, 7000), reporttest.Expiry(1, 7000, 7100, 7100, 7100, 6999), 100, Regressed},
		{"an even number of rounds", reporttest.Expiry(1, 7000, 7010), reporttest.Expiry(1, 7100, 7120), 105, Regressed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := compareRuns(t, reporttest.Conformance(test.old...), reporttest.Conformance(test.new...))
			got := d.Conformance.Drifts[0]
			if got.DriftMs != test.drift || got.Judgement != test.want || got.OldRuns != len(test.old) || got.NewRuns != len(test.new) {
				t.Errorf("got %+v", got)
			}
			if got.Name != "expiry" || got.Case != "heartbeat/expiry" || got.Transport != "tcp" || got.SenseMode != "3S" {
				t.Errorf("%+v is not named", got)
			}
			if want := map[bool]int{true: 1}[test.want == Regressed]; d.ExitCode != want {
				t.Errorf("exit code %d, want %d", d.ExitCode, want)
			}
			if unclear := strings.Contains(d.Reason, "inconclusive: 1 measured time"); unclear != (test.want == Inconclusive) {
				t.Errorf("the reason is %q", d.Reason)
			}
		})
	}
}

// One slow round does not make the median of five any less certain.
func TestMedianLag(t *testing.T) {
	all := []reports.Measurement{{Value: 7000, Lag: 1}, {Value: 7001, Lag: 1}, {Value: 7002, Lag: 1}, {Value: 7003, Lag: 1}, {Value: 9000, Lag: 2000}}
	if got := medianLag(all); got > 2 {
		t.Errorf("the lag is %v", got)
	}
	if got := medianLag(all[4:]); got != 2000 {
		t.Errorf("the lag of one round is %v", got)
	}
}

// A server that looks every 5 s what it has to send again does so at a time that
// depends on when the run was begun.
func TestDriftInsideOfWhatIsAllowed(t *testing.T) {
	between := func(v, lower, upper float64) []reports.Measurement {
		return []reports.Measurement{{Name: "second copy", Value: v, Lower: lower, Upper: upper, Tolerance: 100}}
	}
	tests := []struct {
		name     string
		old, new []reports.Measurement
		want     Judgement
	}{
		{"elsewhere between the bounds", between(3800, 2000, 7000), between(6900, 2000, 7000), Held},
		{"from bound to bound", between(2000, 2000, 7000), between(7000, 2000, 7000), Held},
		{"past the bound, within the tolerance", between(3800, 2000, 7000), between(7100, 2000, 7000), Held},
		{"past the tolerance", between(3800, 2000, 7000), between(7101, 2000, 7000), Regressed},
		{"back between the bounds", between(8000, 2000, 7000), between(3000, 2000, 7000), Improved},
		{"no more room than may be drifted", between(7000, 7000, 7050), between(7100, 7000, 7050), Regressed},
		{"room in one of the runs only", between(7000, 7000, 7200), between(7100, 7000, 7020), Regressed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := driftOf(CaseKey{}, "second copy", test.old, test.new, 50); got.Judgement != test.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A time that only one run measured is not a drift: the verdict of its case covers it.
func TestTimeOfOneRunOnly(t *testing.T) {
	unmeasured := reporttest.Expiry(1, 7000)
	unmeasured[0].Measurements = nil
	if d := compareRuns(t, reporttest.Conformance(reporttest.Expiry(1, 7000)...), reporttest.Conformance(unmeasured...)); len(d.Conformance.Drifts) != 0 {
		t.Errorf("got %+v", d.Conformance.Drifts)
	}
}
