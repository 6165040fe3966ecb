package chart

import (
	"math"
	"slices"
	"testing"
)

func TestNinesScale(t *testing.T) {
	tests := []struct{ share, low, high, want float64 }{
		{0, 0, 0.999, 0},
		{0.9, 0, 0.999, 1. / 3},
		{0.99, 0, 0.999, 2. / 3},
		{0.999, 0, 0.999, 1},
		{0.5, 0, 0.9, math.Log10(2)},
		{0.99, 0.9, 0.999, 0.5},
		{-1, 0, 0.99, 0},
		{math.NaN(), 0, 0.99, 0},
		{1, 0, 1, 1},             // not infinitely far away
		{0.999999, 0, 1, 6. / 7}, // seven nines are the end
		{0.5, 0.99, 0.99, 0},     // no room, and no division by it
		{1, 0, 0.99, 3.5},        // outside, where nothing is drawn
	}
	for _, test := range tests {
		if got := (ninesScale{}).Normalize(test.low, test.high, test.share); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("%v from %v to %v is at %v, want %v", test.share, test.low, test.high, got, test.want)
		}
	}
}

func TestNinesTicks(t *testing.T) {
	tests := []struct {
		high float64
		want []string // "" has a mark and no label
	}{
		{0.9, []string{"0", "50 %", "90 %"}},
		{0.95, []string{"0", "50 %", "90 %"}},
		{0.999, []string{"0", "50 %", "90 %", "99 %", "99.9 %"}},
		{0.9999, []string{"0", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"}},
		{0.99999, []string{"0", "", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"}},
		{0.9999999, []string{"0", "", "90 %", "99 %", "99.9 %", "", "99.999 %", "", "99.99999 %"}},
		{1, []string{"0", "", "90 %", "99 %", "99.9 %", "", "99.999 %", "", "99.99999 %"}},
	}
	for _, test := range tests {
		var got []string
		last := -1.0
		for _, tick := range (ninesTicks{}).Ticks(0, test.high) {
			got = append(got, tick.Label)
			if tick.Value <= last || tick.Value > test.high {
				t.Errorf("up to %v: a mark at %v after one at %v", test.high, tick.Value, last)
			}
			last = tick.Value
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("up to %v: got %q, want %q", test.high, got, test.want)
		}
	}
}

// The largest value is drawn above the last share before it, not at infinity.
func TestPlacedQuantiles(t *testing.T) {
	got := placed([]Quantile{{1, 900}, {0.5, 10}, {math.NaN(), 5}, {0.99, 100}, {-3, -7}})
	want := []Point{{0, 1}, {0.5, 10}, {0.99, 100}, {0.99, 900}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if only := placed([]Quantile{{1, 900}}); !slices.Equal(only, []Point{{0.9, 900}}) {
		t.Errorf("one value alone is at %v", only)
	}
}
