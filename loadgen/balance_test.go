package loadgen

import (
	"fmt"
	"testing"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// hear lets the client of the stage receive a copy of a message that another
// one of this run sent.
func (s *stage) hear(sender serial, sent time.Duration) {
	user := s.members[0].rules.User()
	content := string(appendContent(nil, sent, sent, 64))
	fingerprint := string(appendFingerprint(nil, s.swarm.nonce, sender))
	s.arrive(came, wire.NewQoSData(userID(s.swarm.nonce, sender.client), user, content, fingerprint), nil)
}

// A client alone writes to itself, so it is its own peer.
func TestLedgerTellsCopiesApart(t *testing.T) {
	from := func(n uint32) serial { return serial{0, countedC2C, 1, n} }
	tests := []struct {
		name string
		play func(s *stage)
		want reports.Ledger // of C2C, but for what was sent
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
		{"from nobody", func(s *stage) { s.hear(serial{5, countedC2C, 1, 0}, 0) }, reports.Ledger{Stray: 1}},
		{"with a number that nobody gave", func(s *stage) { s.hear(from(1<<31), 0) }, reports.Ledger{Stray: 1}},
		{"of another flow", func(s *stage) { s.hear(serial{0, countedC2S, 0, 0}, 0) }, reports.Ledger{Stray: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				s.logIn()
				test.play(s)
				got := sum([]*ledger{&s.ledger}, toClient)
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
		user := s.members[0].rules.User()
		for range 6 {
			s.pass(3 * time.Second)
			s.arrive(came, wire.NewKeepAliveResponse("u"), nil)
		}
		ack := wire.New(wire.TypeReceived, wire.ServerID, user)
		ack.DataContent = wire.Some(string(appendFingerprint(nil, s.swarm.nonce, serial{0, countedC2S, 0, 0})))
		s.arrive(came, ack, nil)
		s.arrive(came, ack, nil) // a second one is no news
		if a := &s.ledger[toServer]; a.lost.Load() == 0 || a.lateACKs.Load() != 1 {
			t.Errorf("%d lost, %d ACKs came too late; want some, and 1", a.lost.Load(), a.lateACKs.Load())
		}
	})
}

func TestGivenUpIsBounded(t *testing.T) {
	var g givenUp
	for i := range maxGivenUp + 10 {
		g.add(fmt.Sprint(i))
	}
	if len(g.known) != maxGivenUp || g.take("9") || !g.take("10") || g.take("10") {
		t.Errorf("%d are known, the oldest are to be forgotten", len(g.known))
	}
}

// The window of a pair and the account of all may not drift apart unseen.
func TestBalanceShowsWhatDoesNotAddUp(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.step()
		s.hear(serial{0, countedC2C, 1, 0}, 0)
		s.ledger[toClient].delivered.Add(2)
		s.noteWaiting(&s.members[0])
		messages := s.swarm.totals()
		s.swarm.balance(messages)
		if messages[toServer].Unbalanced != 0 || messages[toClient].Unbalanced != 2 {
			t.Errorf("off by %d and %d, want 0 and 2", messages[toServer].Unbalanced, messages[toClient].Unbalanced)
		}
	})
}

func TestPeersAreMutual(t *testing.T) {
	for _, clients := range []int{1, 2, 3, 4, 5, 8} {
		s := newSchedule(Config{Clients: clients, Rate: 1, Scenario: ScenarioSteady})
		for client := range clients {
			receiver := s.peerAt(client, 1)
			place, ok := s.placeOf(receiver, client)
			if !ok || place >= s.places() || s.peerAt(receiver, place) != client {
				t.Errorf("of %d clients number %d writes to %d, which does not know it", clients, client, receiver)
			}
		}
	}
}
