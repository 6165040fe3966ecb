package swarm

import (
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
)

// The methods below are for the scenario's behaviour; see scenario.Worker.

func (w *worker) Run() *scenario.Run   { return &w.run.Run }
func (w *worker) Books() *books.Worker { return w.books }
func (w *worker) Clients() int         { return len(w.roster.members) }

func (w *worker) Slot(client plan.Client) (slot plan.Slot, ok bool) {
	if !w.roster.has(client) {
		return 0, false
	}
	return w.run.slotOf(client), true
}

func (w *worker) Client(slot plan.Slot) scenario.Client {
	m := &w.roster.members[slot]
	return scenario.Client{User: m.rules.User(), Transport: m.transport, Node: m.node, Online: m.online}
}

func (w *worker) Login(slot plan.Slot, now time.Duration) {
	w.driver.login(&w.roster.members[slot], now)
}

func (w *worker) Logout(slot plan.Slot, now time.Duration) {
	w.driver.logout(&w.roster.members[slot], now)
}

func (w *worker) Disconnect(slot plan.Slot, now time.Duration) {
	w.sessions.dropped[slot] = true
	w.driver.disconnect(&w.roster.members[slot], eventContext{now: now, ours: true})
}

func (w *worker) KeptOut(slot plan.Slot, now time.Duration) bool {
	return w.path.keepsOut(&w.roster.members[slot], now)
}

func (w *worker) Affected(slot plan.Slot, sent, now time.Duration) bool {
	return w.path.affected(&w.roster.members[slot], sent, now)
}

func (w *worker) Send(slot plan.Slot, now time.Duration, m wire.Message) {
	if m.QoS {
		w.messages.unacked++
	}
	w.driver.send(&w.roster.members[slot], now, m)
}
