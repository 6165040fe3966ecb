package swarm

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// runFollowed is runVirtual for a target whose capabilities are known.
func runFollowed(t *testing.T, c Config, faults ...string) (report *reports.Load) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New(), faults...)
		defer s.Close()
		if err := described.Discover(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		c.Target = described
		var err error
		if report, err = Run(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	})
	return report
}

func TestSwarmCountsWhatTheServerCallsLost(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []string
		lost   int64
	}{
		{"a healthy server", nil, 0},
		{"one that ignores ACKs", []string{"ack-ignored"}, 300},
		{"one that loses messages", []string{"c2c-dropped"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := runFollowed(t, load(), test.faults...)
			if got := ledgerOf(t, report, plan.ToClient); got.CalledLost != test.lost || !slices.Contains(report.Counters, reports.CounterCalledLost) {
				t.Errorf("got %+v, counters %q; want %d that were called lost", got, report.Counters, test.lost)
			}
		})
	}
}

// At a high rate the events are left alone, and the report says so.
func TestEventsAreNotFollowedAtHighRates(t *testing.T) {
	c := load()
	c.Rate, c.Duration = maxFollowedRate+1, time.Second
	if report := runFollowed(t, c); slices.Contains(report.Counters, reports.CounterCalledLost) {
		t.Errorf("the counters are %q", report.Counters)
	}
}

// What counts is that the ACK was out in time over the connection that is there.
func TestCalledLost(t *testing.T) {
	own := plan.MessageID{Client: 0, Stream: plan.CountedC2C, To: 1, Number: 0}
	tests := []struct {
		name        string
		between     func(s *stage)
		fingerprint func(s *stage) string
		want        int64
	}{
		{"too soon", func(*stage) { time.Sleep(reports.SpuriousAfter - time.Nanosecond) }, nil, 0}, // virtual
		{"in time", func(*stage) { time.Sleep(reports.SpuriousAfter) }, nil, 1},
		{"another connection", func(s *stage) {
			time.Sleep(5 * time.Second)
			s.arrive(engine.Ended, wire.Message{}, nil)
			s.logIn()
			time.Sleep(5 * time.Second)
		}, nil, 0},
		{"one that never came", func(*stage) { time.Sleep(5 * time.Second) }, func(s *stage) string {
			missing := own
			missing.Number = 7
			return string(s.swarm.Nonce.AppendFingerprint(nil, missing))
		}, 0},
		{"another run's", func(*stage) { time.Sleep(5 * time.Second) }, func(*stage) string { return "other.0.c1.0" }, 0},
		{"one from nobody", func(*stage) { time.Sleep(5 * time.Second) }, func(s *stage) string {
			return string(s.swarm.Nonce.AppendFingerprint(nil, plan.MessageID{Client: 99, Stream: plan.CountedS2C}))
		}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				s.logIn()
				s.hear(own, 0)
				test.between(s)
				fingerprint := string(s.swarm.Nonce.AppendFingerprint(nil, own))
				if test.fingerprint != nil {
					fingerprint = test.fingerprint(s)
				}
				s.swarm.noteLoss(fingerprint, time.Now())
				time.Sleep(3 * time.Second) // however late the worker looks
				s.takeLosses()
				if got := books.Sum([]*books.Ledger{&s.books.Messages}, plan.ToClient); got.CalledLost != test.want {
					t.Errorf("got %+v, want %d that were called lost", got, test.want)
				}
			})
		})
	}
}

// What a worker has not looked at is bounded.
func TestLossesAreBounded(t *testing.T) {
	var l losses
	for range maxLosses + 10 {
		l.add(loss{})
	}
	if n := len(l.take()); n != maxLosses {
		t.Errorf("%d wait, want %d", n, maxLosses)
	}
	if n := len(l.take()); n != 0 {
		t.Errorf("%d wait still", n)
	}
}

// A client that a stage adds is one of the run.
func TestLossesOfClientsThatAStageAdds(t *testing.T) {
	onStageOf(t, func(c *Config) {
		c.Clients = 2
		c.Stages = []options.Stage{{For: c.Duration, Clients: c.Clients + 4}}
	}, func(s *stage) {
		added := plan.MessageID{Client: plan.Client(s.swarm.config.Clients + 3), Stream: plan.CountedS2C}
		s.swarm.noteLoss(string(s.swarm.Nonce.AppendFingerprint(nil, added)), time.Now())
		var noted []loss
		for _, w := range s.swarm.workers {
			noted = append(noted, w.losses.take()...)
		}
		if len(noted) != 1 || noted[0].receiver != added.Client {
			t.Errorf("noted are %+v, want the one of client %d", noted, added.Client)
		}
	})
}
