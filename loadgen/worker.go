package loadgen

import (
	"sync/atomic"
	"time"

	"imcheck/harness/client"
	"imcheck/harness/wire"
)

const (
	// inboxSize is how many arrivals wait for a worker before readers do.
	inboxSize = 1024
	// batch is how much of one sort a worker does before it looks after the
	// other sorts again.
	batch = 128
	// dropAfter is how late a send may be before it is left out: made up for, it
	// would be a burst that nobody asked for.
	dropAfter = time.Second
	// logoutTime bounds the logouts at the end; who is not through by then is
	// cut off.
	logoutTime = 5 * time.Second
)

// worker drives its share of the clients on one goroutine: client i of all
// belongs to worker i modulo their number.
type worker struct {
	swarm     *swarm
	id        int
	members   []member
	queue     dueQueue
	inbox     chan arrival
	started   int // so many members have begun
	startable int // so many may

	next    uint64      // message of the schedule that this worker sends next
	total   uint64      // messages of the schedule
	allSent atomic.Bool // next has reached total

	effects []client.Effect // scratch
	scratch []byte
	peers   []peer // of all members, as many places for each
	script  script
	held    held
	books
}

func newWorker(s *swarm, id int) *worker {
	count := (s.config.Clients - id + s.workerCount - 1) / s.workerCount
	_, end := s.schedule.steady()
	w := &worker{
		swarm: s, id: id, members: make([]member, count), startable: count,
		inbox: make(chan arrival, inboxSize), books: newBooks(s.config.Transports),
		total: s.schedule.sent(end),
	}
	for i := range w.members {
		m := &w.members[i]
		m.index = int32(i*s.workerCount + id)
		m.place, m.transport = notQueued, s.config.transport(int(m.index))
	}
	w.peers = make([]peer, count*s.schedule.places())
	w.script = newScript(w)
	w.skip()
	return w
}

func (w *worker) now() time.Duration { return time.Since(w.swarm.start) }

// slot is where a member stands among the worker's.
func (w *worker) slot(m *member) int32 { return m.index / int32(w.swarm.workerCount) }

// run works until finish is closed, then logs everybody out.
func (w *worker) run(finish <-chan struct{}) {
	alarm := newAlarm(w.swarm.config.Target.Network)
	defer alarm.stop()
	cut := w.swarm.cut
	for {
		if wait, any := w.step(); any {
			alarm.set(wait)
		}
		select {
		case a := <-w.inbox:
			w.take(a)
			w.takeMore()
		case <-alarm.rings():
		case <-cut:
			cut = nil
			w.stop()
		case <-finish:
			w.end()
			return
		}
	}
}

// takeMore empties the inbox as far as a batch goes.
func (w *worker) takeMore() {
	for range batch {
		select {
		case a := <-w.inbox:
			w.take(a)
		default:
			return
		}
	}
}

// step does what is due and returns how long it is until something is again.
func (w *worker) step() (wait time.Duration, any bool) {
	now := w.now()
	for range batch {
		if w.started == w.startable || w.swarm.schedule.start(int(w.members[w.started].index)) > now {
			break
		}
		w.started++
		w.begin(&w.members[w.started-1])
	}
	for range batch {
		m := w.queue.soonest()
		if m == nil || m.due > now {
			break
		}
		w.tick(m)
	}
	for range batch {
		if w.next == w.total || w.swarm.schedule.due(w.next) > now {
			break
		}
		w.sendNext()
	}
	w.script.step(now)
	return w.nextDue()
}

func (w *worker) nextDue() (wait time.Duration, any bool) {
	var soonest time.Duration
	consider := func(due time.Duration) {
		if !any || due < soonest {
			soonest, any = due, true
		}
	}
	if w.started < w.startable {
		consider(w.swarm.schedule.start(int(w.members[w.started].index)))
	}
	if m := w.queue.soonest(); m != nil {
		consider(m.due)
	}
	if w.next < w.total {
		consider(w.swarm.schedule.due(w.next))
	}
	if due, any := w.script.next(); any {
		consider(due)
	}
	return soonest - w.now(), any
}

// skip passes over the messages that clients of other workers send.
func (w *worker) skip() {
	for w.next < w.total {
		sender, _, _, ok := w.swarm.schedule.message(w.next)
		if ok && sender%w.swarm.workerCount == w.id {
			return
		}
		w.next++
	}
	w.allSent.Store(true)
}

// sendNext sends the next message of the schedule, or says why it cannot.
func (w *worker) sendNext() {
	sender, f, place, _ := w.swarm.schedule.message(w.next)
	due, now := w.swarm.schedule.due(w.next), w.now()
	m := &w.members[sender/w.swarm.workerCount]
	counts := w.swarm.schedule.counts(due)
	switch {
	case now-due > dropAfter:
		w.fail(&w.dropped, counts)
	case m.rules == nil || !m.rules.Online():
		w.fail(&w.notOnline, counts)
	case w.mayNotSend(m):
		w.hold(m, heldSend{f, place, due})
	default:
		w.send(m, f, place, due, now, counts)
		if counts {
			w.recorder.recordLateness(w.now() - due)
		}
	}
	w.next++
	w.skip()
}

// fail counts a send that was not made.
func (w *worker) fail(counter *atomic.Int64, counts bool) {
	w.activity.errors.Add(1)
	if counts {
		counter.Add(1)
	}
}

// send sends a message for the first time. It is counted before it goes out:
// its receiver may be another worker's client and faster than this one.
func (w *worker) send(m *member, f flow, place int, due, now time.Duration, counts bool) {
	w.activity.sent.Add(1)
	if counts {
		w.ledger[f].sent.Add(1)
	}
	// Online is checked, which is all that Send refuses.
	effects, _ := m.rules.Send(w.at(m, now), w.message(m, f, place, due, now, counts), w.effects[:0])
	w.apply(m, occasion{now: now}, effects)
}

func (w *worker) message(m *member, f flow, place int, due, now time.Duration, counts bool) wire.Message {
	to := wire.ServerID
	if f == toClient {
		to = userID(w.swarm.nonce, w.swarm.schedule.peerAt(int(m.index), place))
	}
	w.scratch = appendContent(w.scratch[:0], due, now, w.swarm.config.Payload)
	content := string(w.scratch)
	w.scratch = appendFingerprint(w.scratch[:0], w.swarm.nonce, w.nextSerial(m, f, place, counts))
	return wire.NewQoSData(m.rules.User(), to, content, string(w.scratch))
}

// end closes the books and logs everybody out.
func (w *worker) end() {
	now := w.now()
	for i := range w.members {
		if w.members[i].online {
			w.sessions.atEnd++
		}
		w.noteWaiting(&w.members[i])
	}
	w.script.end()
	w.dropHeld()
	if !w.swarm.interrupted {
		w.noteUnserved(now)
	}
	if w.swarm.config.RampDown > 0 && !w.swarm.interrupted {
		w.rampDown(now)
		now = w.now()
	}
	for i := range w.members {
		if w.now()-now < logoutTime {
			w.logout(&w.members[i])
		}
	}
}
