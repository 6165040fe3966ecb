package swarm

import (
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// driver has the clients of one worker do what their rules want, over the connections of
// an engine, and enters in the books what the rules report.
type driver struct {
	run      *run
	roster   *roster
	messages *messageBooks
	sessions *sessionBooks
	path     *pathBooks
	engine   engine.Engine
	listener listener

	// Scratch.
	effects []client.Effect
	body    []byte
}

// listener hears of logins and messages, and of first copies of these. The scenario's behaviour is one.
type listener interface {
	LoggedIn(l scenario.Login)
	Heard(slot plan.Slot, now time.Duration, m wire.Message) (asked bool)
	Delivered(slot plan.Slot, now time.Duration, m wire.Message)
}

// eventContext is the event that effects came from.
type eventContext struct {
	now    time.Duration
	ticked bool          // by the wheel
	due    time.Duration // for a tick: its due time
	cause  error         // reason that a connection ended or did not come about
	ours   bool          // the scenario wanted it
}

// begin lets a client log in for the first time.
func (d *driver) begin(m *member) {
	m.begun = true
	m.rules = d.run.rulesOf(m)
	d.login(m, d.run.Now())
}

func (d *driver) login(m *member, now time.Duration) {
	d.apply(m, eventContext{now: now}, m.rules.Start(d.effects[:0]))
}

// logout has a client log out, unless it never began or has ended.
func (d *driver) logout(m *member, now time.Duration) {
	if !m.begun || m.rules.Over() {
		return
	}
	d.apply(m, eventContext{now: now, ours: true}, m.rules.Logout(d.effects[:0]))
}

// disconnect gives the connection of a client up for the reason of an event.
func (d *driver) disconnect(m *member, event eventContext) {
	m.drop()
	d.apply(m, event, m.rules.Disconnected(m.at(d.run.Start, event.now), d.effects[:0]))
}

// send has a client that is online send a message, which is all that its rules ask for.
func (d *driver) send(m *member, now time.Duration, message wire.Message) {
	effects, _ := m.rules.Send(m.at(d.run.Start, now), message, d.effects[:0])
	d.apply(m, eventContext{now: now}, effects)
}

// tick does what is due for a client.
func (d *driver) tick(m *member, due time.Duration) {
	now := d.run.Now()
	event := eventContext{now: now, ticked: true, due: due}
	d.apply(m, event, m.rules.Tick(m.at(d.run.Start, now), d.effects[:0]))
}

// take handles what an engine reports of a client's connection.
func (d *driver) take(m *member, a engine.Arrival) {
	event := eventContext{now: a.At, cause: a.Err}
	now := m.at(d.run.Start, a.At)
	effects := d.effects[:0]
	switch a.Kind {
	case engine.Opened:
		m.link, m.dialBegan, m.connected, m.excess = a.Link, a.Began, true, excess{}
		m.node = books.NodeIDOf(a.Node)
		effects = m.rules.Connected(now, effects)
	case engine.Failed:
		d.sessions.disconnected(m, event)
		effects = m.rules.ConnectFailed(now, effects)
	case engine.Ended:
		d.sessions.disconnected(m, event)
		m.drop()
		effects = m.rules.Disconnected(now, effects)
	case engine.Received:
		effects = m.rules.Receive(now, a.Message, effects)
		d.messages.strayACK(m, a.Message, effects)
		d.weigh(m, a.Size, d.listener.Heard(a.ID.Client, a.At, a.Message) || d.run.asked(a.Message, effects))
	case engine.Noise:
		d.weigh(m, a.Size, false)
	}
	d.apply(m, event, effects)
}

// apply carries out what the rules want and notes what they report. A link that
// failed is over, which has effects of its own.
func (d *driver) apply(m *member, event eventContext, effects []client.Effect) {
	if err := d.carryOut(m, event, effects); err != nil {
		m.drop()
		broken := eventContext{now: d.run.Now(), cause: err}
		effects = m.rules.Disconnected(m.at(d.run.Start, broken.now), effects[:0])
		// Without a link nothing is written, so that this one cannot fail.
		_ = d.carryOut(m, broken, effects)
	}
	d.effects = effects[:0]
	d.sessions.countOnline(m)
	next := m.rules.Next()
	d.roster.wakeups.Set(int32(d.run.slotOf(m.index)), next.Sub(d.run.Start), !next.IsZero())
}

// carryOut does what effects ask for; the error is that of a link that is to
// be given up.
func (d *driver) carryOut(m *member, event eventContext, effects []client.Effect) (failed error) {
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case client.Connect:
			m.drop()
			id := engine.ConnectionID{Client: d.run.slotOf(m.index), Serial: m.serial}
			d.engine.Open(m.transport, id, m.seat)
		case client.Disconnect:
			m.drop()
		case client.Send:
			if m.link == nil || failed != nil {
				continue
			}
			if event.ticked && e.Message.Type == wire.TypeData {
				d.messages.resending(event.now, e.Message)
			}
			d.body = e.Message.Append(d.body[:0])
			err := m.link.Send(d.body)
			if err != nil && !engine.ReaderTells(m.transport, err) {
				failed = err
			}
			if d.path != nil && err == nil {
				d.path.sent(m, event, e.Message)
			}
			d.messages.sent(m, event, e.Message)
		default:
			d.note(m, event, e)
		}
	}
	return failed
}

// note enters in the books what the rules report.
func (d *driver) note(m *member, event eventContext, e *client.Effect) {
	switch e.Kind {
	case client.LoggedIn:
		d.sessions.loggedIn(m, event.now)
		d.listener.LoggedIn(scenario.Login{
			Slot: d.run.slotOf(m.index), Transport: m.transport, First: !m.served, Now: event.now, DialBegan: m.dialBegan,
		})
	case client.Alive:
		d.engine.Took(e.Took)
		d.sessions.alive(m, e)
	case client.Received:
		if took, ok := d.messages.acknowledged(m, event.now, e.Message); ok {
			d.engine.Took(took)
		}
	case client.Delivered:
		if took, ok := d.messages.delivered(m, event.now, e.Message); ok {
			d.engine.Took(took)
		}
		d.listener.Delivered(d.run.slotOf(m.index), event.now, e.Message)
	case client.Duplicate:
		d.messages.duplicate(m, event.now, e)
	case client.Lost:
		d.messages.lost(event.now, e.Message)
	default:
		d.sessions.ended(m, event, e)
	}
}

// countUnserved counts the clients that never got in, each with what kept it out.
func (d *driver) countUnserved(now time.Duration) {
	queued := map[plan.Slot]bool{}
	d.engine.Queued(func(id engine.ConnectionID) {
		if d.roster.members[id.Client].serial == id.Serial {
			queued[id.Client] = true
		}
	})
	for i := range d.roster.members {
		m := &d.roster.members[i]
		if m.begun && !m.served && !m.rules.Over() {
			d.sessions.unserved(m, now, queued[plan.Slot(i)])
		}
	}
}
