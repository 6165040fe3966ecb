package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/harness/bounds"
	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
)

const (
	// heldFor is the longest that a message waits for its client to be allowed to
	// send it: longer than its predecessor can stay without an ACK (§4).
	heldFor = 30 * time.Second
	// maxHeld is the largest number of messages that wait at a worker.
	maxHeld = 1 << 18
)

// held are the messages that are due and wait because their client has as many
// without an ACK as it may have. They keep their due times: what they wait is
// part of their latency since then, and no part of that since they were sent.
type held struct {
	byMember map[plan.Slot][]heldSend // the oldest first
	count    atomic.Int64
}

// heldSend is a message that has not been made yet.
type heldSend struct {
	flow  plan.Flow
	place plan.Place
	due   time.Duration
}

// maxUnacked bounds the messages of a worker that wait for their ACK.
func (c *Config) maxUnacked() int {
	return bounds.Unacknowledged / (bounds.MessageCost + plan.MessageOverhead(c.Clients) + c.Payload)
}

// mayNotSend reports whether a client has as many messages without an ACK as it
// may have.
func (w *worker) mayNotSend(m *member) bool {
	limit := w.swarm.config.InFlight
	return limit > 0 && (m.rules.Unacknowledged() >= limit || len(w.held.byMember[w.slot(m)]) > 0)
}

// hold lets a message wait.
func (w *worker) hold(m *member, s heldSend) {
	if w.held.count.Load() >= maxHeld {
		w.books.Fail(books.Blocked, w.swarm.Schedule.Counts(s.due))
		return
	}
	if w.held.byMember == nil {
		w.held.byMember = map[plan.Slot][]heldSend{}
	}
	slot := w.slot(m)
	w.held.byMember[slot] = append(w.held.byMember[slot], s)
	w.held.count.Add(1)
}

// release sends what a client may send by now.
func (w *worker) release(m *member) {
	if w.held.count.Load() == 0 || !m.begun {
		return
	}
	slot := w.slot(m)
	for m.rules.Online() && len(w.held.byMember[slot]) > 0 && m.rules.Unacknowledged() < w.swarm.config.InFlight {
		next := w.held.byMember[slot][0]
		w.held.byMember[slot] = w.held.byMember[slot][1:]
		now, counts := w.now(), w.swarm.Schedule.Counts(next.due)
		if now-next.due > heldFor {
			w.books.Fail(books.Blocked, counts)
		} else {
			w.send(m, next.flow, next.place, next.due, now, counts)
		}
		w.held.count.Add(-1)
	}
	if len(w.held.byMember[slot]) == 0 {
		delete(w.held.byMember, slot)
	}
}

// dropHeld counts what still waits at the end: it could not be started.
func (w *worker) dropHeld() {
	for _, sends := range w.held.byMember {
		for _, s := range sends {
			w.books.Fail(books.Blocked, w.swarm.Schedule.Counts(s.due))
		}
	}
	w.held.byMember = nil
	w.held.count.Store(0)
}
