package scenario

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Echo is a closed loop: each client asks the server for an echo, and asks again when it
// has the answer.
type Echo struct{ common }

// Name implements Scenario.
func (Echo) Name() string { return "echo" }

// Uses implements Scenario.
func (Echo) Uses() []string { return []string{options.Payload, options.EchoThinkTime} }

// Adjust implements Scenario.
func (Echo) Adjust(o *options.Options) { o.ThinkTime = 0 }

// Flows implements Scenario.
func (Echo) Flows() []plan.Flow { return []plan.Flow{plan.Echoed} }

// Latencies implements Scenario.
func (Echo) Latencies() []reports.LatencyKind { return []reports.LatencyKind{reports.KindEcho} }

// ClosedLoop implements Scenario.
func (Echo) ClosedLoop() bool { return true }

// Behave implements Scenario.
func (Echo) Behave(w Worker) Behaviour {
	r := w.Run()
	_, end := r.Schedule.Steady()
	e := &echo{worker: w, books: w.Books(), run: r, asked: make([]time.Duration, w.Clients()), stopped: end}
	for i := range e.asked {
		e.asked[i] = none
	}
	return e
}

// echoPatience is the time for which an echo waits for an answer before the next
// question is asked.
const echoPatience = reports.EchoTimeout

// echo is the closed loop: every client has one question under way at most, and
// asks the next one a think time after the answer. All wait equally long, so
// that both queues stay in order without sorting.
type echo struct {
	Passive
	worker Worker
	books  *books.Worker
	run    *Run

	asked   []time.Duration // by slot: when the client's question was sent; none without one
	turns   []echoTurn      // the clients that are to ask, and the times
	waits   []echoTurn      // the clients that have asked, and the ends of their waits
	open    atomic.Int64    // questions that count and wait for their answer
	stopped time.Duration   // nobody asks from then on

	content []byte // scratch
}

// echoTurn is a client for which something is due.
type echoTurn struct {
	slot plan.Slot
	due  time.Duration
	sent time.Duration // for a wait: the time of its question
}

// Next implements Behaviour.
func (e *echo) Next() (due time.Duration, ok bool) {
	if len(e.turns) > 0 {
		due, ok = e.turns[0].due, true
	}
	if len(e.waits) > 0 && (!ok || e.waits[0].due < due) {
		due, ok = e.waits[0].due, true
	}
	return due, ok
}

// Step implements Behaviour.
func (e *echo) Step(now time.Duration) {
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

// LoggedIn lets a client begin, with the end of the ramp at the earliest. One
// that has a question under way goes on when that is settled.
func (e *echo) LoggedIn(l Login) {
	if !l.First {
		return // it is in one of the queues
	}
	if ramp := e.run.Schedule.Ramp(); l.Now < ramp {
		e.turns = append(e.turns, echoTurn{slot: l.Slot, due: ramp})
		return
	}
	e.turns = append(e.turns, echoTurn{slot: l.Slot, due: l.Now + e.run.Options.ThinkTime})
}

// ask sends a question. A client that is not logged in has its turn again after
// the patience.
func (e *echo) ask(slot plan.Slot, now time.Duration) {
	if now >= e.stopped {
		return
	}
	c := e.worker.Client(slot)
	if !c.Online {
		e.waits = append(e.waits, echoTurn{slot, now + echoPatience, none})
		return
	}
	e.books.Activity.Sent.Add(1)
	if e.run.Schedule.Counts(now) {
		e.books.Messages[plan.Echoed].Sent.Add(1)
		e.open.Add(1)
	}
	e.asked[slot] = now
	e.waits = append(e.waits, echoTurn{slot, now + echoPatience, now})
	e.content = plan.AppendContent(e.content[:0], now, now, e.run.Options.Payload)
	e.worker.Send(slot, now, wire.NewEcho(c.User, string(e.content)))
}

// Heard takes an answer, by the stamp in it; asked is whether it is the one that
// the client waits for.
func (e *echo) Heard(slot plan.Slot, now time.Duration, m wire.Message) (asked bool) {
	if m.Type != wire.TypeEchoResponse {
		return false
	}
	_, sent, ok := plan.ParseContent(m.DataContent.Value())
	if !ok {
		return false
	}
	counts := e.run.Schedule.Counts(sent)
	if sent != e.asked[slot] {
		if counts {
			e.books.Messages[plan.Echoed].LateACKs.Add(1) // given up, or answered before
		}
		return false
	}
	e.asked[slot] = none
	e.books.Activity.Deliver(now - sent)
	if counts {
		e.open.Add(-1)
		e.books.Messages[plan.Echoed].Acknowledged.Add(1)
		c := e.worker.Client(slot)
		e.books.Latencies.RecordReply(books.EchoReply, c.Transport, now-sent)
		e.books.Nodes.Record(books.EchoReply, c.Transport, c.Node, now-sent)
	}
	e.turns = append(e.turns, echoTurn{slot: slot, due: now + e.run.Options.ThinkTime})
	return true
}

// giveUp ends a wait: for a question that was not answered, or for a login.
func (e *echo) giveUp(t echoTurn, now time.Duration) {
	if e.asked[t.slot] != t.sent {
		return // answered
	}
	if t.sent != none {
		e.asked[t.slot] = none
		e.lose(t, now)
	}
	e.ask(t.slot, now)
}

// lose counts a question that was not answered.
func (e *echo) lose(t echoTurn, now time.Duration) {
	account, ours := &e.books.Messages[plan.Echoed], e.worker.Affected(t.slot, t.sent, now)
	if !ours {
		e.books.Activity.Fail(books.MessageLost)
	}
	if !e.run.Schedule.Counts(t.sent) {
		return
	}
	e.open.Add(-1)
	if ours {
		account.Impaired.Unacked.Add(1)
	} else {
		account.Lost.Add(1)
	}
}

// Stop implements Behaviour.
func (e *echo) Stop(at time.Duration) { e.stopped = min(e.stopped, at) }

// Busy implements Behaviour.
func (e *echo) Busy() bool { return e.open.Load() > 0 }

// End counts the questions that still wait for their answer.
func (e *echo) End() { e.books.Waiting[plan.Echoed] += e.open.Load() }
