package verdict

import (
	"strings"
	"testing"

	"imcheck/reports"
)

// healthy is a load without anything wrong.
func healthy() *reports.Load {
	return &reports.Load{Scenario: "storm", Clients: map[string]int{"tcp": 40}, Sessions: reports.Sessions{LoggedIn: 80, PeakOnline: 40, AtEnd: 40}}
}

// stormy is a good load with a storm.
func stormy(how string, r reports.Recovery) *reports.Load {
	l := healthy()
	l.Scenario, l.Storm, l.Measured, l.Recovery = "storm", how, []string{"login", "relogin", reports.MeasuresRecovery}, &r
	return l
}

func TestStormThresholds(t *testing.T) {
	silent := stormy(reports.StormSilent, reports.Recovery{Dropped: 40, Returned: 40, Silent: &reports.Silent{Zombies: 30, SelfKicks: 10}})
	away := stormy(reports.StormAway, reports.Recovery{Dropped: 5, Returned: 5, Away: &reports.Away{Online: 20, Through: 15, GaveUp: 4, Expired: 1}})
	for _, test := range []struct {
		load      *reports.Load
		threshold string
		held      bool
	}{
		{silent, "storm.zombies==30", true}, {silent, "storm.zombies==75%", true}, {silent, "storm.self_kicks<10", false}, {silent, "storm.overdue==0", true},
		{away, "storm.through>=75%", true}, {away, "storm.gave_up==4", true}, {away, "storm.expired==0", false},
	} {
		got, err := Judge(parsed(t, test.threshold), test.load, "")
		if err != nil || got[0].Held != test.held || got[0].Unknown {
			t.Errorf("%s: %+v, %v; want held: %t", test.threshold, got, err, test.held)
		}
	}
	for text, l := range map[string]*reports.Load{"storm.zombies==0": away, "storm.through>5": silent} {
		if _, err := Judge(parsed(t, text), l, ""); err == nil || !strings.Contains(err.Error(), "only a storm with how:") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// What a server does wrong in a storm fails the run; what we did ourselves does not.
func TestStormOutcomes(t *testing.T) {
	for _, test := range []struct {
		name    string
		silent  *reports.Silent
		away    *reports.Away
		lost    int64
		outcome reports.Outcome
		reason  string
	}{
		{"all well", &reports.Silent{Zombies: 3, SelfKicks: 1, TakenOver: 2}, nil, 0, reports.OutcomePass, ""},
		{"not kicked", &reports.Silent{NotKicked: 1}, nil, 0, reports.OutcomeFail, "1 abandoned session was not kicked"},
		{"kicked in vain", &reports.Silent{KickedEqual: 2}, nil, 0, reports.OutcomeFail, "2 abandoned sessions were kicked although"},
		{"misdirected", &reports.Silent{Misdirected: 2}, nil, 0, reports.OutcomeFail, "2 abandoned sessions were sent what belongs"},
		{"overdue", &reports.Silent{Overdue: 2}, nil, 0, reports.OutcomeFail, "2 abandoned sessions were still there"},
		{"lost by us", nil, &reports.Away{Messages: []reports.AwayMessages{{Kind: reports.MessagesC2C, Sent: 5, Lost: 2, Missing: 2}}}, 2, reports.OutcomePass, ""},
		{"and one by the server", nil, &reports.Away{Messages: []reports.AwayMessages{{Kind: reports.MessagesC2C, Sent: 5, Lost: 2, Missing: 2}}}, 3, reports.OutcomeFail, "1 c2c message was lost"},
	} {
		l := healthy()
		l.Recovery = &reports.Recovery{Silent: test.silent, Away: test.away}
		l.Messages = []reports.Ledger{{Kind: reports.MessagesC2C, Sent: 100, Acknowledged: 100 - test.lost, Delivered: 100 - test.lost, Lost: test.lost, Missing: test.lost}}
		outcome, reason := Of(l, Run{})
		if outcome != test.outcome || !strings.Contains(reason, test.reason) {
			t.Errorf("%s: %s, %s; want %s, %s", test.name, outcome, reason, test.outcome, test.reason)
		}
	}
}
