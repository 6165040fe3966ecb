package swarm

import (
	"testing"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// hear lets the client of the stage receive a copy of a message that another
// one of this run sent.
func (s *stage) hear(sender plan.MessageID, sent time.Duration) {
	user := s.roster.members[0].rules.User()
	content := string(plan.AppendContent(nil, sent, sent, 64))
	fingerprint := string(s.swarm.Nonce.AppendFingerprint(nil, sender))
	s.arrive(engine.Received, wire.NewQoSData(s.swarm.Nonce.User(sender.Client), user, content, fingerprint), nil)
}

// A client alone writes to itself, so it is its own peer.
func TestLedgerTellsCopiesApart(t *testing.T) {
	from := func(n uint32) plan.MessageID {
		return plan.MessageID{Client: 0, Stream: plan.CountedC2C, To: 1, Number: n}
	}
	tests := []struct {
		name string
		play func(s *stage)
		want reports.Ledger // C2C ledger, without the messages sent
	}{
		{"in order", func(s *stage) { s.hear(from(0), 0); s.hear(from(1), 0) }, reports.Ledger{Delivered: 2}},
		{"twice", func(s *stage) { s.hear(from(0), 0); s.hear(from(0), 0) }, reports.Ledger{Delivered: 1, Duplicated: 1}},
		{"overtaken", func(s *stage) { s.hear(from(1), 0); s.hear(from(0), 0) }, reports.Ledger{Delivered: 2, Reordered: 1}},
		{"after it was given up", func(s *stage) {
			time.Sleep(lossAge + time.Millisecond) // virtual
			s.hear(from(0), 0)
		}, reports.Ledger{TooLate: 1}},
		{"just before it is", func(s *stage) {
			time.Sleep(lossAge) // virtual
			s.hear(from(0), 0)
		}, reports.Ledger{Delivered: 1}},
		{"taken for missing", func(s *stage) { s.hear(from(64), 0); s.hear(from(0), 0) }, reports.Ledger{Delivered: 1, TooLate: 1}},
		{"from nobody", func(s *stage) { s.hear(plan.MessageID{Client: 5, Stream: plan.CountedC2C, To: 1, Number: 0}, 0) }, reports.Ledger{Unexpected: 1}},
		{"with a number that nobody gave", func(s *stage) { s.hear(from(1<<31), 0) }, reports.Ledger{Unexpected: 1}},
		{"of another flow", func(s *stage) { s.hear(plan.MessageID{Client: 0, Stream: plan.CountedC2S, To: 0, Number: 0}, 0) }, reports.Ledger{Unexpected: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				s.logIn()
				test.play(s)
				got := books.Sum([]*books.Ledger{&s.books.Messages}, plan.ToClient)
				test.want.Kind, test.want.Missing = "c2c", -test.want.Delivered-test.want.TooLate
				if got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
			})
		})
	}
}

func TestLedgerCountsLateACKs(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.step() // sends the first message
		user := s.roster.members[0].rules.User()
		for range 6 {
			s.pass(3 * time.Second)
			s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil)
		}
		ack := wire.New(wire.TypeReceived, wire.ServerID, user)
		ack.DataContent = wire.Some(string(s.swarm.Nonce.AppendFingerprint(nil, plan.MessageID{Client: 0, Stream: plan.CountedC2S, To: 0, Number: 0})))
		s.arrive(engine.Received, ack, nil)
		s.arrive(engine.Received, ack, nil) // a second one changes nothing
		if a := &s.books.Messages[plan.ToServer]; a.Lost.Load() == 0 || a.LateACKs.Load() != 1 {
			t.Errorf("%d lost, %d ACKs came too late; want some, and 1", a.Lost.Load(), a.LateACKs.Load())
		}
	})
}

// The window of a pair and the account of all may not drift apart unseen.
func TestBalanceShowsWhatDoesNotAddUp(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.step()
		s.hear(plan.MessageID{Client: 0, Stream: plan.CountedC2C, To: 1, Number: 0}, 0)
		s.books.Messages[plan.ToClient].Delivered.Add(2)
		s.messages.waiting(&s.roster.members[0])
		messages := s.swarm.totals()
		balance{s.swarm}.of(messages)
		if messages[plan.ToServer].Unbalanced != 0 || messages[plan.ToClient].Unbalanced != 2 {
			t.Errorf("off by %d and %d, want 0 and 2", messages[plan.ToServer].Unbalanced, messages[plan.ToClient].Unbalanced)
		}
	})
}
