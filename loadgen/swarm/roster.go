package swarm

import (
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// roster has the clients of one worker: client i of this process is one of worker i
// modulo their number.
type roster struct {
	run    *run
	worker int // number of the worker

	members []member
	seats   [len(wire.Transports)]plan.Seat // that have been given out
	peers   []peer                          // peers of all members, as many places for each
	wakeups host.Wheel

	// First logins of the ramp, in the order of the members.
	started   int // so many members have begun
	startable int // so many may
	// returning has the members whom a stage has log in anew, with their due times.
	returning map[plan.Slot]time.Duration
}

func newRoster(r *run, worker int) *roster {
	count := r.deal.Slots(worker, r.config.OwnClients())
	c := &roster{
		run: r, worker: worker, members: make([]member, count), peers: make([]peer, count*r.Schedule.Places()),
		wakeups: host.NewWheel(count), returning: map[plan.Slot]time.Duration{},
	}
	for i := range c.members {
		m := &c.members[i]
		m.index = r.share.Client(r.deal.Own(worker, plan.Slot(i)))
		m.transport = r.Transport(m.index)
		if int(m.index) < r.Schedule.First() {
			c.startable++
		}
		m.seat = c.newSeat(m.transport)
	}
	return c
}

// newSeat returns a seat on a transport that nobody has had.
func (c *roster) newSeat(t wire.Transport) plan.Seat {
	c.seats[t]++
	return c.seats[t] - 1
}

// has reports whether a client of the run is one of the worker's.
func (c *roster) has(client plan.Client) bool {
	return c.run.share.Has(client) && c.run.deal.Of(c.run.share.Own(client)) == c.worker
}

// of returns the member that a client of the run is.
func (c *roster) of(client plan.Client) *member { return &c.members[c.run.slotOf(client)] }

// starting returns the next member whose first login is due, nil without one.
func (c *roster) starting(now time.Duration) *member {
	if c.started == c.startable || c.run.Schedule.Start(c.members[c.started].index) > now {
		return nil
	}
	c.started++
	return &c.members[c.started-1]
}

// nextDue returns when something is due for a client again; ok is false when nothing is.
func (c *roster) nextDue() (due time.Duration, ok bool) {
	if c.started < c.startable {
		due, ok = c.run.Schedule.Start(c.members[c.started].index), true
	}
	if soonest, queued := c.wakeups.Soonest(); queued && (!ok || soonest < due) {
		due, ok = soonest, true
	}
	return due, ok
}

// loginDue returns when the login of a member that has come about was due; ok is false for
// one that its rules made.
func (c *roster) loginDue(m *member) (due time.Duration, ok bool) {
	if !m.served {
		return c.run.Schedule.Start(m.index), true
	}
	slot := c.run.slotOf(m.index)
	due, ok = c.returning[slot]
	delete(c.returning, slot)
	return due, ok
}

// crowded reports whether something is due for a further client soon after the time at which
// something is due first.
func (c *roster) crowded(soonest, until time.Duration) bool {
	for started := c.started; started < min(c.started+2, c.startable); started++ {
		if due := c.run.Schedule.Start(c.members[started].index); due > soonest && due <= until {
			return true
		}
	}
	return c.wakeups.Crowded(soonest, until)
}

// stop lets no further client log in.
func (c *roster) stop() { c.startable = c.started }

// peersOf returns the peers of one client.
func (c *roster) peersOf(m *member) []peer {
	places := c.run.Schedule.Places()
	at := int(c.run.slotOf(m.index)) * places
	return c.peers[at : at+places]
}

// nextID names the next message of a client to one of its peers.
func (c *roster) nextID(m *member, f plan.Flow, to plan.Place, counts bool) plan.MessageID {
	id := plan.MessageID{Client: m.index, Stream: plan.Uncounted, Number: m.messages}
	if !counts {
		m.messages++
		return id
	}
	p := &c.peersOf(m)[to]
	id.Stream, id.To, id.Number = plan.StreamOf[f], to, p.sent
	p.sent++
	return id
}

// windowFor returns the window in which its receiver counts a message; nil
// when the fingerprint names nobody that writes to it.
func (c *roster) windowFor(receiver *member, m wire.Message) (heard *books.Window, number uint32) {
	id, ok := c.run.Nonce.ParseFingerprint(m.Fingerprint.Value())
	if !ok || id.Stream != plan.StreamOf[plan.FlowOf(m)] {
		return nil, 0
	}
	place, ok := plan.ServerPlace, id.Client == receiver.index
	if id.Stream != plan.CountedS2C {
		place, ok = c.run.Schedule.PlaceOf(receiver.index, id.Client)
	}
	if !ok || int(place) >= c.run.Schedule.Places() {
		return nil, 0
	}
	return &c.peersOf(receiver)[place].heard, id.Number
}
