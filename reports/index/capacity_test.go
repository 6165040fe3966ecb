package index

import (
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// Searches of the same are a group of their own, with the trend of both bounds, and what
// changed from one to the next.
func TestGroupOfSearches(t *testing.T) {
	search := func(day int, lower, upper float64, first string) Run {
		return Run{Folder: time.Weekday(day).String(), Capacity: &reports.Capacity{
			Header: reports.Header{Kind: reports.KindCapacity, Started: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Outcome: reports.OutcomePass},
			Search: reports.SearchRate, Unit: "messages a second", Scenario: "steady", Clients: 10, Thresholds: []string{"c2c_delivery.p99<100ms"},
			Ending: reports.EndingFound, Lower: lower, Upper: upper, GaveWay: &reports.GaveWay{Expression: first},
		}}
	}
	const p99 = "c2c_delivery.p99<100ms"
	other := search(4, 10, 11, p99)
	other.Capacity.Scenario = "push"
	groups := groupRuns([]Run{other, search(3, 500, 520, "ledger.lost==0"), search(2, 1010, 1050, p99), search(1, 1000, 1040, p99)})
	if len(groups) != 2 || len(groups[0].runs) != 3 || groups[0].kind != reports.KindCapacity {
		t.Fatalf("%d groups: %+v", len(groups), groups)
	}
	g := groups[0]
	if row := g.row(1); row.Short != "as before" || !strings.Contains(row.Summary, "1,010 messages a second") {
		t.Errorf("the second: %+v", row)
	}
	if row := g.row(2); row.Short != "1 capacity lower, 1 other threshold gave way first" {
		t.Errorf("the third: %+v", row)
	}
	trends := g.trends()
	if len(trends) != 1 || len(trends[0].lines) != 2 || trends[0].lines[0].values[2] != 500 || trends[0].lines[1].values[0] != 1040 {
		t.Errorf("trends: %+v", trends)
	}
	if !strings.Contains(g.title(), "Capacity of the target in messages a second, scenario steady") || !strings.Contains(g.terms(), p99) {
		t.Errorf("%s; %s", g.title(), g.terms())
	}
}
