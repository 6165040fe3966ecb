package swarm

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/internal/certificate"
	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

var mixed = []wire.Transport{wire.UDP, wire.TCP, wire.WS}

// startServer runs the reference server in sense mode 3S.
func startServer(t *testing.T, network transport.Network, faulty ...string) (*reference.Server, *target.Target) {
	t.Helper()
	return startServerWith(t, network, nil, nil, faulty)
}

// startSecureServer is startServer with TLS.
func startSecureServer(t *testing.T, network transport.Network, faulty ...string) (*reference.Server, *target.Target) {
	t.Helper()
	ofServer, ofClient, err := certificate.Configs()
	if err != nil {
		t.Fatal(err)
	}
	ofClient.CurvePreferences = []tls.CurveID{tls.X25519} // the quickest one
	return startServerWith(t, network, ofServer, ofClient, faulty)
}

func startServerWith(t *testing.T, network transport.Network, ofServer, ofClient *tls.Config, faulty []string) (*reference.Server, *target.Target) {
	t.Helper()
	modes, err := timing.ParseModes("3S", wire.Transports[:])
	if err != nil {
		t.Fatal(err)
	}
	defects, err := faults.Find(faulty)
	if err != nil {
		t.Fatal(err)
	}
	s, err := reference.Start(reference.Config{
		Network: network, Addresses: [3]string{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"}, Control: "127.0.0.1:0",
		Modes: modes, Limits: server.DefaultLimits, Faults: defects, TLS: ofServer,
	})
	if err != nil {
		t.Fatal(err)
	}
	described := &target.Target{Network: network, Modes: modes, Control: s.ControlAddress(), TLS: [len(wire.Transports)]*tls.Config{wire.TCP: ofClient, wire.WS: ofClient}}
	for _, kind := range wire.Transports {
		described.Addresses[kind] = s.Address(kind)
	}
	return s, described
}

// load is an ordinary load, half a minute long.
func load() Config {
	return Config{
		Transports: mixed,
		Options: options.Options{
			Clients: 60, Ramp: 4 * time.Second, Warmup: time.Second,
			Duration: 30 * time.Second, Rate: 20, Payload: 64, Scenario: ScenarioSteady, Seed: 1,
		},
	}
}

// runVirtual runs a load in virtual time against a server in memory. meanwhile
// runs beside it, and may be nil.
func runVirtual(t *testing.T, c Config, meanwhile func(s *reference.Server, cancel context.CancelFunc), faults ...string) (report *reports.Load) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New(), faults...)
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if meanwhile != nil {
			go meanwhile(s, cancel)
		}
		c.Target = described
		var err error
		if report, err = Run(ctx, c); err != nil {
			t.Fatal(err)
		}
	})
	return report
}

func ledgerOf(t *testing.T, report *reports.Load, f plan.Flow) reports.Ledger {
	t.Helper()
	for _, l := range report.Messages {
		if l.Kind == books.KindOf(f) {
			return l
		}
	}
	t.Fatalf("the report has no account of %s", f.String())
	return reports.Ledger{}
}

func latencyOf(report *reports.Load, kind reports.LatencyKind, transport, from string) reports.Latency {
	for _, l := range report.Latencies {
		if l.Kind == kind && l.Transport == transport && l.From == from {
			return l
		}
	}
	return reports.Latency{}
}

// heartbeats returns their number by the schedule in sense mode 3S when every login
// takes no time.
func heartbeats(c Config) (n int64) {
	s := c.schedule()
	for i := range c.Clients {
		for due := s.Start(plan.Client(i)) + 3*time.Second; due < c.Ramp+c.Warmup+c.Duration; due += 3 * time.Second {
			if s.Counts(due) {
				n++
			}
		}
	}
	return n
}

// expect fails the test when the outcome is another, or its reason does not
// say what it should.
func expect(t *testing.T, report *reports.Load, outcome reports.Outcome, exit int, reason string) {
	t.Helper()
	if report.Outcome != outcome || report.ExitCode != exit || !strings.Contains(report.Reason, reason) {
		t.Errorf("outcome %s (exit %d): %s; want %s (exit %d): …%s…", report.Outcome, report.ExitCode, report.Reason, outcome, exit, reason)
	}
}

