package verdict

import (
	"testing"

	"imcheck/reports"
)

func TestOfCapacity(t *testing.T) {
	crossed := &reports.GaveWay{Step: 4, Expression: "c2c_delivery.p99<100ms", Actual: 485.887, Unit: "ms", Reason: "1 of 1 thresholds was crossed"}
	lost := &reports.GaveWay{Step: 4, Reason: "3 c2c messages were lost"}
	steps := []reports.CapacityStep{{Number: 1}, {Number: 2, Reason: "1 send in 100 went out more than 3ms late"}}
	for name, test := range map[string]struct {
		c       reports.Capacity
		outcome reports.Outcome
		want    string
	}{
		"found": {reports.Capacity{Ending: reports.EndingFound, Lower: 1020, Upper: 1060.5, GaveWay: crossed}, reports.OutcomePass,
			"1020 messages a second hold and 1060.5 do not: c2c_delivery.p99<100ms measured 485.9ms"},
		"found, for another reason": {reports.Capacity{Ending: reports.EndingFound, Lower: 1020, Upper: 1060, GaveWay: lost}, reports.OutcomePass,
			"1020 messages a second hold and 1060 do not: 3 c2c messages were lost"},
		"reached": {reports.Capacity{Ending: reports.EndingReached, Lower: 1000, To: 1000}, reports.OutcomePass,
			"at least 1000 messages a second: the highest load that was to be tried holds"},
		"reached what can be made": {reports.Capacity{Ending: reports.EndingReached, Lower: 1000, To: 1000, ToReason: "1000 open files are all"}, reports.OutcomeInconclusive,
			"at least 1000 messages a second: more cannot be made here: 1000 open files are all"},
		"below": {reports.Capacity{Ending: reports.EndingBelow, Upper: 100, GaveWay: lost}, reports.OutcomeFail,
			"less than 100 messages a second: the lowest load that was to be tried does not hold: 3 c2c messages were lost"},
		"limited": {reports.Capacity{Ending: reports.EndingLimited, Lower: 200, Steps: steps}, reports.OutcomeInconclusive,
			"at least 200 messages a second: the load generator came to its limit, not the target: 1 send in 100 went out more than 3ms late"},
		"limited between bounds": {reports.Capacity{Ending: reports.EndingLimited, Lower: 200, Upper: 400, Steps: steps}, reports.OutcomeInconclusive,
			"at least 200 and less than 400 messages a second: the load generator came to its limit, not the target: 1 send in 100 went out more than 3ms late"},
		"gone": {reports.Capacity{Ending: reports.EndingGone, Lower: 200, Steps: []reports.CapacityStep{{Reason: "no client could log in"}}}, reports.OutcomeUnreachable,
			"at least 200 messages a second: no client could log in"},
		"interrupted": {reports.Capacity{Ending: reports.EndingInterrupted, Lower: 200, Steps: steps}, reports.OutcomeUnreachable,
			"interrupted after 2 steps: at least 200 messages a second"},
		"interrupted at once": {reports.Capacity{Ending: reports.EndingInterrupted, Steps: steps[:1]}, reports.OutcomeUnreachable,
			"interrupted after 1 step: nothing is known"},
		"exhausted": {reports.Capacity{Ending: reports.EndingExhausted, Lower: 200, Upper: 400, Steps: steps}, reports.OutcomeInconclusive,
			"at least 200 and less than 400 messages a second: the steps did not agree within 2 of them"},
	} {
		t.Run(name, func(t *testing.T) {
			test.c.Unit = "messages a second"
			if outcome, reason := OfCapacity(&test.c); outcome != test.outcome || reason != test.want {
				t.Errorf("got %s: %s\nwant %s: %s", outcome, reason, test.outcome, test.want)
			}
		})
	}
}
