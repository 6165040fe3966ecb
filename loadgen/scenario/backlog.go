package scenario

import (
	"sync/atomic"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Backlog has a share of the clients log out and others write to them meanwhile. What was
// stored for them (§5: the application decides) is counted when they are back. These messages
// are not in the ledger: whether they arrive is up to the application, and not to the protocol.
type Backlog struct{ common }

// Name implements Scenario.
func (Backlog) Name() string { return "backlog" }

// Uses implements Scenario.
func (Backlog) Uses() []string {
	return []string{options.Rate, options.Payload, options.BacklogShare, options.BacklogAway}
}

// Check implements Scenario.
func (Backlog) Check(o *options.Options, _ *target.Target) error {
	if o.BacklogAway >= o.Duration {
		return options.Refuse(options.BacklogAway, "%v has to be less than the duration, %v: what was stored arrives after that time", o.BacklogAway, o.Duration)
	}
	if away := plan.NewSchedule(plan.Spec{Clients: o.Clients, Pattern: plan.Shuffled()}); len(away.Drawn(o.BacklogShare)) == o.Clients {
		return options.Refuse(options.BacklogShare, "of %d clients %v percent leave nobody to write: use a smaller share or more clients", o.Clients, o.BacklogShare)
	}
	return nil
}

// Pattern implements Scenario.
func (Backlog) Pattern(o *options.Options) plan.Pattern { return plan.Turns(o.Rate) }

// Latencies implements Scenario.
func (Backlog) Latencies() []reports.LatencyKind {
	return []reports.LatencyKind{reports.KindRelogin, reports.KindBacklog}
}

// StoresMessages implements Scenario.
func (Backlog) StoresMessages() bool { return true }

// Behave implements Scenario.
func (Backlog) Behave(w Worker) Behaviour {
	r := w.Run()
	from, end := r.Schedule.Steady()
	b := &backlog{
		worker: w, run: r, absent: r.Schedule.Drawn(r.Options.BacklogShare), leave: from, back: from + r.Options.BacklogAway,
		stopped: end, away: map[plan.Slot]absentee{}, waiting: map[uint32]bool{},
	}
	b.present = r.Schedule.NotDrawn(r.Options.BacklogShare)
	for _, client := range b.absent {
		if slot, ok := w.Slot(client); ok {
			b.leaving = append(b.leaving, slot)
		}
	}
	b.next, b.total = r.Schedule.DueBefore(from+afterLogout), r.Schedule.DueBefore(b.back-beforeReturn)
	b.skip()
	return b
}

// Report implements Scenario.
func (Backlog) Report(_ *Run, parts []Behaviour, into *reports.Load) {
	r := &reports.Backlog{}
	for _, part := range parts {
		b := part.(*backlog)
		r.Absent += int64(b.left)
		r.Returned += int64(b.returned)
		r.Sent += int64(b.sent)
		r.Stored += int64(b.stored)
		r.Delivered += int64(b.delivered)
		r.Duplicated += int64(b.duplicated)
		r.Reordered += int64(b.reordered)
		r.Early += int64(b.early)
	}
	into.Backlog = r
}

const (
	// afterLogout is the time between the logouts and the first message: a server may take a
	// moment to know that somebody has gone.
	afterLogout = time.Second
	// beforeReturn is the time between the last message and the return. By then its sender
	// has given up what was not acknowledged: a copy that it sends again (§4) would arrive
	// without a store.
	beforeReturn = reports.TooLateAfter + time.Second
)

// backlog has a worker's clients log out and come back, and others write to those of all
// workers meanwhile.
type backlog struct {
	Passive
	worker Worker
	run    *Run

	// Who is away, and who writes; of the whole run.
	absent, present []plan.Client
	leave, back     time.Duration
	stopped         time.Duration // nothing that is due from then on takes place

	leaving   []plan.Slot // own clients that have not left yet
	returning []plan.Slot // own clients that have left and are to return
	away      map[plan.Slot]absentee
	coming    atomic.Int64 // logins under way

	next, total uint64          // messages of all workers
	waiting     map[uint32]bool // own messages without an ACK, by number

	// What came of it.
	left, returned                                        int // clients
	sent, stored, delivered, duplicated, reordered, early int // messages
}

// absentee is a client that left.
type absentee struct {
	back   time.Duration // time of its login; none while it is away
	latest uint32        // highest number of a message that it has received, from 1
}

// skip passes over messages of other workers' clients.
func (b *backlog) skip() {
	for b.next < b.total {
		if _, ok := b.worker.Slot(b.sender(b.next)); ok {
			return
		}
		b.next++
	}
}

// sender and receiver return who a message is from and to.
func (b *backlog) sender(n uint64) plan.Client   { return b.present[n%uint64(len(b.present))] }
func (b *backlog) receiver(n uint64) plan.Client { return b.absent[n%uint64(len(b.absent))] }

// Next implements Behaviour.
func (b *backlog) Next() (due time.Duration, ok bool) {
	switch {
	case len(b.leaving) > 0:
		due = b.leave
	case b.next < b.total:
		due = b.run.Schedule.Due(b.next)
	case len(b.returning) > 0:
		due = b.back
	default:
		return 0, false
	}
	return due, due < b.stopped
}

// Step implements Behaviour.
func (b *backlog) Step(now time.Duration) {
	for range batch {
		due, ok := b.Next()
		switch {
		case !ok || due > now:
			return
		case len(b.leaving) > 0:
			b.logout(b.leaving[0])
			b.leaving = b.leaving[1:]
		case b.next < b.total:
			b.send(due)
			b.next++
			b.skip()
		default:
			slot := b.returning[0]
			b.returning = b.returning[1:]
			b.coming.Add(1)
			b.worker.Login(slot, b.run.Now())
		}
	}
}

func (b *backlog) logout(slot plan.Slot) {
	if !b.worker.Client(slot).Online {
		return
	}
	b.left++
	b.away[slot] = absentee{back: none}
	b.returning = append(b.returning, slot)
	b.worker.Logout(slot, b.run.Now())
}

// backlogMark begins the content of a message to somebody absent, so that the ledger does
// not take it for one of its own.
const backlogMark = "!"

// send sends the next message.
func (b *backlog) send(due time.Duration) {
	own, now := b.worker.Books(), b.run.Now()
	slot, _ := b.worker.Slot(b.sender(b.next))
	client := b.worker.Client(slot)
	switch {
	case now-due > plan.DropAfter:
		own.Fail(books.TooLate, true)
		return
	case !client.Online:
		own.Fail(books.NotOnline, true)
		return
	}
	own.Latencies.RecordLateness(now - due)
	own.Activity.Sent.Add(1)
	b.sent++
	b.waiting[uint32(b.next)] = true
	content := plan.AppendContent([]byte(backlogMark), due, now, b.run.Options.Payload-len(backlogMark))
	id := plan.MessageID{Client: b.sender(b.next), Stream: plan.ToAbsent, Number: uint32(b.next)}
	fingerprint := b.run.Nonce.AppendFingerprint(nil, id)
	b.worker.Send(slot, now, wire.NewQoSData(client.User, b.run.Users(b.receiver(b.next)), string(content), string(fingerprint)))
}

// LoggedIn implements Behaviour.
func (b *backlog) LoggedIn(l Login) {
	a, is := b.away[l.Slot]
	if !is || a.back != none {
		return
	}
	a.back = l.Now
	b.away[l.Slot] = a
	b.coming.Add(-1)
	b.returned++
	b.worker.Books().Latencies.Record(books.Relogin, l.Transport, l.Now-b.back, l.Now-l.DialBegan)
}

// Heard implements Behaviour: it counts ACKs and further copies.
func (b *backlog) Heard(_ plan.Slot, _ time.Duration, m wire.Message) (asked bool) {
	switch m.Type {
	case wire.TypeReceived:
		if id, ok := b.run.Nonce.ParseFingerprint(m.DataContent.Value()); ok && id.Stream == plan.ToAbsent && b.waiting[id.Number] {
			delete(b.waiting, id.Number)
			b.stored++
		}
	case wire.TypeData:
		if id, ok := b.run.Nonce.ParseFingerprint(m.Fingerprint.Value()); ok && id.Stream == plan.ToAbsent {
			b.duplicated++ // unless Delivered follows
		}
	}
	return false
}

// Delivered implements Behaviour.
func (b *backlog) Delivered(slot plan.Slot, now time.Duration, m wire.Message) {
	id, ok := b.run.Nonce.ParseFingerprint(m.Fingerprint.Value())
	if !ok || id.Stream != plan.ToAbsent {
		return
	}
	b.duplicated--
	own := b.worker.Books()
	own.Activity.Delivered.Add(1)
	a, is := b.away[slot]
	if !is || a.back == none {
		b.early++
		return
	}
	b.delivered++
	if id.Number+1 < a.latest {
		b.reordered++
	}
	a.latest = max(a.latest, id.Number+1)
	b.away[slot] = a
	own.Latencies.Record(books.Backlog, b.worker.Client(slot).Transport, now-b.back, now-a.back)
}

// Stop implements Behaviour.
func (b *backlog) Stop(at time.Duration) { b.stopped = min(b.stopped, at) }

// Busy implements Behaviour.
func (b *backlog) Busy() bool { return b.coming.Load() > 0 }
