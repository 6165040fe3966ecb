package swarm

import (
	"errors"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// member is one client of a worker. There are many, so it is small.
type member struct {
	rules  client.Client
	link   engine.Link   // nil without a connection
	due    time.Duration // due time of its next action, while it is queued
	index  plan.Client
	seat   plan.Seat
	queued int32 // place in the queue; notQueued without one

	serial    plan.Connection
	dialBegan time.Duration // time at which the dial of the connection began
	latest    time.Duration // time of the last call of the rules, which must not go back
	heartbeat heartbeatCheck
	excess    excess // the connection's excess
	messages  uint32 // messages that do not count, sent so far
	begun     bool   // its login was asked for
	connected bool   // there has been a connection
	online    bool   // as counted
	served    bool   // it has been online
	transport wire.Transport
}

// at is the rules' time for something that happened at now.
func (w *worker) at(m *member, now time.Duration) time.Time {
	m.latest = max(m.latest, now)
	return w.swarm.Start.Add(m.latest)
}

// begin lets a client log in for the first time.
func (w *worker) begin(m *member) {
	m.begun = true
	m.rules = w.swarm.clients[m.transport].Client(w.swarm.users[m.index])
	w.apply(m, eventContext{now: w.now()}, m.rules.Start(w.effects[:0]))
}

// tick does what is due for a client.
func (w *worker) tick(m *member) {
	now := w.now()
	event := eventContext{now: now, ticked: true, due: m.due}
	w.apply(m, event, m.rules.Tick(w.at(m, now), w.effects[:0]))
	w.release(m)
}

// take handles what an engine reports. What comes from a connection that the
// client has given up is skipped.
func (w *worker) take(a engine.Arrival) {
	m := &w.members[a.ID.Client]
	if a.ID.Serial != m.serial {
		if a.Link != nil {
			a.Link.Close()
		}
		return
	}
	event := eventContext{now: a.At, cause: a.Err}
	now := w.at(m, a.At)
	effects := w.effects[:0]
	switch a.Kind {
	case engine.Opened:
		m.link, m.dialBegan, m.connected, m.excess = a.Link, a.Began, true, excess{}
		effects = m.rules.Connected(now, effects)
	case engine.Failed:
		w.noteTrouble(m, event)
		effects = m.rules.ConnectFailed(now, effects)
	case engine.Ended:
		w.noteTrouble(m, event)
		w.drop(m)
		effects = m.rules.Disconnected(now, effects)
	case engine.Received:
		effects = m.rules.Receive(now, a.Message, effects)
		w.noteStrayACK(m, a.Message, effects)
		w.weigh(m, a.Size, w.behaviour.Heard(a.ID.Client, a.At, a.Message) || w.asked(a.Message, effects))
	case engine.Noise:
		w.weigh(m, a.Size, false)
	}
	w.apply(m, event, effects)
	w.release(m)
	if a.ID.Serial == m.serial {
		w.cutFlood(m, a.At)
	}
}

// eventContext is the event that effects came from.
type eventContext struct {
	now    time.Duration
	ticked bool          // by the queue
	due    time.Duration // for a tick: its due time
	cause  error         // reason that a connection ended or did not come about
	ours   bool          // the scenario wanted it
}

// apply carries out what the rules want and notes what they tell. A link that
// failed is over, which has effects of its own.
func (w *worker) apply(m *member, event eventContext, effects []client.Effect) {
	if err := w.carryOut(m, event, effects); err != nil {
		w.drop(m)
		broken := eventContext{now: w.now(), cause: err}
		effects = m.rules.Disconnected(w.at(m, broken.now), effects[:0])
		// Without a link nothing is written, so that this one cannot fail.
		_ = w.carryOut(m, broken, effects)
	}
	w.effects = effects[:0]
	w.countOnline(m)
	next := m.rules.Next()
	w.queue.set(m, next.Sub(w.swarm.Start), !next.IsZero())
}

// carryOut does what effects ask for; the error is that of a link that is to
// be given up.
func (w *worker) carryOut(m *member, event eventContext, effects []client.Effect) (failed error) {
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case client.Connect:
			w.drop(m)
			id := engine.ConnectionID{Client: w.slot(m), Serial: m.serial}
			w.engine.Open(m.transport, id, m.seat)
		case client.Disconnect:
			w.drop(m)
		case client.Send:
			if m.link == nil || failed != nil {
				continue
			}
			w.scratch = e.Message.Append(w.scratch[:0])
			if err := m.link.Send(w.scratch); err != nil && !readerTells(m, err) {
				failed = err
			}
			w.noteSend(m, event, e.Message)
		default:
			w.note(m, event, e)
		}
	}
	return failed
}

// readerTells reports whether the end of a connection that could not be written
// to will be read from it as well. What was sent before the end then comes
// first: a kick-out, perhaps, which is the better reason. A socket for datagrams
// reports a refusal only once, to its next caller.
func readerTells(m *member, err error) bool {
	var closed *transport.CloseError
	return m.transport.Connected() && errors.As(err, &closed) && closed.Reason == transport.Reset
}

// drop gives the connection up, if there is one; messages that still arrive from it
// are ignored.
func (w *worker) drop(m *member) {
	m.serial++
	if m.link != nil {
		m.link.Close()
		m.link = nil
	}
}

// countOnline notes that a client came or went.
func (w *worker) countOnline(m *member) {
	is := m.rules.Online()
	switch {
	case is && !m.online:
		w.swarm.online.Add()
	case !is && m.online:
		w.swarm.online.Remove()
	}
	m.online = is
	m.served = m.served || is
}
