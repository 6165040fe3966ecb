package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/plan"
)

const (
	// heldFor is the longest that a message waits for its client to be allowed to
	// send it: longer than its predecessor can stay without an ACK (§4).
	heldFor = 30 * time.Second
	// maxHeld is the largest number of messages that wait at a worker.
	maxHeld = 1 << 18
)

// heldSends are the messages that are due and wait because their client has as many
// without an ACK as its in-flight limit allows. They keep their due times: what they wait
// is part of their latency since then, and no part of that since they were sent.
type heldSends struct {
	limit    int                      // in-flight limit of a client; 0 for none
	byMember map[plan.Slot][]heldSend // the oldest first
	count    atomic.Int64             // the user counts down what it has taken and sent
}

// heldSend is a message that has not been made yet.
type heldSend struct {
	flow  plan.Flow
	place plan.Place
	due   time.Duration
}

// mustWait reports whether a client has as many messages without an ACK as it may have.
func (h *heldSends) mustWait(m *member, slot plan.Slot) bool {
	return h.limit > 0 && (m.rules.Unacknowledged() >= h.limit || len(h.byMember[slot]) > 0)
}

// add lets a message wait; false when too many do.
func (h *heldSends) add(slot plan.Slot, s heldSend) bool {
	if h.count.Load() >= maxHeld {
		return false
	}
	if h.byMember == nil {
		h.byMember = map[plan.Slot][]heldSend{}
	}
	h.byMember[slot] = append(h.byMember[slot], s)
	h.count.Add(1)
	return true
}

// next takes out the oldest message that a client may send by now; ok is false when there
// is none.
func (h *heldSends) next(m *member, slot plan.Slot) (s heldSend, ok bool) {
	waiting := h.byMember[slot]
	if len(waiting) == 0 {
		delete(h.byMember, slot)
		return heldSend{}, false
	}
	if !m.rules.Online() || m.rules.Unacknowledged() >= h.limit {
		return heldSend{}, false
	}
	h.byMember[slot] = waiting[1:]
	return waiting[0], true
}

// drop forgets everything and returns the due times.
func (h *heldSends) drop() (due []time.Duration) {
	for _, sends := range h.byMember {
		for _, s := range sends {
			due = append(due, s.due)
		}
	}
	h.byMember = nil
	h.count.Store(0)
	return due
}
