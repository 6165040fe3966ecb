package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// echoPatience is the time for which an echo waits for an answer before the next
// question is asked.
const echoPatience = reports.EchoTimeout

// echo is the closed loop: every client has one question under way at most, and
// asks the next one a think time after the answer. All wait equally long, so
// that both queues stay in order without sorting.
type echo struct {
	worker  *worker
	asked   []time.Duration // by member: when its question was sent; none without one
	turns   []echoTurn      // the clients that are to ask, and the times
	waits   []echoTurn      // the clients that have asked, and the ends of their waits
	open    atomic.Int64    // questions that count and wait for their answer
	stopped time.Duration   // nobody asks from then on
}

// echoTurn is a client for which something is due.
type echoTurn struct {
	slot plan.Slot
	due  time.Duration
	sent time.Duration // for a wait: the time of its question
}

func newEcho(w *worker) *echo {
	_, end := w.swarm.schedule.Steady()
	e := &echo{worker: w, asked: make([]time.Duration, len(w.members)), stopped: end}
	for i := range e.asked {
		e.asked[i] = none
	}
	return e
}

func (e *echo) next() (due time.Duration, any bool) {
	if len(e.turns) > 0 {
		due, any = e.turns[0].due, true
	}
	if len(e.waits) > 0 && (!any || e.waits[0].due < due) {
		due, any = e.waits[0].due, true
	}
	return due, any
}

func (e *echo) step(now time.Duration) {
	for range batch {
		if len(e.waits) == 0 || e.waits[0].due > now {
			break
		}
		w := e.waits[0]
		e.waits = e.waits[1:]
		e.giveUp(w, now)
	}
	for range batch {
		if len(e.turns) == 0 || e.turns[0].due > now {
			break
		}
		t := e.turns[0]
		e.turns = e.turns[1:]
		e.ask(t.slot, now)
	}
}

// loggedIn lets a client begin, with the end of the ramp at the earliest. One
// that has a question under way goes on when that is settled.
func (e *echo) loggedIn(m *member, event eventContext) {
	slot := e.worker.slot(m)
	if m.served {
		return // it is in one of the queues
	}
	if ramp := e.worker.swarm.schedule.Ramp(); event.now < ramp {
		e.turns = append(e.turns, echoTurn{slot: slot, due: ramp})
		return
	}
	e.turns = append(e.turns, echoTurn{slot: slot, due: event.now + e.worker.swarm.config.ThinkTime})
}

// ask sends a question. A client that is not logged in has its turn again after
// the patience.
func (e *echo) ask(slot plan.Slot, now time.Duration) {
	w := e.worker
	m := &w.members[slot]
	switch {
	case now >= e.stopped:
		return
	case !m.online:
		e.waits = append(e.waits, echoTurn{slot, now + echoPatience, none})
		return
	}
	counts := w.swarm.schedule.Counts(now)
	w.books.Activity.Sent.Add(1)
	if counts {
		w.books.Messages[plan.Echoed].Sent.Add(1)
		e.open.Add(1)
	}
	e.asked[slot] = now
	e.waits = append(e.waits, echoTurn{slot, now + echoPatience, now})
	w.scratch = plan.AppendContent(w.scratch[:0], now, now, w.swarm.config.Payload)
	question := wire.NewEcho(m.rules.User(), string(w.scratch))
	effects, _ := m.rules.Send(w.at(m, now), question, w.effects[:0]) // online is checked
	w.apply(m, eventContext{now: now}, effects)
}

// heard takes an answer, by the stamp in it; asked is whether it is the one that
// the client waits for.
func (e *echo) heard(m *member, event eventContext, message wire.Message) (asked bool) {
	if message.Type != wire.TypeEchoResponse {
		return false
	}
	w := e.worker
	_, sent, ok := plan.ParseContent(message.DataContent.Value())
	slot := w.slot(m)
	if !ok {
		return false
	}
	counts := w.swarm.schedule.Counts(sent)
	if sent != e.asked[slot] {
		if counts {
			w.books.Messages[plan.Echoed].LateACKs.Add(1) // given up, or answered before
		}
		return false
	}
	e.asked[slot] = none
	w.books.Activity.Deliver(event.now - sent)
	if counts {
		e.open.Add(-1)
		w.books.Messages[plan.Echoed].Acknowledged.Add(1)
		w.books.Latencies.RecordReply(books.EchoReply, m.transport, event.now-sent)
	}
	e.turns = append(e.turns, echoTurn{slot: slot, due: event.now + w.swarm.config.ThinkTime})
	return true
}

// giveUp ends a wait: for a question that was not answered, or for a login.
func (e *echo) giveUp(t echoTurn, now time.Duration) {
	if e.asked[t.slot] != t.sent {
		return // answered
	}
	if t.sent != none {
		e.asked[t.slot] = none
		e.worker.books.Activity.Errors.Add(1)
		if e.worker.swarm.schedule.Counts(t.sent) {
			e.open.Add(-1)
			e.worker.books.Messages[plan.Echoed].Lost.Add(1)
		}
	}
	e.ask(t.slot, now)
}

func (e *echo) stop(at time.Duration) { e.stopped = min(e.stopped, at) }

func (e *echo) busy() bool { return e.open.Load() > 0 }

// end counts the questions that still wait for their answer.
func (e *echo) end() { e.worker.books.Waiting[plan.Echoed] += e.open.Load() }
