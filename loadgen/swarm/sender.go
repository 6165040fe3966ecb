package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// sender has the clients of one worker send the messages of a schedule, which may be that
// of a part of the run.
type sender struct {
	run      *run
	schedule plan.Schedule
	roster   *roster
	driver   *driver
	messages *messageBooks

	// Progress through the schedule.
	next    uint64      // message that this worker sends next
	total   uint64      // messages of the schedule
	allSent atomic.Bool // next has reached total
	held    heldSends

	text []byte // scratch
}

func newSender(d *driver, schedule plan.Schedule) *sender {
	_, end := schedule.Steady()
	s := &sender{
		run: d.run, schedule: schedule, roster: d.roster, driver: d, messages: d.messages,
		total: schedule.SentBefore(end), held: heldSends{limit: d.run.config.InFlight},
	}
	s.skip()
	return s
}

// skip passes over the messages that clients of other workers send, here or in
// another shard.
func (s *sender) skip() {
	for s.next < s.total {
		from, _, _, ok := s.schedule.Message(s.next)
		if ok && s.roster.has(from) {
			return
		}
		s.next++
	}
	s.allSent.Store(true)
}

// step sends what is due, a batch at most.
func (s *sender) step(now time.Duration) {
	for range batch {
		if s.next == s.total || s.schedule.Due(s.next) > now {
			return
		}
		s.sendNext()
		s.next++
		s.skip()
	}
}

// nextDue returns when a message is due again; ok is false when none is.
func (s *sender) nextDue() (due time.Duration, ok bool) {
	if s.next == s.total {
		return 0, false
	}
	return s.schedule.Due(s.next), true
}

// crowded reports whether a further message is due soon after the time at which something
// is due first. It may be another worker's.
func (s *sender) crowded(soonest, until time.Duration) bool {
	for n := s.next; n < min(s.next+2, s.total); n++ {
		if due := s.schedule.Due(n); due > soonest && due <= until {
			return true
		}
	}
	return false
}

// sendNext sends the next message of the schedule, or says why it cannot.
func (s *sender) sendNext() {
	from, f, place, _ := s.schedule.Message(s.next)
	due, now := s.schedule.Due(s.next), s.run.Now()
	m := s.roster.of(from)
	counts := s.schedule.Counts(due)
	switch {
	case now-due > plan.DropAfter:
		s.messages.notMade(books.TooLate, due)
	case (!m.begun || !m.rules.Online()) && s.driver.path.keepsOut(m, now):
		s.messages.books.Excuse(counts)
	case !m.begun || !m.rules.Online():
		s.messages.notMade(books.NotOnline, due)
	case s.messages.unacked >= s.run.maxUnacked:
		s.messages.notMade(books.Blocked, due)
	case s.held.mustWait(m, s.run.slotOf(from)):
		if !s.held.add(s.run.slotOf(from), heldSend{f, place, due}) {
			s.messages.notMade(books.Blocked, due)
		}
	default:
		s.send(m, f, place, due, now, counts)
		if counts {
			s.messages.unwritten = append(s.messages.unwritten, due)
		}
	}
}

// send sends a message for the first time.
func (s *sender) send(m *member, f plan.Flow, place plan.Place, due, now time.Duration, counts bool) {
	s.messages.sending(f, due, now, counts)
	s.driver.send(m, now, s.message(m, f, place, due, now, counts))
}

func (s *sender) message(m *member, f plan.Flow, place plan.Place, due, now time.Duration, counts bool) wire.Message {
	to := wire.ServerID
	if f == plan.ToClient {
		to = s.run.Users(s.schedule.PeerAt(m.index, place))
	}
	s.text = plan.AppendContent(s.text[:0], due, now, s.run.Options.Payload)
	content := string(s.text)
	s.text = s.run.Nonce.AppendFingerprint(s.text[:0], s.roster.nextID(m, f, place, counts))
	return wire.NewQoSData(m.rules.User(), to, content, string(s.text))
}

// release sends what waits and a client may send by now.
func (s *sender) release(m *member) {
	if s.held.count.Load() == 0 || !m.begun {
		return
	}
	slot := s.run.slotOf(m.index)
	for {
		next, ok := s.held.next(m, slot)
		if !ok {
			return
		}
		now, counts := s.run.Now(), s.schedule.Counts(next.due)
		if now-next.due > heldFor {
			s.messages.notMade(books.Blocked, next.due)
		} else {
			s.send(m, next.flow, next.place, next.due, now, counts)
		}
		s.held.count.Add(-1)
	}
}

// stop sends nothing that is due from a time on.
func (s *sender) stop(at time.Duration) {
	s.total = min(s.total, s.schedule.SentBefore(at))
	if s.next >= s.total {
		s.next = s.total
		s.allSent.Store(true)
	}
}

// end counts what still waits: it could not be sent.
func (s *sender) end() {
	for _, due := range s.held.drop() {
		s.messages.notMade(books.Blocked, due)
	}
}

// busy reports whether something is still to be sent. Any goroutine may ask.
func (s *sender) busy() bool { return !s.allSent.Load() || s.held.count.Load() > 0 }
