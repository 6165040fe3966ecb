package swarm

import (
	"slices"
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// outageBooks note what becomes of one worker's clients and messages in an outage that we make
// ourselves: nothing that follows from it is held against the target. Their methods do nothing
// without an outage, when they are nil.
type outageBooks struct {
	run    *run
	roster *roster
	books  *books.Worker
	when   plan.Outage
	engine *engine.Outage

	begun    bool
	online   int64              // clients that were logged in when it began
	gaveUp   int64              // sessions
	expired  int64              // sessions
	out      map[plan.Slot]bool // clients that lost their sessions and are not back
	away     atomic.Int64       // len(out), for others to see
	returned []time.Duration    // since the network was back
}

func newOutageBooks(r *run, c *roster, account *books.Worker) *outageBooks {
	return &outageBooks{run: r, roster: c, books: account, when: r.Outage, out: map[plan.Slot]bool{}}
}

// newEngine makes the engine of a worker.
func (w *worker) newEngine(c *engine.Config) (engine.Engine, error) {
	if w.outage == nil {
		return engine.New(c, w.take)
	}
	e, err := engine.NewOutage(c, w.outage.when, func(slot plan.Slot) wire.Transport { return w.roster.members[slot].transport }, w.take)
	if err != nil {
		return nil, err
	}
	w.outage.engine = e
	return e, nil
}

// nextDue returns when the outage begins; ok is false when it has begun.
func (b *outageBooks) nextDue() (due time.Duration, ok bool) {
	if b == nil || b.begun {
		return 0, false
	}
	return b.when.From, true
}

// step counts who is logged in when the outage begins.
func (b *outageBooks) step(now time.Duration) {
	if due, ok := b.nextDue(); !ok || now < due {
		return
	}
	b.begun = true
	for i := range b.roster.members {
		if b.roster.members[i].online {
			b.online++
		}
	}
}

// busy reports whether somebody is still to come back. Any goroutine may ask.
func (b *outageBooks) busy() bool { return b != nil && b.away.Load() > 0 }

// during reports whether the network is away at a time.
func (b *outageBooks) during(at time.Duration) bool { return b != nil && b.when.During(at) }

// heard notes when the server hears of a client that sends something now: of a datagram that is
// lost it never does.
func (b *outageBooks) heard(m *member, now time.Duration) {
	switch {
	case !b.during(now):
		m.heartbeat.sent(now)
	case m.transport.Connected():
		m.heartbeat.sent(b.when.To)
	}
}

// explains reports whether the end of a session follows from the outage, and counts it then: the
// client gave it up for want of answers, or the server for want of heartbeats.
func (b *outageBooks) explains(m *member, event eventContext, ended *client.Effect) bool {
	if b == nil || event.now < b.when.From || m.dialBegan >= b.when.To {
		return false
	}
	mode := b.run.Target.Modes[m.transport]
	gaveUp := event.ticked && event.cause == nil && ended.Kind == client.LinkClosed
	switch {
	case event.now > b.when.To+mode.GiveUp(m.transport)+timing.GiveUpCheck+onTheWay:
		return false
	case gaveUp || b.when.During(event.now):
		b.gaveUp++
	case m.heartbeat.late(event.now, b.run.expiry(m.transport)):
		b.expired++
	default:
		return false
	}
	b.out[b.run.slotOf(m.index)] = true
	b.away.Store(int64(len(b.out)))
	return true
}

// loggedIn notes a client that comes back.
func (b *outageBooks) loggedIn(m *member, now time.Duration) {
	if b == nil || !b.out[b.run.slotOf(m.index)] {
		return
	}
	delete(b.out, b.run.slotOf(m.index))
	b.away.Store(int64(len(b.out)))
	since := max(0, now-b.when.To)
	b.returned = append(b.returned, since)
	b.books.Latencies.Record(books.Relogin, m.transport, since, min(since, now-m.dialBegan))
}

// nobodyFor reports whether an outage of our own explains that nobody is online.
func (r *run) nobodyFor(now time.Duration) bool {
	if !r.Outage.Any() {
		return false
	}
	longest := time.Duration(0)
	for _, t := range r.Transports {
		longest = max(longest, r.Target.Modes[t].GiveUp(t))
	}
	return now >= r.Outage.From && now < r.Outage.To+longest+timing.GiveUpCheck
}

// reportOutage puts together how an outage went, in place of what the scenario reports of a
// storm.
func (r reporter) reportOutage(into *reports.Load) {
	if !r.Outage.Any() {
		return
	}
	away := &reports.Away{ForMs: (r.Outage.To - r.Outage.From).Milliseconds()}
	recovery := &reports.Recovery{AtMs: r.Outage.From.Milliseconds(), Away: away}
	var returned []time.Duration
	for _, w := range r.workers {
		b := w.outage
		away.Online += b.online
		away.GaveUp += b.gaveUp
		away.Expired += b.expired
		away.Dropped += b.engine.Lost
		away.Held += b.engine.Held
		returned = append(returned, b.returned...)
		w.books.Outage.Enter(away, r.scenario.Flows())
	}
	recovery.Dropped = away.GaveUp + away.Expired
	away.Through = max(0, away.Online-recovery.Dropped)
	scenario.EnterReturns(recovery, returned)
	away.Messages = slices.DeleteFunc(away.Messages, func(m reports.AwayMessages) bool { return m.Sent == 0 })
	into.Recovery = recovery
}
