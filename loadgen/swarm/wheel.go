package swarm

import (
	"container/heap"
	"time"
)

// dueQueue has the clients of one worker for which something is due some time,
// the soonest first. It is the only timer that they have.
type dueQueue []*member

// notQueued is the place in the queue of a client that waits for nothing.
const notQueued = -1

// Len, Less, Swap, Push and Pop are for container/heap.
func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].due < q[j].due }
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].queued, q[j].queued = int32(i), int32(j)
}

// Push appends a client.
func (q *dueQueue) Push(x any) {
	m := x.(*member)
	m.queued = int32(len(*q))
	*q = append(*q, m)
}

// Pop removes the last client.
func (q *dueQueue) Pop() any {
	last := len(*q) - 1
	m := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	m.queued = notQueued
	return m
}

// set moves a client to its new time, or takes it out when it has none: ok is false then.
func (q *dueQueue) set(m *member, due time.Duration, ok bool) {
	switch {
	case !ok && m.queued != notQueued:
		heap.Remove(q, int(m.queued))
	case !ok:
	case m.queued == notQueued:
		m.due = due
		heap.Push(q, m)
	case m.due != due:
		m.due = due
		heap.Fix(q, int(m.queued))
	}
}

// soonest is the client that is due first, nil when none is due at all.
func (q dueQueue) soonest() *member {
	if len(q) == 0 {
		return nil
	}
	return q[0]
}