func TestSwarmBalances(t *testing.T) {
	c := load()
	c.Clients, c.Rate = 200, 100
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	half := int64(c.Rate * c.Duration.Seconds() / 2)
	if got, want := ledgerOf(t, report, plan.ToServer), (reports.Ledger{Kind: "c2s", Sent: half, Acknowledged: half}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := ledgerOf(t, report, plan.ToClient), (reports.Ledger{Kind: "c2c", Sent: half, Acknowledged: half, Delivered: half}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for kind, want := range map[reports.LatencyKind]int64{
		"login": 200, "heartbeat": heartbeats(c), "c2s_ack": half, "c2c_ack": half, "c2c_delivery": half,
	} {
		for _, from := range books.Origins {
			l := latencyOf(report, kind, reports.AllTransports, from)
			if l.Count != want || l.MaxUs != 0 {
				t.Errorf("%s from %s: %d, up to %d µs; want %d, all at once", kind, from, l.Count, l.MaxUs, want)
			}
		}
	}
	if got := report.Sessions; got.LoggedIn != 200 || got.PeakOnline != 200 || got.AtEnd != 200 || len(got.LostByCause) != 0 {
		t.Errorf("sessions are %+v", got)
	}
	if report.Clients["udp"] != 67 || report.Clients["tcp"] != 67 || report.Clients["ws"] != 66 {
		t.Errorf("clients are %v", report.Clients)
	}
	checkTimeline(t, c, report)
}

// checkTimeline holds the seconds against the whole: the messages of the
// warm-up are in them too.
func checkTimeline(t *testing.T, c Config, report *reports.Load) {
	t.Helper()
	var sent, delivered, failures int64
	for _, s := range report.Timeline {
		sent += s.Sent
		delivered += s.Delivered
		failures += s.Errors
	}
	all := int64(c.Rate * (c.Warmup + c.Duration).Seconds())
	if sent != all || delivered != all/2 || failures != 0 {
		t.Errorf("the timeline has %d sent, %d delivered and %d errors; want %d, %d and none", sent, delivered, failures, all, all/2)
	}
	if n := len(report.Timeline); n != 36 {
		t.Errorf("the timeline of 35 s and the settling has %d samples", n)
	}
}

func TestSwarmIdles(t *testing.T) {
	c := load()
	c.Scenario, c.Transports = ScenarioIdle, []wire.Transport{wire.TCP}
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	if got := latencyOf(report, "heartbeat", "tcp", reports.FromDue).Count; got != heartbeats(c) {
		t.Errorf("%d heartbeats, want %d", got, heartbeats(c))
	}
	if got := ledgerOf(t, report, plan.ToServer).Sent + ledgerOf(t, report, plan.ToClient).Sent; got != 0 {
		t.Errorf("%d messages were sent", got)
	}
}

func TestSwarmShowsUnansweredHeartbeats(t *testing.T) {
	c := load()
	c.Transports, c.Scenario = []wire.Transport{wire.TCP}, ScenarioIdle
	report := runVirtual(t, c, nil, "heartbeat-answer-missing")
	expect(t, report, reports.OutcomeFail, 1, causeUnanswered)
	if report.Sessions.LostByCause[causeUnanswered] < 60 || len(report.Sessions.LostByCause) != 1 {
		t.Errorf("lost are %v, want every session at least once by %q", report.Sessions.LostByCause, causeUnanswered)
	}
	if got := latencyOf(report, "heartbeat", reports.AllTransports, reports.FromDue).Count; got != 0 {
		t.Errorf("%d heartbeats were answered", got)
	}
}

func TestSwarmShowsUndeliveredMessages(t *testing.T) {
	report := runVirtual(t, load(), nil, "c2c-dropped")
	expect(t, report, reports.OutcomeFail, 1, "300 c2c messages were acknowledged and did not arrive")
	if got := ledgerOf(t, report, plan.ToClient); got.Acknowledged != 300 || got.Delivered != 0 || got.Missing != 300 || got.Unbalanced != 0 {
		t.Errorf("got %+v", got)
	}
	if len(report.Gaps) != books.MaxGaps || report.Gaps[0].Kind != "c2c" || report.Gaps[0].What != reports.GapMissing {
		t.Errorf("what is missing is named %+v", report.Gaps)
	}
}

func TestSwarmShowsMissingACKs(t *testing.T) {
	report := runVirtual(t, load(), nil, "c2s-ack-missing")
	expect(t, report, reports.OutcomeFail, 1, "c2s messages were lost")
	got := ledgerOf(t, report, plan.ToServer)
	if got.Sent != 300 || got.Acknowledged != 0 || got.Lost == 0 || got.Lost+got.Pending != 300 || got.Retransmits < got.Lost*2 {
		t.Errorf("got %+v, want 300 messages, each lost after two more copies, or pending", got)
	}
	if got := ledgerOf(t, report, plan.ToClient); got.Acknowledged != 300 || got.Retransmits != 0 {
		t.Errorf("c2c, which is healthy, has %+v", got)
	}
}

func TestSwarmShowsDuplicates(t *testing.T) {
	report := runVirtual(t, load(), nil, "c2c-doubled")
	if got := ledgerOf(t, report, plan.ToClient); got.Delivered != 300 || got.Duplicated != 300 {
		t.Errorf("got %+v, want every message twice", got)
	}
}

func TestSwarmTargetGoesAway(t *testing.T) {
	c := load()
	report := runVirtual(t, c, func(s *reference.Server, _ context.CancelFunc) {
		time.Sleep(20*time.Second + 500*time.Millisecond) // virtual: into the steady part
		s.Close()
	})
	expect(t, report, reports.OutcomeUnreachable, 3, "the target went away: nobody was online any more after 2")
	if report.Sessions.AtEnd != 0 || report.Sessions.PeakOnline != 60 {
		t.Errorf("sessions are %+v", report.Sessions)
	}
	if ended := time.Duration(report.DurationMs) * time.Millisecond; ended < 35*time.Second {
		t.Errorf("the run ended after %v, before its time: the target might have come back", ended)
	}
	var lost int64
	for _, n := range report.Sessions.LostByCause {
		lost += n
	}
	if lost != 60 {
		t.Errorf("%d sessions were lost, by %v; want 60", lost, report.Sessions.LostByCause)
	}
}

func TestSwarmIsInterrupted(t *testing.T) {
	report := runVirtual(t, load(), func(_ *reference.Server, cancel context.CancelFunc) {
		time.Sleep(15*time.Second + 5*time.Millisecond) // virtual: into the steady part, between two messages
		cancel()
	})
	expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after 15.0 s")
	if got, want := ledgerOf(t, report, plan.ToServer), (reports.Ledger{Kind: "c2s", Sent: 101, Acknowledged: 101}); got != want {
		t.Errorf("measured is %+v, want %+v", got, want)
	}
	if report.SteadyMs != 10_005 || report.Sessions.AtEnd != 60 {
		t.Errorf("%d ms counted, %d sessions at the end", report.SteadyMs, report.Sessions.AtEnd)
	}
}

func TestSwarmFindsNobody(t *testing.T) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			c := load()
			c.Clients, c.Ramp, c.Transports = 10, 0, []wire.Transport{kind}
			report := runVirtual(t, c, func(s *reference.Server, _ context.CancelFunc) { s.Close() })
			expect(t, report, reports.OutcomeUnreachable, 3, "no client could log in; first load-")
			var lost int64
			for _, n := range report.Sessions.LostByCause {
				lost += n
			}
			if lost != 10 || report.Sessions.LoggedIn != 0 {
				t.Errorf("sessions are %+v, want 10 that never came to be", report.Sessions)
			}
		})
	}
}

