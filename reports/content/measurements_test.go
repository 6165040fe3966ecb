package content

import (
	"math"
	"testing"

	"imcheck/reports"
)

func TestWindowAndDrift(t *testing.T) {
	tests := []struct {
		m             reports.Measurement
		window, drift string
		past          float64
	}{
		{reports.Measurement{Value: 4000, Lower: 2000, Upper: 7000}, "2.000–7.000 s", "2.000 s inside", -2000},
		{reports.Measurement{Value: 6900, Lower: 2000, Upper: 7000}, "2.000–7.000 s", "100 ms inside", -100},
		{reports.Measurement{Value: 7180, Lower: 2000, Upper: 7000}, "2.000–7.000 s", "180 ms late", 180},
		{reports.Measurement{Value: 1500, Lower: 2000, Upper: 7000}, "2.000–7.000 s", "500 ms early", 500},
		{reports.Measurement{Value: 10_061, Lower: 10_000, Upper: 10_000}, "10.000 s", "61.0 ms late", 61},
		{reports.Measurement{Value: 10_000, Lower: 10_000, Upper: 10_000}, "10.000 s", "on the bound", 0},
		{reports.Measurement{Value: 30, Lower: 0, Upper: 500}, "0–500 ms", "30.0 ms inside", -30},
	}
	for _, test := range tests {
		if got := Window(test.m); got != test.window {
			t.Errorf("%+v: window %q, want %q", test.m, got, test.window)
		}
		if got := Drift(test.m); got != test.drift {
			t.Errorf("%+v: drift %q, want %q", test.m, got, test.drift)
		}
		if got := test.m.Drift(); math.Abs(got-test.past) > 1e-9 {
			t.Errorf("%+v: Drift %v, want %v", test.m, got, test.past)
		}
	}
}
