package swarm

import (
	"time"

	"imcheck/harness/bounds"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
)

// abandoned has the connections that clients of one worker have left without a word. They stay
// open, so that the target knows no better, and nothing is sent on them.
type abandoned map[engine.ConnectionID]*left

// left is one of them.
type left struct {
	link    engine.Link
	remains scenario.Remains
	heard   int // messages
}

// take handles what an engine reports of a connection that is abandoned; ok is false for another
// one.
func (a abandoned) take(arrived engine.Arrival) (ok bool) {
	l := a[arrived.ID]
	if l == nil {
		return false
	}
	switch arrived.Kind {
	case engine.Received, engine.Noise:
		if l.heard++; l.heard > bounds.UnaskedBurst {
			a.drop(arrived.ID) // the target sends without end
			return true
		}
		if arrived.Kind == engine.Received {
			l.remains.Arrived(arrived.At, arrived.Message)
		}
	case engine.Ended:
		l.remains.Ended(arrived.At)
		a.drop(arrived.ID)
	}
	return true
}

// drop closes one of the connections.
func (a abandoned) drop(id engine.ConnectionID) {
	a[id].link.Close()
	delete(a, id)
}

// Abandon implements scenario.Worker.
func (w *worker) Abandon(slot plan.Slot, now time.Duration, asNew bool, remains scenario.Remains) {
	m := &w.roster.members[slot]
	w.sessions.dropped[slot] = true
	if m.link != nil {
		m.link.Mute()
		w.abandoned[engine.ConnectionID{Client: slot, Serial: m.serial}] = &left{link: m.link, remains: remains}
		m.link = nil // so that nobody closes it
		m.seat = w.roster.newSeat(m.transport)
	}
	w.driver.comeBack(m, now, asNew)
}

// comeBack has a client whose connection is abandoned log in over a new one. A new one of the
// same user knows nothing of the session before.
func (d *driver) comeBack(m *member, now time.Duration, asNew bool) {
	event := eventContext{now: now, ours: true}
	if !asNew {
		d.disconnect(m, event)
		return
	}
	m.drop()
	for _, waiting := range m.rules.Abandon() {
		d.messages.lost(now, waiting)
	}
	m.rules = d.run.rulesOf(m)
	d.apply(m, event, m.rules.Start(d.effects[:0]))
}
