package swarm

import (
	"testing"
	"time"

	"imcheck/loadgen/plan"
)

func TestResent(t *testing.T) {
	var r resent
	id := func(n uint32) plan.MessageID {
		return plan.MessageID{Client: 1, Stream: plan.CountedC2C, To: 1, Number: n}
	}
	now := resentFor
	r.add(now, id(1))
	if !r.maybe(id(1)) || r.maybe(id(2)) {
		t.Errorf("1 may be known: %v, 2: %v; want the first", r.maybe(id(1)), r.maybe(id(2)))
	}
	r.add(now+2*resentFor-time.Nanosecond, id(3))
	if !r.maybe(id(1)) {
		t.Error("a message was forgotten before its time")
	}
	r.add(now+3*resentFor, id(4))
	if r.maybe(id(1)) || !r.maybe(id(3)) {
		t.Errorf("1 may be known: %v, 3: %v; want the second", r.maybe(id(1)), r.maybe(id(3)))
	}
}

// Of more messages than are remembered any may have been sent again.
func TestResentIsBounded(t *testing.T) {
	var r resent
	for n := range uint32(maxResent + 10) {
		r.add(0, plan.MessageID{Number: n})
	}
	if n := len(r.recent.known); n != maxResent {
		t.Errorf("%d are remembered, want %d", n, maxResent)
	}
	if !r.maybe(plan.MessageID{Client: 7}) {
		t.Error("one more is known not to have been sent again")
	}
	for i := range 2 {
		r.add(time.Duration(i+1)*resentFor, plan.MessageID{})
	}
	if r.maybe(plan.MessageID{Client: 7}) {
		t.Error("it stays so when there are few again")
	}
}
