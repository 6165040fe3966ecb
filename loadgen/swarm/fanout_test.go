package swarm

import (
	"testing"

	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Every member but the sender gets each message of the group, at once.
func TestFanOutReachesTheWholeGroup(t *testing.T) {
	c := scenarioLoad("fanout")
	c.Clients, c.FanOut, c.Rate = 61, 20, 2 // two groups of 20 and one of 21
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	got := ledgerOf(t, report, plan.ToClient)
	if got.Sent < 60*19 || got.Sent > 60*20 || got.Delivered != got.Sent || got.Acknowledged != got.Sent || got.Unbalanced != 0 {
		t.Errorf("the ledger is %+v", got)
	}
	if want := (reports.FanOut{Group: 20, Messages: 60, Complete: 60}); report.FanOut == nil || *report.FanOut != want {
		t.Errorf("got %+v, want %+v", report.FanOut, want)
	}
	if l := latencyOf(report, reports.KindFanOut, reports.AllTransports, reports.FromDue); l.Count != 60 || l.MaxUs != 0 {
		t.Errorf("%d messages reached the last member after up to %d µs, want 60 at once", l.Count, l.MaxUs)
	}
	if want := 2 * (40*19 + 21*20) / 61.0; report.RatePerSecond != want {
		t.Errorf("%v messages a second are reported, want %v", report.RatePerSecond, want)
	}
}

// What does not arrive is not complete, though each copy was acknowledged.
func TestFanOutOfWhatDoesNotArrive(t *testing.T) {
	c := scenarioLoad("fanout")
	c.FanOut, c.Rate = 30, 1
	report := runVirtual(t, c, nil, "c2c-dropped")
	if report.FanOut == nil || report.FanOut.Messages != 30 || report.FanOut.Complete != 0 {
		t.Errorf("got %+v", report.FanOut)
	}
}

// Stages change the rate of messages to groups; in a mix the groups are of its clients.
func TestFanOutInStagesAndMixes(t *testing.T) {
	c := staged("fanout", options.Stage{For: 10e9, Rate: 1}, options.Stage{For: 10e9, Rate: 3, Linear: true})
	c.FanOut = 30
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	for i, want := range []int64{10, 20} {
		if got := sentIn(report.Stages[i]); got != 29*want {
			t.Errorf("stage %d has %d messages, want %d", i, got, 29*want)
		}
	}
	m := mixOf(options.MixPart{Scenario: "fanout", Weight: 1}, options.MixPart{Scenario: "steady", Weight: 1})
	m.FanOut, m.MixRates = 15, []options.MixRate{{Scenario: "fanout", Rate: 2}}
	report = runVirtual(t, m, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	if want := (reports.FanOut{Group: 15, Messages: 60, Complete: 60}); report.FanOut == nil || *report.FanOut != want {
		t.Errorf("in a mix: got %+v, want %+v", report.FanOut, want)
	}
}
