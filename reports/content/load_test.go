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
		{&reports.Recovery{AtMs: 12_500, Dropped: 20, Returned: 20, P50Ms: 3, P99Ms: 3, P100Ms: 3, Silent: &reports.Silent{}},
			"20 clients were gone without a word after 12.5 s, all within 0 ms; logged in again: half after 3.00 ms, 99 % after 3.00 ms, all after 3.00 ms"},
		{&reports.Recovery{AtMs: 12_500, P50Ms: -1, P99Ms: -1, P100Ms: -1, Away: &reports.Away{ForMs: 2000, Online: 60, Through: 60}},
			"we took the network away after 12.5 s for 2.0 s, from 60 clients that were logged in: 60 came through with the same session, 0 gave up, 0 expired at the server"},
		{&reports.Recovery{AtMs: 12_500, Dropped: 20, Returned: 20, P50Ms: 3, P99Ms: 3, P100Ms: 3, Away: &reports.Away{ForMs: 20_000, Online: 60, Through: 40, GaveUp: 15, Expired: 5}},
			"we took the network away after 12.5 s for 20.0 s, from 60 clients that were logged in: 40 came through with the same session, 15 gave up, 5 expired at the server; " +
				"logged in again once it was back: half after 3.00 ms, 99 % after 3.00 ms, all after 3.00 ms"},
		{&reports.Recovery{AtMs: 12_500, TookMs: 2.5, Dropped: 2000, Returned: 1999, P50Ms: 0, P99Ms: 3210, P100Ms: -1},
			"2,000 clients were dropped after 12.5 s, all within 2.50 ms; logged in again: half after 0 ms, 99 % after 3.210 s, all never"},
	}
	for _, test := range tests {
		if got := RecoveryWords(test.recovery); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestBacklogWords(t *testing.T) {
	for want, b := range map[string]*reports.Backlog{
		"": nil,
		"backlog: 90 messages to 9 clients that were away; 90 acknowledged as stored, 88 arrived after the return of 9 (2 further copies, 1 out of order)": {Absent: 9, Returned: 9, Sent: 90, Stored: 90, Delivered: 88, Duplicated: 2, Reordered: 1},
		"backlog: 90 messages to 9 clients that were away; 0 acknowledged as stored, 0 arrived after the return of 9 (0 further copies, 0 out of order); " +
			"the target has no offline store, or none for these users: it acknowledged nothing and delivered nothing": {Absent: 9, Returned: 9, Sent: 90},
		"backlog: 90 messages to 9 clients that were away; 80 acknowledged as stored, 0 arrived after the return of 9 (0 further copies, 0 out of order); " +
			"the target says that it stores messages, and delivers none at the login: the protocol leaves that to the application; 3 arrived although the client had logged out": {Absent: 9, Returned: 9, Sent: 90, Stored: 80, Early: 3},
	} {
		if got := BacklogWords(b); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMixAndFanOutWords(t *testing.T) {
	if got, want := MixWords([]reports.Part{{Scenario: "idle", Clients: 1}, {Scenario: "churn", Clients: 2000, RatePerSecond: 0.5}}), "mix: 1 client idle, 2,000 clients churn at 0.5 per second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := FanOutWords(&reports.FanOut{Group: 300, Messages: 1000, Complete: 999}), "fan-out: 1,000 messages to groups of 300 were due, and 999 arrived at all members"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if MixWords(nil) != "" || FanOutWords(nil) != "" {
		t.Error("there are words without a mix or a fan-out")
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
