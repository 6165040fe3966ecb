package swarm

import (
	"context"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// scenarioLoad is load in another scenario, with what the built-in one does.
func scenarioLoad(scenario string) Config {
	c := load()
	usual := options.Defaults(scenario)
	c.Scenario, c.ThinkTime, c.Groups = scenario, usual.ThinkTime, usual.Groups
	c.StormShare, c.StormAt, c.StormHow, c.Away, c.FanOut = usual.StormShare, usual.StormAt, usual.StormHow, usual.Away, 20
	c.BacklogShare, c.BacklogAway = usual.BacklogShare, usual.BacklogAway
	return c
}

func TestChatReachesEveryOther(t *testing.T) {
	c := scenarioLoad(ScenarioChat)
	c.Clients = 59 // 8 pairs and groups of five, 3 more: a pair, and one that joins it
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	// In 30 s everybody has six turns.
	others := int64(8*(2*1+5*4) + 3*2)
	got := ledgerOf(t, report, plan.ToClient)
	if want := (reports.Ledger{Kind: "c2c", Sent: 6 * others, Acknowledged: 6 * others, Delivered: 6 * others}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if report.RatePerSecond != float64(others)/5 {
		t.Errorf("%v messages a second are reported, want %v", report.RatePerSecond, float64(others)/5)
	}
	if l := latencyOf(report, "c2c_delivery", reports.AllTransports, reports.FromDue); l.Count != 6*others || l.MaxUs != 0 {
		t.Errorf("%d deliveries, up to %d µs; want %d at once", l.Count, l.MaxUs, 6*others)
	}
}

func TestPushReachesEveryClient(t *testing.T) {
	report := runVirtual(t, scenarioLoad(ScenarioPush), nil)
	expect(t, report, reports.OutcomePass, 0, "")
	got := ledgerOf(t, report, plan.FromServer)
	if want := (reports.Ledger{Kind: "s2c", Sent: 600, Acknowledged: 600, Delivered: 600}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, kind := range []reports.LatencyKind{"s2c_delivery", "s2c_call"} {
		for _, from := range books.Origins {
			if l := latencyOf(report, kind, reports.AllTransports, from); l.Count != 600 {
				t.Errorf("%s from %s: %d, want 600", kind, from, l.Count)
			}
		}
	}
}

func TestPushShowsWhatDoesNotArrive(t *testing.T) {
	report := runVirtual(t, scenarioLoad(ScenarioPush), nil, "s2c-dropped")
	expect(t, report, reports.OutcomeFail, 1, "600 s2c messages")
	if got := ledgerOf(t, report, plan.FromServer); got.Missing != 600 || got.Unbalanced != 0 {
		t.Errorf("got %+v", got)
	}
	if len(report.Gaps) != books.MaxGaps || report.Gaps[0].Kind != "s2c" {
		t.Errorf("what is missing is named %+v", report.Gaps)
	}
}

// Half of the clients are dropped, and log in again at once: that is no loss
// of sessions.
func TestStormMeasuresTheReturn(t *testing.T) {
	report := runVirtual(t, scenarioLoad(ScenarioStorm), nil)
	expect(t, report, reports.OutcomePass, 0, "")
	want := reports.Recovery{AtMs: 12_500, Dropped: 30, Returned: 30}
	if report.Recovery == nil || *report.Recovery != want {
		t.Errorf("got %+v, want %+v", report.Recovery, want)
	}
	if got := report.Sessions; got.LoggedIn != 90 || got.AtEnd != 60 || len(got.LostByCause) != 0 {
		t.Errorf("sessions are %+v", got)
	}
	if l := latencyOf(report, "relogin", reports.AllTransports, reports.FromDue); l.Count != 30 {
		t.Errorf("%d returns, want 30", l.Count)
	}
}

func TestStormShowsWhoStaysAway(t *testing.T) {
	c := scenarioLoad(ScenarioStorm)
	c.Transports = []wire.Transport{wire.TCP}
	report := runVirtual(t, c, func(s *reference.Server, _ context.CancelFunc) {
		time.Sleep(12 * time.Second) // virtual: before the storm
		s.Close()
	})
	if report.ExitCode != 3 {
		t.Errorf("a server that is gone ends with %d: %s", report.ExitCode, report.Reason)
	}
}

// In 31 s after the ramp 155 clients leave, and those come back whose time away
// is over before the end: 145. What counts begins a second later.
func TestChurnComesAndGoes(t *testing.T) {
	c := scenarioLoad(ScenarioChurn)
	c.Rate = 5
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	if got := report.Sessions; got.LoggedIn != 60+145 || got.AtEnd != 50 || len(got.LostByCause) != 0 {
		t.Errorf("sessions are %+v, want 205 logins and 50 at the end", got)
	}
	if l := latencyOf(report, "relogin", reports.AllTransports, reports.FromDue); l.Count != 145 || l.MaxUs != 0 {
		t.Errorf("%d returns, up to %d µs; want 145 at once", l.Count, l.MaxUs)
	}
	if l := latencyOf(report, "login", reports.AllTransports, reports.FromDue); l.Count != 60 {
		t.Errorf("%d first logins, want 60", l.Count)
	}
}

// With a second to think about each answer, which takes no time, everybody asks
// once a second.
func TestEchoIsAClosedLoop(t *testing.T) {
	c := scenarioLoad(ScenarioEcho)
	c.ThinkTime = time.Second
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	got := ledgerOf(t, report, plan.Echoed)
	if want := (reports.Ledger{Kind: "echo", Sent: 30 * 60, Acknowledged: 30 * 60}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if l := latencyOf(report, "echo", reports.AllTransports, reports.FromSend); l.Count != 30*60 || l.MaxUs != 0 {
		t.Errorf("%d answers, up to %d µs", l.Count, l.MaxUs)
	}
	if l := latencyOf(report, "echo", reports.AllTransports, reports.FromDue); l.Count != 0 {
		t.Error("a closed loop has no time at which a question was due")
	}
}

func TestEchoGivesUp(t *testing.T) {
	inEcho := func(c *Config) { c.Scenario, c.ThinkTime = ScenarioEcho, time.Second }
	onStageOf(t, inEcho, func(s *stage) {
		s.logIn()
		s.pass(time.Second)
		if got := s.sentOf(wire.TypeEcho); got != 1 {
			t.Fatalf("%d questions a think time after the login, want 1", got)
		}
		question, err := wire.Decode([]byte(s.link.sent[len(s.link.sent)-1]))
		if err != nil {
			t.Fatal(err)
		}
		s.pass(3 * time.Second)
		s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil)
		s.pass(2*time.Second - 1)
		if got := s.books.Messages[plan.Echoed].Lost.Load(); got != 0 || !s.behaviour.Busy() {
			t.Errorf("%d are lost before the patience is over", got)
		}
		s.pass(1)
		if got := s.books.Messages[plan.Echoed].Lost.Load(); got != 1 || s.sentOf(wire.TypeEcho) != 2 {
			t.Errorf("%d are lost and %d were asked, want 1 and 2", got, s.sentOf(wire.TypeEcho))
		}
		s.arrive(engine.Received, wire.NewEchoResponse(question), nil)
		if a := &s.books.Messages[plan.Echoed]; a.Acknowledged.Load() != 0 || a.LateACKs.Load() != 1 {
			t.Errorf("%d answered in time and %d too late, want none and 1", a.Acknowledged.Load(), a.LateACKs.Load())
		}
		s.behaviour.End()
		if s.books.Waiting[plan.Echoed] != 1 {
			t.Errorf("%d wait at the end, want the second question", s.books.Waiting[plan.Echoed])
		}
	})
}

// A client that loses its session goes on when it is back.
func TestEchoOutlivesASession(t *testing.T) {
	inEcho := func(c *Config) { c.Scenario, c.ThinkTime = ScenarioEcho, time.Second }
	onStageOf(t, inEcho, func(s *stage) {
		s.logIn()
		s.pass(500 * time.Millisecond)
		s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.ByPeer})
		s.pass(500 * time.Millisecond) // its turn, while it is away
		s.logIn()
		s.pass(3 * time.Second)
		s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil)
		s.pass(reports.EchoTimeout - 3*time.Second)
		if got := s.sentOf(wire.TypeEcho); got != 1 || s.books.Messages[plan.Echoed].Lost.Load() != 0 {
			t.Errorf("%d questions after the return, %d lost; want 1 and none", got, s.books.Messages[plan.Echoed].Lost.Load())
		}
	})
}
