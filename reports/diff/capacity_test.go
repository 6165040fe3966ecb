package diff

import (
	"strings"
	"testing"

	"imcheck/reports"
)

func search(ending reports.Ending, lower, upper float64) *reports.Capacity {
	c := &reports.Capacity{Search: reports.SearchRate, Unit: "messages a second", Scenario: "steady", Clients: 10, Thresholds: []string{"c2c_delivery.p99<100ms"}, Ending: ending, Lower: lower, Upper: upper}
	if upper > 0 {
		c.GaveWay = &reports.GaveWay{Expression: c.Thresholds[0], Actual: 120, Unit: "ms"}
	}
	return c
}

// A capacity has changed when all that it may be is below, or above, all that it may have been.
func TestCompareCapacity(t *testing.T) {
	found := search(reports.EndingFound, 1000, 1050)
	tests := []struct {
		name          string
		before, after *reports.Capacity
		want          Judgement
	}{
		{"the same", found, found, Held},
		{"bounds that overlap", found, search(reports.EndingFound, 1040, 1090), Held},
		{"a little less", found, search(reports.EndingFound, 920, 960), Held},
		{"less", found, search(reports.EndingFound, 800, 840), Regressed},
		{"more", found, search(reports.EndingFound, 1200, 1260), Improved},
		{"less than the lowest", found, search(reports.EndingBelow, 0, 500), Regressed},
		{"more than the lowest", search(reports.EndingBelow, 0, 500), found, Improved},
		{"at least as much", found, search(reports.EndingLimited, 1300, 0), Improved},
		{"at least less", found, search(reports.EndingLimited, 800, 0), Inconclusive},
		{"the highest in both", search(reports.EndingReached, 800, 0), search(reports.EndingReached, 800, 0), Held},
		{"nothing", found, search(reports.EndingGone, 0, 0), NotCompared},
	}
	for _, test := range tests {
		got, err := OfCapacity(test.before, test.after, DefaultBounds)
		if err != nil || got.Judgement != test.want {
			t.Errorf("%s: %+v, %v; want %s", test.name, got, err, test.want)
		}
	}
}

func TestCompareCapacityRefuses(t *testing.T) {
	for flag, change := range map[string]func(c *reports.Capacity){
		"--find":      func(c *reports.Capacity) { c.Search = reports.SearchClients },
		"--scenario":  func(c *reports.Capacity) { c.Scenario = "push" },
		"--clients":   func(c *reports.Capacity) { c.Clients = 20 },
		"--rate":      func(c *reports.Capacity) { c.RatePerSecond = 20 },
		"--threshold": func(c *reports.Capacity) { c.Thresholds = nil },
	} {
		other := search(reports.EndingFound, 1000, 1050)
		change(other)
		if _, err := OfCapacity(search(reports.EndingFound, 1000, 1050), other, DefaultBounds); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
