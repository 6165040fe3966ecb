package swarm

import (
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/protocol/wire"
)

// Messages that wait for their ACK are bounded for each worker; beyond that what is
// due is not sent, and counted.
func TestWorkerBoundsWhatWaitsForAnACK(t *testing.T) {
	onStage(t, func(s *stage) {
		s.swarm.maxUnacked = 2
		s.logIn()
		for range 4 { // due at 0, 0.5, 1 and 1.5 s
			s.step()
			time.Sleep(500 * time.Millisecond) // virtual
		}
		if got := s.sentOf(wire.TypeData); got != 2 || s.books.NotMade[books.Blocked].Load() != 2 {
			t.Fatalf("%d were sent and %d blocked, want 2 each", got, s.books.NotMade[books.Blocked].Load())
		}
		first, err := wire.Decode([]byte(s.link.sent[1])) // after the login
		if err != nil {
			t.Fatal(err)
		}
		s.arrive(engine.Received, wire.NewReceived(first), nil)
		s.arrive(engine.Received, wire.NewReceived(first), nil) // the second one is for nothing
		if s.messages.unacked != 1 {
			t.Errorf("%d wait after an ACK, want 1", s.messages.unacked)
		}
		s.step() // due at 2 s
		if got := s.sentOf(wire.TypeData); got != 3 || s.messages.unacked != 2 {
			t.Errorf("%d were sent and %d wait, want 3 and 2", got, s.messages.unacked)
		}
	})
}

// A message that is given up waits no more.
func TestWorkerCountsLostMessagesNoMore(t *testing.T) {
	onStage(t, func(s *stage) {
		s.swarm.maxUnacked = 1
		s.logIn()
		s.step()
		for range 20 {
			s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil)
			s.pass(time.Second)
			if s.messages.unacked > 1 {
				t.Fatalf("%d wait, want one at most", s.messages.unacked)
			}
		}
		var sent, lost int64
		for f := range s.books.Messages {
			sent += s.books.Messages[f].Sent.Load()
			lost += s.books.Messages[f].Lost.Load()
		}
		if lost != 1 || sent != 2 {
			t.Errorf("%d were lost, of %d that were sent; want one, and that another was sent", lost, sent)
		}
	})
}

// The bound follows from the size of the messages.
func TestMaxUnacked(t *testing.T) {
	c := goodConfig()
	small := c.maxUnacked()
	c.Payload += 10_000
	if large := c.maxUnacked(); small > bounds.Unacknowledged/bounds.MessageCost || large > bounds.Unacknowledged/10_000 || large < 10_000 {
		t.Errorf("%d small and %d large messages may wait", small, large)
	}
}
