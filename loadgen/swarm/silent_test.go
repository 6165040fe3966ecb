package swarm

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Clients of a port that accepts and says nothing do not keep those of another
// one from coming online, and those that had no turn are not blamed on anyone.
func TestASilentPortHarmsNobodyElse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, described := startServer(t, transport.OS{})
	defer s.Close()
	described.Addresses[wire.WS] = l.Addr().String()
	c := shortLoad()
	const each = 300
	c.Target, c.Transports, c.Scenario, c.Clients = described, []wire.Transport{wire.TCP, wire.WS}, ScenarioIdle, 2*each
	var running sync.WaitGroup
	for _, portable := range []bool{false, true} {
		c := c
		c.portable = portable
		running.Go(func() {
			report, err := Run(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			lost := report.Sessions.LostByCause
			tried, queued := lost[causeNoConnect], lost[books.CauseQueued]
			if report.Sessions.AtEnd != each || tried < bounds.DialsAtOnce || tried+queued != each {
				t.Errorf("portable: %t: sessions are %+v, want %d at the end, and all others tried or queued", portable, report.Sessions, each)
			}
			expect(t, report, reports.OutcomeFail, 1, "300 sessions were lost; first load-")
			if !strings.Contains(report.Reason, errUnderWay.Error()) {
				t.Errorf("the reason is %q, want that of a client that was tried", report.Reason)
			}
		})
	}
	running.Wait()
}

// What kept a client out is its own trouble, never another's.
func TestWorkerTellsWhatKeptAClientOut(t *testing.T) {
	refused, later := errors.New("refused"), errors.New("later")
	tests := []struct {
		name   string
		play   func(s *stage)
		cause  string
		detail error
	}{
		{"waiting for its turn", func(s *stage) { s.engine.waiting = s.engine.asked }, books.CauseQueued, nil},
		{"under way", func(*stage) {}, causeNoConnect, errUnderWay},
		{"a request that was given up is no wait", func(s *stage) {
			s.engine.waiting = []engine.ConnectionID{{Serial: s.engine.last().Serial + 1}}
		}, causeNoConnect, errUnderWay},
		{"failed, and waiting again", func(s *stage) {
			s.arrive(engine.Failed, wire.Message{}, refused)
			s.pass(3 * time.Second)
			s.engine.waiting = s.engine.asked[1:]
		}, causeNoConnect, refused},
		{"failed twice", func(s *stage) {
			s.arrive(engine.Failed, wire.Message{}, refused)
			s.pass(3 * time.Second)
			s.arrive(engine.Failed, wire.Message{}, later)
		}, causeNoConnect, later},
		{"connected", func(s *stage) {
			s.link = &fakeLink{}
			s.take(engine.Arrival{Kind: engine.Opened, ID: s.engine.last(), Link: s.link})
		}, causeNoResponse, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				test.play(s)
				s.driver.countUnserved(s.run.Now())
				if got := s.books.Sessions.First; s.books.Sessions.Total() != 1 || got.Cause != test.cause || got.Detail != test.detail {
					t.Errorf("lost are %v, first %v; want %q with %v", s.books.Sessions.Lost, got, test.cause, test.detail)
				}
			})
		})
	}
}
