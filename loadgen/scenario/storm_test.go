package scenario

import (
	"testing"
	"time"
)

func TestTimeUntil(t *testing.T) {
	back := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}
	tests := []struct {
		dropped int
		percent float64
		want    float64
	}{{4, 50, 2000}, {4, 99, -1}, {3, 99, 3000}, {3, 100, 3000}, {3, 50, 2000}, {0, 50, -1}, {100, 1, 1000}}
	for _, test := range tests {
		if got := timeUntil(back, test.dropped, test.percent); got != test.want {
			t.Errorf("%v %% of %d were back after %v ms, want %v", test.percent, test.dropped, got, test.want)
		}
	}
}
