package swarm

import (
	"slices"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// A copy is spurious when its ACK was out in time, over the same connection, and no client
// has sent the message again.
func TestSpuriousCopies(t *testing.T) {
	own := plan.MessageID{Client: 0, Stream: plan.CountedC2C, To: 1, Number: 0}
	tests := []struct {
		name string
		on   wire.Transport
		play func(s *stage)
		want reports.Ledger
	}{
		{"as soon as the ACK was out", wire.TCP, func(s *stage) {
			s.hear(own, 0)
			s.hear(own, 0)
		}, reports.Ledger{Delivered: 1, Duplicated: 1}},
		{"when it may have crossed the ACK", wire.TCP, func(s *stage) {
			s.hear(own, 0)
			time.Sleep(reports.SpuriousAfter - time.Nanosecond) // virtual
			s.hear(own, 0)
		}, reports.Ledger{Delivered: 1, Duplicated: 1}},
		{"later", wire.TCP, func(s *stage) {
			s.hear(own, 0)
			time.Sleep(reports.SpuriousAfter) // virtual
			s.hear(own, 0)
		}, reports.Ledger{Delivered: 1, Duplicated: 1, Spurious: 1}},
		{"twice", wire.UDP, func(s *stage) {
			for range 3 {
				s.hear(own, 0)
				time.Sleep(5 * time.Second) // virtual
			}
		}, reports.Ledger{Delivered: 1, Duplicated: 2, Spurious: 2, SpuriousUDP: 2}},
		{"over another connection", wire.TCP, func(s *stage) {
			s.hear(own, 0)
			s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.ByPeer})
			time.Sleep(5 * time.Second) // virtual
			s.logIn()
			s.hear(own, 0)
		}, reports.Ledger{Delivered: 1, Duplicated: 1}},
		{"acknowledged over this connection too", wire.TCP, func(s *stage) {
			s.hear(own, 0)
			s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.ByPeer})
			time.Sleep(5 * time.Second) // virtual
			s.logIn()
			s.hear(own, 0)
			time.Sleep(5 * time.Second) // virtual
			s.hear(own, 0)
		}, reports.Ledger{Delivered: 1, Duplicated: 2, Spurious: 1}},
		{"sent again by its sender", wire.TCP, func(s *stage) {
			s.hear(own, 0)
			s.swarm.resent.add(0, own)
			time.Sleep(5 * time.Second) // virtual
			s.hear(own, 0)
		}, reports.Ledger{Delivered: 1, Duplicated: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStageOf(t, func(c *Config) { c.Transports = []wire.Transport{test.on} }, func(s *stage) {
				s.logIn()
				test.play(s)
				got := books.Sum([]*books.Ledger{&s.books.Messages}, plan.ToClient)
				test.want.Kind, test.want.Missing = "c2c", -test.want.Delivered
				if got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
			})
		})
	}
}

// A message that a client sends again is known before its copy goes out.
func TestResendingIsNoted(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.step() // sends the first message
		for range 3 {
			s.pass(3 * time.Second)
			s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil)
		}
		again := int64(0)
		for f := range s.books.Messages {
			again += s.books.Messages[f].Retransmits.Load()
		}
		if noted := int64(len(s.swarm.resent.recent.known)); again == 0 || noted != again {
			t.Errorf("%d were sent again, %d are noted", again, noted)
		}
	})
}

func TestSwarmShowsSpuriousCopies(t *testing.T) {
	healthy := runVirtual(t, load(), nil)
	if got := ledgerOf(t, healthy, plan.ToClient); got.Spurious != 0 || !slices.Contains(healthy.Counters, reports.CounterSpurious) {
		t.Errorf("a healthy server: %+v, counters %q", got, healthy.Counters)
	}
	report := runVirtual(t, load(), nil, "ack-ignored")
	got := ledgerOf(t, report, plan.ToClient)
	if got.Delivered != 300 || got.Spurious != 300 || got.SpuriousUDP != 100 || got.Duplicated != 300 {
		t.Errorf("got %+v, want each message again, a third of them over UDP", got)
	}
	if d := got.SpuriousDelay; d.P50Us < 2_000_000 || d.P50Us > d.P99Us || d.P99Us > d.MaxUs || d.MaxUs > 7_100_000 || d.Histogram == "" {
		t.Errorf("they came %+v after the ACK, want 2 to 7 s", d)
	}
	if len(ledgerOf(t, report, plan.ToServer).SpuriousDelay.Histogram) > 0 {
		t.Error("messages to the server came again")
	}
}

// What the senders have sent again is not the server's retransmission.
func TestSwarmKnowsWhatItSentAgain(t *testing.T) {
	for _, fault := range []string{"c2c-doubled", "c2c-ack-missing"} {
		got := ledgerOf(t, runVirtual(t, load(), nil, fault), plan.ToClient)
		if got.Duplicated == 0 || got.Spurious != 0 {
			t.Errorf("%s: got %+v, want copies of which none is spurious", fault, got)
		}
	}
}
