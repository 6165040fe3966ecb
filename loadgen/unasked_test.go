package loadgen

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
	"imcheck/reports"
)

// fromStranger is a message that no client of the run has sent.
func fromStranger(n int) wire.Message {
	return wire.NewQoSData("stranger", "u", "hello", fmt.Sprint("fp-", n))
}

// arriveSized is arrive for a message of so many bytes.
func (s *stage) arriveSized(kind arrivalKind, m wire.Message, size int32) {
	s.take(arrival{kind: kind, id: s.engine.last(), at: s.now(), message: m, size: size})
}

// unaskedUntilCut is how many arrivals it takes to end the client's connection.
func (s *stage) unaskedUntilCut(arrive func(n int)) int {
	s.Helper()
	for n := range 100_000 {
		if s.sessions.total() > 0 {
			return n
		}
		arrive(n)
	}
	s.Fatal("the connection is never ended")
	return 0
}

// A connection ends after what its age allows, and says why.
func TestWorkerEndsAFlood(t *testing.T) {
	tests := []struct {
		name   string
		age    time.Duration
		arrive func(s *stage, n int)
		want   int
	}{
		{"messages of strangers", 0, func(s *stage, n int) { s.arrive(came, fromStranger(n), nil) }, bounds.UnaskedBurst + 1},
		{"copies", 0, func(s *stage, n int) { s.arrive(came, fromStranger(1), nil) }, bounds.UnaskedBurst + 1},
		{"what cannot be read", 0, func(s *stage, _ int) { s.arrive(noise, wire.Message{}, nil) }, bounds.UnaskedBurst + 1},
		{"answers to nothing", 0, func(s *stage, _ int) { s.arrive(came, wire.NewKeepAliveResponse("u"), nil) }, bounds.UnaskedBurst + 1},
		{"long messages", 0, func(s *stage, n int) {
			s.arriveSized(came, fromStranger(n), 7*bounds.UnaskedUnit+1)
		}, bounds.UnaskedBurst/8 + 1},
		{"an older connection", 2500 * time.Millisecond, func(s *stage, n int) {
			s.arrive(came, fromStranger(n), nil)
		}, bounds.UnaskedBurst + bounds.UnaskedRate*5/2 + 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStageOf(t, func(c *Config) { c.Scenario = ScenarioIdle }, func(s *stage) {
				s.logIn()
				time.Sleep(test.age) // virtual
				got := s.unaskedUntilCut(func(n int) { test.arrive(s, n) })
				if got != test.want || s.unasked != int64(got) {
					t.Errorf("it ended after %d, of which %d were counted; want %d", got, s.unasked, test.want)
				}
				if s.sessions.lost[causeUnasked] != 1 || !s.link.closed {
					t.Errorf("lost are %v, want one by %q", s.sessions.lost, causeUnasked)
				}
				if want := fmt.Sprintf("%d messages that nobody asked for", got); !strings.Contains(s.sessions.first.String(), want) {
					t.Errorf("the loss is %q, want …%s…", s.sessions.first, want)
				}
				s.logIn() // the next connection begins anew
				if s.members[0].excess != (excess{}) {
					t.Errorf("a new connection has %+v", s.members[0].excess)
				}
			})
		})
	}
}

// What a client sends, and what is an answer to it, makes up for copies.
func TestWorkerForgivesWhatFollowsFromItsOwn(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		m := &s.members[0]
		m.excess.units = 10
		s.step() // sends a message
		if got := m.excess.units; got != 10-bounds.AskedWorth {
			t.Errorf("%d units after a message was sent, want %d", got, 10-bounds.AskedWorth)
		}
		sent, err := wire.Decode([]byte(s.link.sent[len(s.link.sent)-1]))
		if err != nil {
			t.Fatal(err)
		}
		s.arrive(came, wire.NewReceived(sent), nil)
		if got := m.excess.units; got != 10-2*bounds.AskedWorth {
			t.Errorf("%d units after its ACK, want %d", got, 10-2*bounds.AskedWorth)
		}
		s.arrive(came, fromStranger(1), nil) // its ACK makes up for nothing
		if got := m.excess; got.units != 10-2*bounds.AskedWorth+1 || got.messages != 1 {
			t.Errorf("a stranger's message comes to %+v", got)
		}
	})
}

// hostileServer answers logins on TCP and then sends flood again and again.
func hostileServer(t *testing.T, flood []byte) *target.Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { floodClient(c, flood) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	modes, err := timing.ParseModes("3S", wire.Transports[:])
	if err != nil {
		t.Fatal(err)
	}
	described := &target.Target{Network: transport.OS{}, Modes: modes}
	described.Addresses[wire.TCP] = l.Addr().String()
	return described
}

// floodClient lets a client in and floods it until it is gone.
func floodClient(c net.Conn, flood []byte) {
	defer c.Close()
	if _, err := c.Read(make([]byte, 1024)); err != nil {
		return
	}
	_, err := c.Write(wire.AppendFrame(nil, wire.NewLoginResponse("u", wire.CodeOK, 1).Append(nil)))
	for err == nil {
		_, err = c.Write(flood)
	}
}

// floods are what hostile servers send without end.
func floods() map[string][]byte {
	tiny, large := []byte(nil), []byte(nil)
	for i := range 1000 {
		tiny = wire.AppendFrame(tiny, fromStranger(i).Append(nil))
	}
	for range 20 {
		m := wire.NewQoSData("stranger", "u", strings.Repeat("x", 50_000), "")
		m.Fingerprint = wire.Text{}
		large = wire.AppendFrame(large, m.Append(nil))
	}
	return map[string][]byte{
		"tiny messages, each with an ACK": tiny,
		"large messages":                  large,
		"empty frames":                    make([]byte, 64<<10),
	}
}

// A target that sends without end keeps a run from its end by no means, and is
// what the report names.
func TestAFloodDoesNotHoldUpTheEnd(t *testing.T) {
	for name, flood := range floods() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, portable := range []bool{false, true} {
				report, err := Run(t.Context(), flooded(t, flood, portable))
				if err != nil {
					t.Fatal(err)
				}
				expect(t, report, reports.OutcomeFail, 1, "messages that nobody asked for, and ")
				if report.Sessions.LostByCause[causeUnasked] < 10 {
					t.Errorf("portable: %t: lost are %v, want 10 or more by %q", portable, report.Sessions.LostByCause, causeUnasked)
				}
			}
		})
	}
}

// Nor does it keep it from being interrupted.
func TestAFloodDoesNotHoldUpAnInterrupt(t *testing.T) {
	for _, portable := range []bool{false, true} {
		c := flooded(t, floods()["tiny messages, each with an ACK"], portable)
		c.Duration = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.Progress = func(Snapshot) { cancel() }
		report, err := Run(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after")
	}
}

// flooded is a short load on a server that floods its clients.
func flooded(t *testing.T, flood []byte, portable bool) Config {
	t.Helper()
	c := shortLoad()
	c.Target, c.Transports, c.Scenario, c.Clients = hostileServer(t, flood), []wire.Transport{wire.TCP}, ScenarioIdle, 10
	c.portable = portable
	return c
}
