package swarm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/loadgen/engine"
	"imcheck/protocol/wire"
)

// fromStranger is a message that no client of the run has sent.
func fromStranger(n int) wire.Message {
	return wire.NewQoSData("stranger", "u", "hello", fmt.Sprint("fp-", n))
}

// arriveSized is arrive for a message of so many bytes.
func (s *stage) arriveSized(kind engine.ArrivalKind, m wire.Message, size int32) {
	s.take(engine.Arrival{Kind: kind, ID: s.engine.last(), At: s.run.Now(), Message: m, Size: size})
}

// unaskedUntilCut is the number of arrivals that it takes to end the client's connection.
func (s *stage) unaskedUntilCut(arrive func(n int)) int {
	s.Helper()
	for n := range 100_000 {
		if s.books.Sessions.Total() > 0 {
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
		{"messages of strangers", 0, func(s *stage, n int) { s.arrive(engine.Received, fromStranger(n), nil) }, bounds.UnaskedBurst + 1},
		{"copies", 0, func(s *stage, n int) { s.arrive(engine.Received, fromStranger(1), nil) }, bounds.UnaskedBurst + 1},
		{"what cannot be read", 0, func(s *stage, _ int) { s.arrive(engine.Noise, wire.Message{}, nil) }, bounds.UnaskedBurst + 1},
		{"answers to nothing", 0, func(s *stage, _ int) { s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil) }, bounds.UnaskedBurst + 1},
		{"long messages", 0, func(s *stage, n int) {
			s.arriveSized(engine.Received, fromStranger(n), 7*bounds.UnaskedUnit+1)
		}, bounds.UnaskedBurst/8 + 1},
		{"an older connection", 2500 * time.Millisecond, func(s *stage, n int) {
			s.arrive(engine.Received, fromStranger(n), nil)
		}, bounds.UnaskedBurst + bounds.UnaskedRate*5/2 + 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStageOf(t, func(c *Config) { c.Scenario = ScenarioIdle }, func(s *stage) {
				s.logIn()
				time.Sleep(test.age) // virtual
				got := s.unaskedUntilCut(func(n int) { test.arrive(s, n) })
				if got != test.want || s.books.Unasked != int64(got) {
					t.Errorf("it ended after %d, of which %d were counted; want %d", got, s.books.Unasked, test.want)
				}
				if s.books.Sessions.Lost[causeUnasked] != 1 || !s.link.closed {
					t.Errorf("lost are %v, want one by %q", s.books.Sessions.Lost, causeUnasked)
				}
				if want := fmt.Sprintf("%d messages that nobody asked for", got); !strings.Contains(s.books.Sessions.First.String(), want) {
					t.Errorf("the loss is %q, want …%s…", s.books.Sessions.First, want)
				}
				s.logIn() // the next connection begins anew
				if s.roster.members[0].excess != (excess{}) {
					t.Errorf("a new connection has %+v", s.roster.members[0].excess)
				}
			})
		})
	}
}

// What a client sends, and what is an answer to it, makes up for copies.
func TestWorkerForgivesWhatFollowsFromItsOwn(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		m := &s.roster.members[0]
		m.excess.units = 10
		s.step() // sends a message
		if got := m.excess.units; got != 10-bounds.AskedWorth {
			t.Errorf("%d units after a message was sent, want %d", got, 10-bounds.AskedWorth)
		}
		sent, err := wire.Decode([]byte(s.link.sent[len(s.link.sent)-1]))
		if err != nil {
			t.Fatal(err)
		}
		s.arrive(engine.Received, wire.NewReceived(sent), nil)
		if got := m.excess.units; got != 10-2*bounds.AskedWorth {
			t.Errorf("%d units after its ACK, want %d", got, 10-2*bounds.AskedWorth)
		}
		s.arrive(engine.Received, fromStranger(1), nil) // its ACK makes up for nothing
		if got := m.excess; got.units != 10-2*bounds.AskedWorth+1 || got.messages != 1 {
			t.Errorf("a stranger's message comes to %+v", got)
		}
	})
}
