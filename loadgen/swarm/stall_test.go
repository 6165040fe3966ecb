package swarm

import (
	"context"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// freezing is a network whose streams go through a proxy that stops for
// a while: it takes what it is sent, and passes nothing on.
type freezing struct {
	transport.Network
	from, to time.Time
}

func (f *freezing) DialStream(ctx context.Context, address string) (net.Conn, error) {
	conn, err := f.Network.DialStream(ctx, address)
	if err != nil {
		return nil, err
	}
	return &frozen{conn, f}, nil
}

// frozen holds back what comes from the server; what goes there is its cause,
// so that it makes no difference on which way the proxy has it.
type frozen struct {
	net.Conn
	proxy *freezing
}

func (c *frozen) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if now := time.Now(); !now.Before(c.proxy.from) && now.Before(c.proxy.to) {
		time.Sleep(c.proxy.to.Sub(now)) // virtual
	}
	return n, err
}

// stalled runs a load of 100 clients that send 10 messages a second each, for
// 20 s through a proxy that freezes for 2 s of them.
func stalled(t *testing.T, inFlight int) (report *reports.Load, c Config, freeze [2]time.Duration) {
	t.Helper()
	c = load()
	c.Transports, c.Clients, c.Rate, c.Duration = []wire.Transport{wire.TCP}, 100, 1000, 20*time.Second
	c.InFlight = inFlight
	// Between two heartbeats: one more than 2 s late would end its session (§3).
	freeze = [2]time.Duration{13*time.Second + 10*time.Millisecond, 15*time.Second + 10*time.Millisecond}
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		s, described := startServer(t, network)
		defer s.Close()
		described.Network = &freezing{network, time.Now().Add(freeze[0]), time.Now().Add(freeze[1])}
		c.Target = described
		var err error
		if report, err = Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	})
	expect(t, report, reports.OutcomePass, 0, "")
	return report, c, freeze
}

// trueP99 is the 99th percentile of how long the messages of a flow take from
// when they are due: no time at all, or until the freeze is over.
func trueP99(c Config, f plan.Flow, freeze [2]time.Duration) time.Duration {
	s := c.schedule()
	var took []time.Duration
	for n := range s.DueBefore(c.Ramp + c.Warmup + c.Duration) {
		due := s.Due(n)
		if _, flow, _, _ := s.Message(n); flow != f || !s.Counts(due) {
			continue
		}
		if due < freeze[0] || due >= freeze[1] {
			took = append(took, 0)
		} else {
			took = append(took, freeze[1]-due)
		}
	}
	slices.Sort(took)
	return took[len(took)*99/100-1]
}

// A stall of the target shows in full in the latency since messages were due.
// Clients that wait for an ACK before they send again hide it from the one since
// the send: only one message of each was under way.
func TestStallShowsSinceDue(t *testing.T) {
	report, c, freeze := stalled(t, 1)
	for kind, f := range map[reports.LatencyKind]plan.Flow{"c2s_ack": plan.ToServer, "c2c_ack": plan.ToClient, "c2c_delivery": plan.ToClient} {
		want := trueP99(c, f, freeze)
		if off := want - 1800*time.Millisecond; off < -10*time.Millisecond || off > 10*time.Millisecond {
			t.Fatalf("the true p99 of %s is %v, want 1.8 s: the test is wrong", kind, want)
		}
		sinceDue := latencyOf(report, kind, reports.AllTransports, reports.FromDue)
		sinceSend := latencyOf(report, kind, reports.AllTransports, reports.FromSend)
		if got := time.Duration(sinceDue.P99Us) * time.Microsecond; got < want || got > want+want/500 { // three digits
			t.Errorf("p99 of %s since due is %v, want %v", kind, got, want)
		}
		if sinceSend.P99Us > 5000 || sinceDue.Count != 10_000 || sinceSend.Count != 10_000 {
			t.Errorf("p99 of %s since the send is %d µs, of %d and %d messages; want milliseconds, of 10,000", kind, sinceSend.P99Us, sinceDue.Count, sinceSend.Count)
		}
	}
	if report.Generator.Bottleneck || report.Generator.LatenessMaxUs != 0 {
		t.Errorf("the stall of the target is put down to the generator: %+v", report.Generator)
	}
}

// Without a limit everything is sent when it is due, and both latencies are the
// same: a stall of the target stretches no schedule.
func TestStallStretchesNoSchedule(t *testing.T) {
	report, c, freeze := stalled(t, 0)
	want := trueP99(c, plan.ToServer, freeze)
	for _, from := range books.Origins {
		l := latencyOf(report, "c2s_ack", reports.AllTransports, from)
		if got := time.Duration(l.P99Us) * time.Microsecond; got < want || got > want+want/500 || l.Count != 10_000 {
			t.Errorf("p99 since %s is %v of %d, want %v of 10,000", from, got, l.Count, want)
		}
	}
}

func TestHeldSendsAreCounted(t *testing.T) {
	onStageOf(t, func(c *Config) { c.InFlight = 1 }, func(s *stage) {
		s.logIn()
		s.step()
		s.pass(500 * time.Millisecond)
		s.pass(500 * time.Millisecond)
		if got := s.sentOf(wire.TypeData); got != 1 || s.senders[0].held.count.Load() != 2 {
			t.Errorf("%d are sent and %d held, want 1 and 2", got, s.senders[0].held.count.Load())
		}
		ack := wire.New(wire.TypeReceived, wire.ServerID, s.roster.members[0].rules.User())
		ack.DataContent = wire.Some(string(s.swarm.Nonce.AppendFingerprint(nil, plan.MessageID{Client: 0, Stream: plan.CountedC2S, To: plan.ServerPlace, Number: 0})))
		s.arrive(engine.Received, ack, nil)
		if got := s.sentOf(wire.TypeData); got != 2 || s.senders[0].held.count.Load() != 1 {
			t.Errorf("%d are sent and %d held after the ACK, want 2 and 1", got, s.senders[0].held.count.Load())
		}
		s.end()
		if s.books.NotMade[books.Blocked].Load() != 1 || s.senders[0].held.count.Load() != 0 {
			t.Errorf("%d could not be started, want the one that waited", s.books.NotMade[books.Blocked].Load())
		}
	})
}
