package content

import (
	"slices"
	"testing"

	"imcheck/reports"
)

func TestRecoveryWords(t *testing.T) {
	tests := []struct {
		recovery *reports.Recovery
		want     string
	}{
		{nil, ""},
		{&reports.Recovery{AtMs: 12_500, Dropped: 1, Returned: 1, P50Ms: 3, P99Ms: 3, P100Ms: 3},
			"1 client was dropped after 12.5 s, all within 0 ms; logged in again: half after 3.00 ms, 99 % after 3.00 ms, all after 3.00 ms"},
		{&reports.Recovery{AtMs: 12_500, TookMs: 2.5, Dropped: 2000, Returned: 1999, P50Ms: 0, P99Ms: 3210, P100Ms: -1},
			"2,000 clients were dropped after 12.5 s, all within 2.50 ms; logged in again: half after 0 ms, 99 % after 3.210 s, all never"},
	}
	for _, test := range tests {
		if got := RecoveryWords(test.recovery); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestOutageWords(t *testing.T) {
	s := reports.Sessions{}
	if got := OutageWords(s); got != "" {
		t.Errorf("got %q without an outage", got)
	}
	s.Outages = []reports.Outage{{FromMs: 16_000, ToMs: 20_100}, {FromMs: 61_000, ToMs: 65_000}}
	if got, want := OutageWords(s), "nobody was online from 16.0 s to 20.1 s, from 1 min 1 s to 1 min 5 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A closed loop must not be read as an open one.
func TestLoopWords(t *testing.T) {
	for _, closed := range []bool{true, false} {
		if got := LoopWords(&reports.Load{ClosedLoop: closed}); (got != "") != closed {
			t.Errorf("closed: %t: got %q", closed, got)
		}
	}
}

func TestLostByCause(t *testing.T) {
	causes, total := LostByCause(reports.Sessions{LostByCause: map[string]int64{"b": 2, "a": 2, "c": 9}})
	if want := []LossCause{{"c", 9}, {"a", 2}, {"b", 2}}; total != 13 || !slices.Equal(causes, want) {
		t.Errorf("got %v, %d", causes, total)
	}
}
