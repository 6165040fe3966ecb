package loadgen

import "imcheck/reports"

// recoveryShares are the parts of the dropped clients, in percent, of which it
// is told when they were logged in again.
var recoveryShares = [...]float64{50, 99, 100}

// recoveryTime is when a share of the dropped clients was logged in again, in
// microseconds since they were dropped; known is false when it never was.
func recoveryTime(r *reports.Recovery, percent float64) (us float64, known bool) {
	if r == nil {
		return 0, false
	}
	ms := map[float64]float64{50: r.P50Ms, 99: r.P99Ms, 100: r.P100Ms}[percent]
	return ms * 1000, ms >= 0
}
