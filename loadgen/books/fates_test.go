package books

import (
	"testing"

	"imcheck/loadgen/plan"
)

// The impairment accounts for a message when no copy got as far as the server, or when what
// the server sent for it was dropped.
func TestFates(t *testing.T) {
	c2c := plan.MessageID{Client: 3, Stream: plan.CountedC2C, To: 1, Number: 7}
	c2s := plan.MessageID{Client: 3, Stream: plan.CountedC2S, Number: 7}
	s2c := plan.MessageID{Client: 3, Stream: plan.CountedS2C, Number: 7}
	tests := []struct {
		name                 string
		id                   plan.MessageID
		story                func(f *Fates, id plan.MessageID)
		unacked, undelivered bool // the impairment accounts for that
	}{
		{"nothing was dropped", c2c, func(*Fates, plan.MessageID) {}, false, false},
		{"every copy", c2c, func(f *Fates, id plan.MessageID) {
			f.SendDropped(0, id, false)
			f.SendDropped(0, id, true)
		}, true, true},
		{"the first copy", c2c, func(f *Fates, id plan.MessageID) {
			f.SendDropped(0, id, false)
			f.SendPassed(id)
		}, false, false},
		{"the second copy", c2c, func(f *Fates, id plan.MessageID) {
			f.SendPassed(id)
			f.SendDropped(0, id, true)
		}, false, false},
		{"the ACK", c2c, func(f *Fates, id plan.MessageID) { f.ACKDropped(0, id) }, true, false},
		{"the copy for the receiver", c2c, func(f *Fates, id plan.MessageID) { f.DeliveryDropped(0, id) }, false, true},
		{"the ACK, though it arrived", c2c, func(f *Fates, id plan.MessageID) {
			f.ACKDropped(0, id)
			f.Delivered(id)
		}, true, false},
		{"every copy to the server", c2s, func(f *Fates, id plan.MessageID) { f.SendDropped(0, id, false) }, true, false},
		{"a push", s2c, func(f *Fates, id plan.MessageID) { f.DeliveryDropped(0, id) }, false, true},
		{"a push that came again", s2c, func(f *Fates, id plan.MessageID) {
			f.DeliveryDropped(0, id)
			f.Delivered(id)
		}, false, false},
	}
	for _, test := range tests {
		f := NewFates()
		test.story(f, test.id)
		if got := f.GivenUp(test.id); got != test.unacked {
			t.Errorf("%s: it accounts for the missing ACK: %t, want %t", test.name, got, test.unacked)
		}
		n, full := f.CountUndelivered(func(plan.MessageID) bool { return false })
		if got := f.Undelivered(test.id); got != test.undelivered || got != (n[test.id.Stream.Flow()] == 1) || full {
			t.Errorf("%s: it accounts for the missing message: %t, counted %v, want %t", test.name, got, n, test.undelivered)
		}
	}
}

// What has got through is forgotten, so that only what has not takes memory. Beyond the bound
// nobody is blamed.
func TestFatesAreBounded(t *testing.T) {
	f := NewFates()
	id := plan.MessageID{Stream: plan.CountedC2C, To: 1}
	for range 2 * maxFates {
		id.Number++
		f.SendDropped(0, id, false)
		f.Acknowledged(id)
		f.Delivered(id)
	}
	if len(f.known) != 0 || f.GivenUp(id) {
		t.Errorf("%d are remembered that have got through", len(f.known))
	}
	for range maxFates + 1 {
		id.Number++
		f.SendDropped(0, id, false)
	}
	f.ACKDropped(undecidedFor/2, plan.MessageID{Stream: plan.CountedC2S})
	if len(f.known) != maxFates || !f.GivenUp(plan.MessageID{Stream: plan.CountedC2C, To: 2}) {
		t.Errorf("%d are remembered, and one of which nothing is known is the target's", len(f.known))
	}
}
