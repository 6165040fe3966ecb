package chart

import (
	"math"
	"slices"
	"testing"
)

func labels(a axis) (texts []string) {
	for _, tick := range a.ticks {
		texts = append(texts, tick.Label)
	}
	return texts
}

func TestValueAxis(t *testing.T) {
	tests := []struct {
		name     string
		values   []float64
		unit     string
		mayBeLog bool
		want     []string
	}{
		{"counts", []float64{0, 980}, "", false, []string{"0", "250", "500", "750", "1000"}},
		{"one", []float64{0, 1}, "", false, []string{"0", "1"}},
		{"whole numbers", []float64{0, 7}, "", false, []string{"0", "2", "4", "6", "8"}},
		{"parts of one", []float64{0, 0.7}, "", false, []string{"0", "0.2", "0.4", "0.6", "0.8"}},
		{"thousands", []float64{0, 64_000}, "", false, []string{"0", "20 k", "40 k", "60 k", "80 k"}},
		{"below 0", []float64{-3, 5}, "", false, []string{"-4", "-2", "0", "2", "4", "6"}},
		{"µs in ms", []float64{900, 3900}, Microseconds, true, []string{"0", "1 ms", "2 ms", "3 ms", "4 ms"}},
		{"ms in s", []float64{9000, 13_000}, Milliseconds, false, []string{"0", "5 s", "10 s", "15 s"}},
		{"bytes", []float64{0, 41e6}, Bytes, false, []string{"0", "10 MiB", "20 MiB", "30 MiB", "40 MiB"}},
		{"two decades", []float64{300, 30_000}, Microseconds, true,
			[]string{"200 µs", "", "", "500 µs", "", "", "", "", "1 ms", "2 ms", "", "", "5 ms", "", "", "", "", "10 ms", "20 ms", "", "", "50 ms"}},
		{"no logarithm of 0", []float64{0, 30_000}, Microseconds, true, []string{"0", "10 ms", "20 ms", "30 ms"}},
		{"nothing", nil, "", true, []string{"0", "1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := valueAxis(test.values, test.unit, test.mayBeLog)
			if got := labels(a); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			for _, v := range test.values {
				if v < a.min || v > a.max {
					t.Errorf("%v is not on the axis from %v to %v", v, a.min, a.max)
				}
			}
		})
	}
}

// However far apart they are, values are on the axis and marks are few.
func TestAxisBounds(t *testing.T) {
	for exponent := -9.0; exponent <= 15; exponent += 0.37 {
		for _, ratio := range []float64{1, 1.5, 29, 31, 1e4, 1e20} {
			high := math.Pow(10, exponent)
			low := max(high/ratio, smallest)
			for _, a := range []axis{valueAxis([]float64{low, high}, Microseconds, true), valueAxis([]float64{-low, high}, Bytes, true), timeAxis(high)} {
				named := 0
				for _, tick := range a.ticks {
					if tick.Value < a.min || tick.Value > a.max {
						t.Errorf("%v to %v: a mark at %v, outside of %v to %v", low, high, tick.Value, a.min, a.max)
					}
					if tick.Label != "" {
						named++
					}
				}
				if named < 1 || named > 12 {
					t.Errorf("%v to %v: %d labels", low, high, named)
				}
			}
		}
	}
}

func TestTimeAxis(t *testing.T) {
	tests := []struct {
		end  float64
		want []string
	}{
		{3, []string{"0", "0.5 s", "1 s", "1.5 s", "2 s", "2.5 s", "3 s"}},
		{28, []string{"0", "5 s", "10 s", "15 s", "20 s", "25 s"}},
		{90, []string{"0", "15 s", "30 s", "45 s", "60 s", "75 s", "90 s"}},
		{600, []string{"0", "2 min", "4 min", "6 min", "8 min", "10 min"}},
		{3600, []string{"0", "10 min", "20 min", "30 min", "40 min", "50 min", "60 min"}},
		{86_400, []string{"0", "4 h", "8 h", "12 h", "16 h", "20 h", "24 h"}},
		{10 * 86_400, []string{"0", "2 d", "4 d", "6 d", "8 d", "10 d"}},
		{0, []string{"0", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1 s"}},
	}
	for _, test := range tests {
		if got := labels(timeAxis(test.end)); !slices.Equal(got, test.want) {
			t.Errorf("%v s: got %q, want %q", test.end, got, test.want)
		}
	}
}

// The first and the last run have their names, and names do not touch.
func TestRunAxis(t *testing.T) {
	for _, n := range []int{1, 2, 7, 60, 1000} {
		runs := make([]string, n)
		for i := range runs {
			runs[i] = "run of 2030-12-31T23:59"
		}
		a := runAxis(runs)
		var named []float64
		for _, tick := range a.ticks {
			if tick.Label != "" {
				named = append(named, tick.Value)
			}
		}
		if named[0] != 0 && n > 1 || named[len(named)-1] != float64(n-1) || len(named) > 3 {
			t.Errorf("of %d runs those at %v have names", n, named)
		}
	}
}
