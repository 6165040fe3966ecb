package swarm

import (
	"slices"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
)

const (
	// batch is the number of items of one sort that a worker handles before it looks after the
	// other sorts again.
	batch = 32
	// logoutTime bounds the logouts at the end; who is not through by then is
	// cut off.
	logoutTime = 5 * time.Second
	// gatherTime is how much later than the first of several things that are due a worker
	// wakes up, to do them together: to wake up for each costs more than doing it. Nothing is
	// done before it is due, and the lateness of each counts from its own due time. What is
	// due alone is not delayed.
	gatherTime = 250 * time.Microsecond
	// gatherBeats is the same of clients that only keep their heartbeat. Their answers wait
	// as long, as the system notes when datagrams arrive: a worker wakes up once for both.
	gatherBeats = 500 * time.Microsecond
)

// worker drives its share of the clients on one goroutine. Each of its parts knows those
// before it only.
type worker struct {
	run   *run
	books *books.Worker

	losses losses
	outage *outageBooks              // nil on a network that stays
	asked  chan chan<- *books.Worker // for what is noted so far

	// Its clients, and what is noted of them.
	roster   *roster
	messages *messageBooks
	sessions *sessionBooks
	path     *pathBooks // nil unless it is impaired

	abandoned abandoned

	// What they do.
	driver    *driver   // what the protocol asks for
	senders   []*sender // what the schedules of the parts have due
	turnover  *turnover
	behaviour scenario.Behaviour
}

func newWorker(r *run, id int) *worker {
	account := books.NewWorker(r.Transports)
	account.Outage = books.NewOutage(r.Outage)
	account.Stages = books.NewStages(len(r.config.Options.Stages))
	w := &worker{run: r, books: account, roster: newRoster(r, id), asked: make(chan chan<- *books.Worker, 1)}
	w.path = newPathBooks(r, w.roster, account)
	w.messages = &messageBooks{run: r, roster: w.roster, books: account, path: w.path}
	w.sessions = &sessionBooks{run: r, roster: w.roster, books: account, path: w.path, trouble: map[plan.Slot]error{}, dropped: map[plan.Slot]bool{}}
	w.abandoned = abandoned{}
	if r.Outage.Any() {
		w.outage = newOutageBooks(r, w.roster, account)
		w.messages.outage, w.sessions.outage = w.outage, w.outage
	}
	w.driver = &driver{run: r, roster: w.roster, messages: w.messages, sessions: w.sessions, path: w.path}
	for _, part := range r.Schedule.Parts() {
		w.senders = append(w.senders, newSender(w.driver, part))
	}
	w.turnover = newTurnover(w.driver)
	w.behaviour = r.scenario.Behave(w)
	w.driver.listener = w.behaviour
	return w
}

// work goes on until finish is closed, for which the engine is to be woken, and
// then logs everybody out. The error is the engine's.
func (w *worker) work(finish <-chan struct{}) (err error) {
	cut := w.run.cut
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
		limit, ok := w.step()
		err = w.driver.engine.Wait(waitLimit(limit, ok))
	}
	w.end()
	return err
}

// waitLimit returns how long an engine is to wait when something is due then, or
// when nothing is.
func waitLimit(wait time.Duration, ok bool) time.Duration {
	if !ok {
		return -1
	}
	return max(0, wait)
}

// step does what is due and returns how long it is until something is again; ok is false
// when nothing is.
func (w *worker) step() (wait time.Duration, ok bool) {
	w.takeLosses()
	w.answer()
	now := w.run.Now()
	for range batch {
		m := w.roster.starting(now)
		if m == nil {
			break
		}
		w.driver.begin(m)
	}
	for range batch {
		slot, due, ok := w.roster.wakeups.Pop(now)
		if !ok {
			break
		}
		m := &w.roster.members[slot]
		w.driver.tick(m, due)
		w.senderOf(m).release(m)
	}
	w.turnover.step(now)
	w.outage.step(now)
	for _, s := range w.senders {
		s.step(now)
	}
	w.behaviour.Step(now)
	w.flush()
	return w.nextDue()
}

// answer hands over what is noted so far to whoever has asked for it.
func (w *worker) answer() {
	select {
	case reply := <-w.asked:
		reply <- w.books.Noted()
	default:
	}
}

// flush writes what has been queued, and notes how late that is.
func (w *worker) flush() {
	w.driver.engine.Flush()
	w.messages.flushed()
}

// nextDue returns how long the worker has to wait for what is due next; ok is false when
// nothing is. What is due in close succession is gathered, see Config.gather.
func (w *worker) nextDue() (wait time.Duration, ok bool) {
	soonest, ok := w.roster.nextDue()
	for _, s := range w.senders {
		if due, also := s.nextDue(); also && (!ok || due < soonest) {
			soonest, ok = due, true
		}
	}
	if due, also := w.turnover.nextDue(); also && (!ok || due < soonest) {
		soonest, ok = due, true
	}
	if due, also := w.behaviour.Next(); also && (!ok || due < soonest) {
		soonest, ok = due, true
	}
	if due, also := w.outage.nextDue(); also && (!ok || due < soonest) {
		soonest, ok = due, true
	}
	now := w.run.Now()
	if ok && soonest > now && w.crowded(soonest, soonest+w.run.gather) {
		soonest += w.run.gather
	}
	return soonest - now, ok
}

// crowded reports whether more is due soon after the soonest.
func (w *worker) crowded(soonest, until time.Duration) bool {
	if w.roster.crowded(soonest, until) {
		return true
	}
	for _, s := range w.senders {
		if s.crowded(soonest, until) {
			return true
		}
	}
	if due, ok := w.turnover.nextDue(); ok && due > soonest && due <= until {
		return true
	}
	due, ok := w.behaviour.Next()
	return ok && due > soonest && due <= until
}

// take handles what an engine reports. What comes from a connection that the
// client has given up is skipped.
func (w *worker) take(a engine.Arrival) {
	m := &w.roster.members[a.ID.Client]
	if a.ID.Serial != m.serial {
		if w.abandoned.take(a) {
			return
		}
		if a.Link != nil {
			a.Link.Close()
		}
		return
	}
	w.driver.take(m, a)
	w.senderOf(m).release(m)
	if a.ID.Serial == m.serial {
		w.driver.cutFlood(m, a.At)
	}
}

// senderOf returns the sender of the part that a member belongs to.
func (w *worker) senderOf(m *member) *sender { return w.senders[w.run.Schedule.PartOf(m.index)] }

// stop lets a worker begin nothing new that is due after the run was cut; the
// heartbeat goes on, and what is under way is waited for.
func (w *worker) stop() {
	at := w.run.cutAt()
	w.roster.stop()
	w.turnover.stop()
	for _, s := range w.senders {
		s.stop(at)
	}
	w.behaviour.Stop(at)
}

// busy reports whether anything that counts is to be sent or under way, as far as the
// ledger does not show it. Any goroutine may ask.
func (w *worker) busy() bool {
	return slices.ContainsFunc(w.senders, (*sender).busy) || w.behaviour.Busy() || w.outage.busy()
}
