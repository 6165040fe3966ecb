package diff

import (
	"math"
	"strings"
	"testing"
)

func upTo(from, to int64) (values []int64) {
	for v := from; v <= to; v++ {
		values = append(values, v)
	}
	return values
}

// The probabilities were worked out from the definition: U by counting pairs, its
// mean, its variance with ties, and the normal distribution.
func TestMannWhitney(t *testing.T) {
	tests := []struct {
		name       string
		less, more []int64
		want       float64
	}{
		{"all ahead", upTo(1, 10), upTo(11, 20), 0.00009135},                                        // U 100, mean 50, variance 175: z 3.7418
		{"all behind", upTo(11, 20), upTo(1, 10), 0.99993},                                          // U 0: z -3.8174
		{"the same values", upTo(1, 10), upTo(1, 10), 0.51513},                                      // U 50, variance 173.68: z -0.0379
		{"nothing differs", []int64{5, 5, 5, 5}, []int64{5, 5, 5, 5}, 1},                            // no variance
		{"two values", []int64{1, 1, 1, 1, 1, 1, 1, 2}, []int64{1, 2, 2, 2, 2, 2, 2, 2}, 0.002226},  // U 56, mean 32, variance 68.27: z 2.8442
		{"one outlier", append(upTo(1, 9), 10), []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000_000}, 0.5}, // U 50.5: z 0
		{"sizes differ", upTo(1, 8), upTo(9, 20), 0.00012},                                          // U 96, mean 48, variance 168: z 3.6646
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := mannWhitney(test.less, test.more); math.Abs(got-test.want) > 0.00005 {
				t.Errorf("got %.6f, want %.6f", got, test.want)
			}
		})
	}
}

func TestNoiseLooksInTheDirectionOfTheChange(t *testing.T) {
	if up, down := noiseOf(upTo(1, 10), upTo(11, 20), true), noiseOf(upTo(11, 20), upTo(1, 10), false); up != down || up.p >= noiseLevel || up.seconds != 10 {
		t.Errorf("slower is %+v, faster is %+v", up, down)
	}
	if got := noiseOf(upTo(1, 10), upTo(11, 20), false); got.p < 0.99 {
		t.Errorf("seconds that are slower show that the run is faster: %+v", got)
	}
}

func TestNoiseUnjudged(t *testing.T) {
	tests := []struct {
		name string
		noise
		want string
	}{
		{"no logs", noise{missing: "old"}, "old lacks histogram logs"},
		{"too few seconds", noise{seconds: minSeconds - 1}, "less than 8 seconds"},
		{"enough", noise{seconds: minSeconds}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.unjudged(); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q", got)
			}
		})
	}
	// With the fewest seconds that are enough, a clear difference shows.
	if got := noiseOf(upTo(1, minSeconds), upTo(101, 100+minSeconds), true); got.p >= noiseLevel {
		t.Errorf("eight slower seconds are noise: %+v", got)
	}
}
