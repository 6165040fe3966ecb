package swarm

import (
	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
)

// peer is the record that a client keeps of one other that it writes to or hears from:
// the number of messages sent there that count, and the window of those that
// came from there.
type peer struct {
	sent  uint32
	heard books.Window
}

// peersOf returns the peers of one client.
func (w *worker) peersOf(m *member) []peer {
	places := w.swarm.Schedule.Places()
	at := int(w.slot(m)) * places
	return w.peers[at : at+places]
}

// nextID names the next message of a client to one of its peers.
func (w *worker) nextID(m *member, f plan.Flow, to plan.Place, counts bool) plan.MessageID {
	id := plan.MessageID{Client: m.index, Stream: plan.Uncounted, Number: m.messages}
	if !counts {
		m.messages++
		return id
	}
	p := &w.peersOf(m)[to]
	id.Stream, id.To, id.Number = plan.StreamOf[f], to, p.sent
	p.sent++
	return id
}
