package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

const (
	// batch is the number of items of one sort that a worker handles before it looks after the
	// other sorts again.
	batch = 32
	// logoutTime bounds the logouts at the end; who is not through by then is
	// cut off.
	logoutTime = 5 * time.Second
)

// worker drives its share of the clients on one goroutine: client i of this
// process belongs to worker i modulo their number.
type worker struct {
	swarm     *swarm
	id        int
	engine    engine.Engine
	behaviour scenario.Behaviour

	clients
	sending
	books   *books.Worker
	trouble map[plan.Slot]error // the latest of a connection, until the first login

	// Scratch.
	effects []client.Effect
	scratch []byte
}

// clients are those of one worker.
type clients struct {
	members   []member
	queue     dueQueue
	peers     []peer // peers of all members, as many places for each
	started   int    // so many members have begun
	startable int    // so many may
}

// sending is the progress of a worker through the messages of the schedule.
type sending struct {
	next    uint64      // message that this worker sends next
	total   uint64      // messages of the schedule
	unacked int         // sent messages that wait for their ACK
	allSent atomic.Bool // next has reached total
	held    held

	// When what has gone out since the last flush was due, as far as it counts.
	unwritten []time.Duration
}

func newWorker(s *swarm, id int) *worker {
	count := s.deal.Slots(id, s.config.OwnClients())
	_, end := s.Schedule.Steady()
	w := &worker{
		swarm: s, id: id, books: books.NewWorker(s.config.Transports), trouble: map[plan.Slot]error{},
		clients: clients{members: make([]member, count), startable: count, queue: make(dueQueue, 0, count)},
		sending: sending{total: s.Schedule.SentBefore(end)},
	}
	var seats [len(wire.Transports)]plan.Seat
	for i := range w.members {
		m := &w.members[i]
		m.index = s.share.Client(s.deal.Own(id, plan.Slot(i)))
		m.queued, m.transport = notQueued, s.config.transport(m.index)
		m.seat = seats[m.transport]
		seats[m.transport]++
	}
	w.peers = make([]peer, count*s.Schedule.Places())
	w.behaviour = s.scenario.Behave(w)
	w.skip()
	return w
}

func (w *worker) now() time.Duration { return time.Since(w.swarm.Start) }

// slot returns the place of a member among the worker's.
func (w *worker) slot(m *member) plan.Slot { return w.swarm.slotOf(m.index) }

// has reports whether a client of the run is one of the worker's.
func (w *worker) has(client plan.Client) bool {
	return w.swarm.share.Has(client) && w.swarm.deal.Of(w.swarm.share.Own(client)) == w.id
}

// run works until finish is closed, for which the engine is to be woken, and
// then logs everybody out. The error is the engine's.
func (w *worker) run(finish <-chan struct{}) (err error) {
	cut := w.swarm.cut
	for err == nil {
		select {
		case <-finish:
			w.end()
			return nil
		case <-cut:
			cut = nil
			w.stop()
		default:
		}
		limit, any := w.step()
		err = w.engine.Wait(waitLimit(limit, any))
	}
	w.end()
	return err
}

// waitLimit returns how long an engine is to wait when something is due then, or
// when nothing is.
func waitLimit(wait time.Duration, any bool) time.Duration {
	if !any {
		return -1
	}
	return max(0, wait)
}

// step does what is due and returns how long it is until something is again.
func (w *worker) step() (wait time.Duration, any bool) {
	now := w.now()
	for range batch {
		if w.started == w.startable || w.swarm.Schedule.Start(w.members[w.started].index) > now {
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
		if w.next == w.total || w.swarm.Schedule.Due(w.next) > now {
			break
		}
		w.sendNext()
	}
	w.behaviour.Step(now)
	w.flush()
	return w.nextDue()
}

// flush writes what has been queued, and notes how late that is.
func (w *worker) flush() {
	w.engine.Flush()
	if len(w.unwritten) == 0 {
		return
	}
	now := w.now()
	for _, due := range w.unwritten {
		w.books.Latencies.RecordLateness(now - due)
	}
	w.unwritten = w.unwritten[:0]
}

func (w *worker) nextDue() (wait time.Duration, any bool) {
	var soonest time.Duration
	consider := func(due time.Duration) {
		if !any || due < soonest {
			soonest, any = due, true
		}
	}
	if w.started < w.startable {
		consider(w.swarm.Schedule.Start(w.members[w.started].index))
	}
	if m := w.queue.soonest(); m != nil {
		consider(m.due)
	}
	if w.next < w.total {
		consider(w.swarm.Schedule.Due(w.next))
	}
	if due, ok := w.behaviour.Next(); ok {
		consider(due)
	}
	return soonest - w.now(), any
}

// skip passes over the messages that clients of other workers send, here or in
// another shard.
func (w *worker) skip() {
	for w.next < w.total {
		sender, _, _, ok := w.swarm.Schedule.Message(w.next)
		if ok && w.has(sender) {
			return
		}
		w.next++
	}
	w.allSent.Store(true)
}

// sendNext sends the next message of the schedule, or says why it cannot.
func (w *worker) sendNext() {
	sender, f, place, _ := w.swarm.Schedule.Message(w.next)
	due, now := w.swarm.Schedule.Due(w.next), w.now()
	m := &w.members[w.swarm.slotOf(sender)]
	counts := w.swarm.Schedule.Counts(due)
	switch {
	case now-due > plan.DropAfter:
		w.books.Fail(books.TooLate, counts)
	case !m.begun || !m.rules.Online():
		w.books.Fail(books.NotOnline, counts)
	case w.unacked >= w.swarm.maxUnacked:
		w.books.Fail(books.Blocked, counts)
	case w.mayNotSend(m):
		w.hold(m, heldSend{f, place, due})
	default:
		w.send(m, f, place, due, now, counts)
		if counts {
			w.unwritten = append(w.unwritten, due)
		}
	}
	w.next++
	w.skip()
}

// send sends a message for the first time. It is counted before it goes out:
// its receiver may be another worker's client and faster than this one.
func (w *worker) send(m *member, f plan.Flow, place plan.Place, due, now time.Duration, counts bool) {
	w.books.Activity.Sent.Add(1)
	if counts {
		w.books.Messages[f].Sent.Add(1)
	}
	w.unacked++
	// Online is checked, which is all that Send refuses.
	effects, _ := m.rules.Send(w.at(m, now), w.message(m, f, place, due, now, counts), w.effects[:0])
	w.apply(m, eventContext{now: now}, effects)
}

func (w *worker) message(m *member, f plan.Flow, place plan.Place, due, now time.Duration, counts bool) wire.Message {
	to := wire.ServerID
	if f == plan.ToClient {
		to = w.swarm.users[w.swarm.Schedule.PeerAt(m.index, place)]
	}
	w.scratch = plan.AppendContent(w.scratch[:0], due, now, w.swarm.config.Payload)
	content := string(w.scratch)
	w.scratch = w.swarm.Nonce.AppendFingerprint(w.scratch[:0], w.nextID(m, f, place, counts))
	return wire.NewQoSData(m.rules.User(), to, content, string(w.scratch))
}

// end closes the books and logs everybody out.
func (w *worker) end() {
	now := w.now()
	for i := range w.members {
		if w.members[i].online {
			w.books.Sessions.AtEnd++
		}
		w.noteWaiting(&w.members[i])
	}
	w.behaviour.End()
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
		if i%batch == batch-1 {
			w.engine.Flush()
		}
	}
	w.engine.Flush()
}
