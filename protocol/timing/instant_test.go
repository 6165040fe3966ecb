package timing_test

import (
	"testing"
	"time"

	"imcheck/protocol/timing"
)

func TestInstants(t *testing.T) {
	start := time.UnixMilli(1_800_000_000_123)
	for name, clock := range map[string]timing.Clock{"from a start": timing.NewClock(start), "from the epoch": {}} {
		first, later := clock.At(start), clock.At(start.Add(90*time.Second))
		if first == timing.Never || later <= first || later.Sub(first) != 90*time.Second || first.Add(90*time.Second) != later {
			t.Errorf("%s: %d and, 90 s later, %d", name, first, later)
		}
		for _, at := range []time.Time{start, start.Add(1), start.Add(240 * time.Hour)} {
			if got := clock.Time(clock.At(at)); !got.Equal(at) {
				t.Errorf("%s: %v became %v", name, at, got)
			}
		}
		if !clock.Time(timing.Never).IsZero() {
			t.Errorf("%s: never is %v", name, clock.Time(timing.Never))
		}
	}
}

// A clock that starts at a time with a monotonic reading keeps to that reading.
func TestInstantsAreMonotonic(t *testing.T) {
	start := time.Now()
	clock, at := timing.NewClock(start), start.Add(time.Minute)
	if got := clock.Time(clock.At(at)); got == got.Round(0) || got.Sub(start) != time.Minute {
		t.Errorf("%v became %v, want it with its monotonic reading", at, got)
	}
}
