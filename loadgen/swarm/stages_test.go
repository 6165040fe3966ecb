package swarm

import (
	"context"
	"testing"
	"time"

	"imcheck/loadgen/options"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// staged is load in stages.
func staged(scenario string, stages ...options.Stage) Config {
	c := scenarioLoad(scenario)
	c.Stages = stages
	c.Duration = c.StagesTake()
	return c
}

// sentIn returns how many messages of all kinds a stage has.
func sentIn(s reports.Stage) (n int64) {
	for _, m := range s.Messages {
		n += m.Sent
	}
	return n
}

// Each stage has the messages that its rate makes, and nothing of its neighbours.
func TestStagesOfARate(t *testing.T) {
	c := staged(ScenarioSteady, options.Stage{For: 10 * time.Second}, options.Stage{For: 20 * time.Second, Rate: 100, Linear: true}, options.Stage{For: 10 * time.Second, Rate: 7})
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	wants := []struct {
		sent       int64
		from, rate float64
	}{{200, 0, 20}, {1200, 20, 100}, {70, 0, 7}}
	if len(report.Stages) != len(wants) {
		t.Fatalf("%d stages", len(report.Stages))
	}
	for i, want := range wants {
		s := report.Stages[i]
		if sentIn(s) != want.sent || s.FromRate != want.from || s.RatePerSecond != want.rate || s.Errors != 0 || s.RanMs != s.ToMs-s.FromMs {
			t.Errorf("stage %d is %+v, want %+v", i, s, want)
		}
		for _, m := range s.Messages {
			if m.Acknowledged != m.Sent || m.Missing != 0 || m.Kind == "c2c" && m.Delivered != m.Sent {
				t.Errorf("stage %d has the account %+v", i, m)
			}
		}
		var delivered int64
		for _, l := range s.Latencies {
			if l.Kind == reports.KindC2CDelivery {
				delivered = l.Count
			}
		}
		if delivered != want.sent/2 {
			t.Errorf("stage %d has the latencies of %d deliveries, want %d", i, delivered, want.sent/2)
		}
	}
	if total := report.SentCount(); total != 1470 || report.RatePerSecond != 1470.0/40 {
		t.Errorf("%d messages were sent, %v a second", total, report.RatePerSecond)
	}
}

// Who comes and goes with a stage counts as no loss, and nobody writes to who is away.
func TestStagesOfClients(t *testing.T) {
	for _, scenario := range []string{ScenarioSteady, ScenarioIdle, ScenarioChat, ScenarioPush} {
		c := staged(scenario, options.Stage{For: 30 * time.Second, Clients: 90}, options.Stage{For: 30 * time.Second}, options.Stage{For: 30 * time.Second, Clients: 11}, options.Stage{For: 30 * time.Second, Clients: 90}, options.Stage{For: 10 * time.Second})
		report := runVirtual(t, c, nil)
		expect(t, report, reports.OutcomePass, 0, "")
		if s := report.Sessions; s.LoggedIn != 90+79 || s.PeakOnline != 90 || s.AtEnd != 90 || len(s.LostByCause) != 0 {
			t.Errorf("%s: the sessions are %+v", scenario, s)
		}
		for i, want := range []int64{30, 0, 0, 79, 0} {
			var logins int64
			for _, l := range report.Stages[i].Latencies {
				if l.Kind == reports.KindLogin {
					logins = l.Count
				}
			}
			if logins != want || report.Stages[i].Errors != 0 {
				t.Errorf("%s: stage %d has %d logins, want %d, and %d errors", scenario, i, logins, want, report.Stages[i].Errors)
			}
			if sent := sentIn(report.Stages[i]); scenario == ScenarioSteady && sent != int64(20*c.Stages[i].For.Seconds()) || scenario == ScenarioChat && sent == 0 {
				t.Errorf("%s: stage %d has %d messages", scenario, i, sent)
			}
		}
		for _, m := range report.Messages {
			if m.Unbalanced != 0 || m.Missing != 0 {
				t.Errorf("%s: the ledger is %+v", scenario, m)
			}
		}
	}
}

// A fault shows in the stage in which the messages that it hits were due.
func TestStagesKeepTheirLosses(t *testing.T) {
	c := staged(ScenarioPush, options.Stage{For: 10 * time.Second}, options.Stage{For: 10 * time.Second})
	report := runVirtual(t, c, nil, "s2c-dropped")
	for i, s := range report.Stages {
		if s.Messages[0].Missing != 200 || s.Messages[0].Sent != 200 {
			t.Errorf("stage %d has the account %+v", i, s.Messages[0])
		}
	}
}

// Of a run that is cut short the report says how far it came.
func TestStagesOfAnInterruptedRun(t *testing.T) {
	c := staged(ScenarioSteady, options.Stage{For: 10 * time.Second}, options.Stage{For: 10 * time.Second}, options.Stage{For: 10 * time.Second})
	report := runVirtual(t, c, func(_ *reference.Server, cancel context.CancelFunc) {
		time.Sleep(5*time.Second + 14*time.Second)
		cancel()
	})
	for i, want := range []int64{10_000, 4_000, 0} {
		if got := report.Stages[i].RanMs; got != want {
			t.Errorf("stage %d took %d ms, want %d", i, got, want)
		}
	}
	if sent := sentIn(report.Stages[2]); sent != 0 {
		t.Errorf("%d messages of a stage that was not reached were sent", sent)
	}
}

// The shards of a run have its stages between them.
func TestStagesOfShards(t *testing.T) {
	c := staged(ScenarioSteady, options.Stage{For: 10 * time.Second, Rate: 50, Linear: true}, options.Stage{For: 30 * time.Second, Clients: 90}, options.Stage{For: 10 * time.Second, Rate: 31})
	loads := runShards(t, c, 3)
	for i, want := range []int64{350, 1500, 310} {
		var sent, missing int64
		for _, l := range loads {
			sent += sentIn(l.Stages[i])
			for _, m := range l.Stages[i].Messages {
				missing += m.Missing
			}
		}
		if sent != want || missing != 0 {
			t.Errorf("stage %d has %d messages in all shards, want %d, and %d are missing", i, sent, want, missing)
		}
	}
}
