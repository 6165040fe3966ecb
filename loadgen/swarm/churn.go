package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
)

// churn has a worker's clients log out and, a while later, log in again as new.
// Departure n is due when the n-th message of a steady load would be, of the
// client whose turn it is; its return follows Away later. Checked is that a
// client is back before its next turn.
type churn struct {
	plain
	worker  *worker
	total   uint64          // departures of all workers
	leaving uint64          // next departure of this worker
	back    uint64          // next return of this worker
	last    time.Duration   // returns that are due later do not take place
	due     []time.Duration // by member: when a return was due that has not logged in; -1 for none
	out     []bool          // by member: it left
	coming  atomic.Int64    // logins under way
}

// none is the due time of what is not under way.
const none = -1

func newChurn(w *worker) *churn {
	_, end := w.swarm.schedule.Steady()
	c := &churn{
		worker: w, total: w.swarm.schedule.DueBefore(end), last: end,
		due: make([]time.Duration, len(w.members)), out: make([]bool, len(w.members)),
	}
	for i := range c.due {
		c.due[i] = none
	}
	c.leaving = c.own(0)
	c.back = c.leaving
	return c
}

// own is the first departure from n on that is one of this worker's clients'.
func (c *churn) own(n uint64) uint64 {
	for n < c.total && !c.worker.has(c.worker.swarm.schedule.Turn(n)) {
		n++
	}
	return n
}

// leaves returns when departure n is due, and comes when that client is due to return.
func (c *churn) leaves(n uint64) time.Duration { return c.worker.swarm.schedule.Due(n) }
func (c *churn) comes(n uint64) time.Duration  { return c.leaves(n) + c.worker.swarm.config.Away }

func (c *churn) next() (due time.Duration, any bool) {
	if c.back < c.leaving && c.comes(c.back) < c.last {
		due, any = c.comes(c.back), true
	}
	if c.leaving < c.total && (!any || c.leaves(c.leaving) < due) {
		due, any = c.leaves(c.leaving), true
	}
	return due, any
}

func (c *churn) step(now time.Duration) {
	for range batch {
		due, any := c.next()
		if !any || due > now {
			return
		}
		if c.leaving < c.total && due == c.leaves(c.leaving) {
			c.leave(due)
			c.leaving = c.own(c.leaving + 1)
		} else {
			c.comeBack(due)
			c.back = c.own(c.back + 1)
		}
	}
}

// member is the client of departure n.
func (c *churn) member(n uint64) (m *member, slot plan.Slot) {
	slot = c.worker.swarm.slotOf(c.worker.swarm.schedule.Turn(n))
	return &c.worker.members[slot], slot
}

func (c *churn) leave(due time.Duration) {
	m, slot := c.member(c.leaving)
	counts := c.worker.swarm.schedule.Counts(due)
	now := c.worker.now()
	if !m.begun || !m.online {
		c.worker.books.Fail(books.NotOnline, counts)
		return
	}
	c.late(due, now)
	c.out[slot] = true
	c.worker.apply(m, eventContext{now: now, ours: true}, m.rules.Logout(c.worker.effects[:0]))
}

// comeBack logs a client in anew, if it left.
func (c *churn) comeBack(due time.Duration) {
	m, slot := c.member(c.back)
	if !c.out[slot] {
		return
	}
	now := c.worker.now()
	c.late(due, now)
	c.out[slot], c.due[slot] = false, due
	c.coming.Add(1)
	c.worker.apply(m, eventContext{now: now}, m.rules.Start(c.worker.effects[:0]))
}

func (c *churn) late(due, now time.Duration) {
	if c.worker.swarm.schedule.Counts(due) {
		c.worker.books.Latencies.RecordLateness(now - due)
	}
}

func (c *churn) loggedIn(m *member, event eventContext) {
	slot := c.worker.slot(m)
	due := c.due[slot]
	if due == none {
		return
	}
	c.due[slot] = none
	c.coming.Add(-1)
	if c.worker.swarm.schedule.Counts(due) {
		c.worker.books.Latencies.Record(books.Relogin, m.transport, event.now-due, event.now-m.dialBegan)
	}
}

func (c *churn) stop(at time.Duration) {
	c.total, c.last = min(c.total, c.worker.swarm.schedule.DueBefore(at)), min(c.last, at)
}

func (c *churn) busy() bool { return c.coming.Load() > 0 }