func TestSwarmWithoutLoginResponses(t *testing.T) {
	c := load()
	c.Clients, c.Transports = 10, []wire.Transport{wire.TCP}
	report := runVirtual(t, c, nil, "login-response-missing")
	expect(t, report, reports.OutcomeUnreachable, 3, causeNoResponse)
}

// A kick ends one session, and is distinguished from other causes.
func TestSwarmShowsKicks(t *testing.T) {
	report := runVirtual(t, load(), func(s *reference.Server, _ context.CancelFunc) {
		time.Sleep(20 * time.Second) // virtual
		s.Kick(s.Online()[0], wire.Kickout{Code: wire.KickAdministrator})
	})
	expect(t, report, reports.OutcomeFail, 1, "1 session was lost; first load-")
	if got := report.Sessions; got.LostByCause["kicked out with code 2"] != 1 || len(got.LostByCause) != 1 || got.AtEnd != 59 {
		t.Errorf("sessions are %+v", got)
	}
}

func TestSwarmTellsProgress(t *testing.T) {
	c := load()
	var phases []Phase
	last := Snapshot{}
	c.Progress = func(s Snapshot) {
		if s.Phase != last.Phase {
			phases = append(phases, s.Phase)
		}
		if s.Elapsed < last.Elapsed || s.Elapsed == last.Elapsed && s.Phase != PhaseOver || s.Clients != 60 || s.Planned != 35*time.Second {
			t.Errorf("snapshot %+v after %+v", s, last)
		}
		last = s
	}
	runVirtual(t, c, nil, "c2c-dropped") // the settling takes its time then
	want := []Phase{PhaseRamp, PhaseWarmup, PhaseSteady, PhaseSettle, PhaseOver}
	if len(phases) != len(want) {
		t.Fatalf("phases are %v, want %v", phases, want)
	}
	for i := range want {
		if phases[i] != want[i] {
			t.Fatalf("phases are %v, want %v", phases, want)
		}
	}
}
