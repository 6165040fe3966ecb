package swarm

import (
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
)

// What a scenario's behaviour has of a worker; see scenario.Worker.

func (w *worker) Run() *scenario.Run { return &w.swarm.Run }

func (w *worker) Books() *books.Worker { return w.books }

func (w *worker) Clients() int { return len(w.members) }

func (w *worker) Slot(client plan.Client) (slot plan.Slot, ok bool) {
	if !w.has(client) {
		return 0, false
	}
	return w.swarm.slotOf(client), true
}

func (w *worker) Client(slot plan.Slot) scenario.Client {
	m := &w.members[slot]
	return scenario.Client{User: m.rules.User(), Transport: m.transport, Online: m.online}
}

func (w *worker) Login(slot plan.Slot, now time.Duration) {
	m := &w.members[slot]
	w.apply(m, eventContext{now: now}, m.rules.Start(w.effects[:0]))
}

func (w *worker) Logout(slot plan.Slot, now time.Duration) {
	m := &w.members[slot]
	w.apply(m, eventContext{now: now, ours: true}, m.rules.Logout(w.effects[:0]))
}

func (w *worker) Disconnect(slot plan.Slot, now time.Duration) {
	m := &w.members[slot]
	w.drop(m)
	w.apply(m, eventContext{now: now, ours: true}, m.rules.Disconnected(w.at(m, now), w.effects[:0]))
}

func (w *worker) Send(slot plan.Slot, now time.Duration, message wire.Message) {
	m := &w.members[slot]
	effects, _ := m.rules.Send(w.at(m, now), message, w.effects[:0]) // it is online, which is all that Send refuses
	w.apply(m, eventContext{now: now}, effects)
}
