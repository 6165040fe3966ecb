package capacity

import (
	"testing"

	"imcheck/loadgen/scenario"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// A step is what its run came to: the target's fault, the generator's, or nobody's.
func TestJudge(t *testing.T) {
	sessions := reports.Sessions{LoggedIn: 20}
	late := reports.Generator{Bottleneck: true, BottleneckEvidence: "sends were late", LatenessMaxUs: 3000}
	inconclusive := reports.Header{Outcome: reports.OutcomeInconclusive, Reason: "the figures describe it"}
	dropped := late
	dropped.DroppedArrivals = 1
	crossedBy := func(actual float64) []reports.Threshold {
		return []reports.Threshold{{Expression: "c2c_delivery.p99<100ms", Unit: "ms", Actual: actual}}
	}
	threshold, err := verdict.ParseThreshold("c2c_delivery.p99<100ms")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		load    reports.Load
		offered float64
		came    reports.Came
		reason  string
	}{
		"held":               {reports.Load{Header: reports.Header{Outcome: reports.OutcomePass, Reason: "all is well"}, Sessions: sessions}, 100, reports.CameHeld, ""},
		"less was sent":      {reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Sessions: sessions}, 97, reports.CameUnusable, "the generator made 97.0 messages a second only"},
		"crossed":            {reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "a message was lost"}, Sessions: sessions}, 100, reports.CameGaveWay, "a message was lost"},
		"no ports are left":  {reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "1 session was lost; first client 3: could not connect: connect: cannot assign requested address"}, Sessions: sessions}, 100, reports.CameUnusable, "this machine has no port for another connection to the target: run less at once, or wait until ports are free"},
		"sends left out":     {reports.Load{Header: inconclusive, Sessions: sessions, Generator: dropped}, 100, reports.CameUnusable, "sends were late"},
		"late, and it held":  {reports.Load{Header: inconclusive, Sessions: sessions, Generator: late}, 100, reports.CameHeld, ""},
		"late by the excess": {reports.Load{Header: inconclusive, Sessions: sessions, Generator: late, Thresholds: crossedBy(102.9)}, 100, reports.CameUnusable, "sends were late"},
		"late by less":       {reports.Load{Header: inconclusive, Sessions: sessions, Generator: late, Thresholds: crossedBy(103.1)}, 100, reports.CameGaveWay, "1 of 1 thresholds was crossed: c2c_delivery.p99<100ms measured 103.1ms"},
		"inconclusive":       {reports.Load{Header: reports.Header{Outcome: reports.OutcomeInconclusive, Reason: "the ledger does not balance"}, Sessions: sessions}, 100, reports.CameUnusable, "the ledger does not balance"},
		"went away":          {reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable, Reason: "the target went away"}, Sessions: sessions}, 100, reports.CameGaveWay, "the target went away"},
		"nobody could enter": {reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable, Reason: "no client could log in"}}, 0, reports.CameUnreachable, "no client could log in"},
	} {
		t.Run(name, func(t *testing.T) {
			step := reports.CapacityStep{Load: 100, Offered: test.offered, LostSessions: 1}
			p := searched(1)
			p.Load.Thresholds = []verdict.Threshold{threshold}
			if p.judge(&test.load, &step); step.Came != test.came || step.Reason != test.reason {
				t.Errorf("got %s, %q; want %s, %q", step.Came, step.Reason, test.came, test.reason)
			}
		})
	}
}

// What users of each scenario notice most has the default threshold.
func TestDefaultThreshold(t *testing.T) {
	for name, want := range map[string]string{
		"steady": "c2c_delivery.p99<100ms", "chat": "c2c_delivery.p99<100ms", "push": "s2c_delivery.p99<100ms",
		"churn": "relogin.p99<100ms", "idle": "heartbeat.p99<100ms",
	} {
		s, err := scenario.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := DefaultThreshold(s).String(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
