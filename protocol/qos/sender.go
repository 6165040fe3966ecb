package qos

import (
	"time"

	"imcheck/protocol/wire"
)

// SweepEvery is the period in which either end looks at its unacknowledged messages (§4).
const SweepEvery = 5 * time.Second

// Policy is when an unacknowledged message is sent again and when it is lost.
type Policy struct {
	Sweep   time.Duration // period of the sweeps, over 0
	MinAge  time.Duration // a sweep passes over messages that are not older than this
	Retries int           // copies after the first; at the sweep after the last one the message is lost
}

// The policies of §4.
var (
	ServerPolicy = Policy{Sweep: SweepEvery, MinAge: 2 * time.Second, Retries: 1}
	ClientPolicy = Policy{Sweep: SweepEvery, MinAge: 3 * time.Second, Retries: 2}
)

// Sender keeps the messages that wait for their ACK. Make one with NewSender.
type Sender struct {
	policy  Policy
	next    time.Time
	waiting map[string]*pending
	oldest  *pending // list in the order of sending: sweeps are repeatable
	newest  *pending
}

type pending struct {
	message    wire.Message
	firstSent  time.Time
	retries    int
	prev, next *pending
}

// NewSender starts the sweeps at now: the first is one period later.
func NewSender(policy Policy, now time.Time) *Sender {
	return &Sender{policy: policy, next: now.Add(policy.Sweep), waiting: map[string]*pending{}}
}

// Sent notes that m went out for the first time. A fingerprint that waits
// already keeps its place and its age: a sender that repeats itself does not
// put the loss off. Messages without a fingerprint cannot be acknowledged and
// are not kept.
func (s *Sender) Sent(now time.Time, m wire.Message) {
	if !m.Fingerprint.Present() {
		return
	}
	fp := m.Fingerprint.Value()
	if _, known := s.waiting[fp]; known {
		return
	}
	p := &pending{message: m, firstSent: now, prev: s.newest}
	if s.newest != nil {
		s.newest.next = p
	} else {
		s.oldest = p
	}
	s.newest = p
	s.waiting[fp] = p
}

// Acknowledged ends the wait for a fingerprint and returns its message; ok is
// false when nothing waited for it.
func (s *Sender) Acknowledged(fingerprint string) (m wire.Message, ok bool) {
	p, ok := s.waiting[fingerprint]
	if !ok {
		return wire.Message{}, false
	}
	s.remove(p)
	return p.message, true
}

// FirstSent is when the first copy of a message that waits went out; again is
// whether another one did.
func (s *Sender) FirstSent(fingerprint string) (at time.Time, again, ok bool) {
	p, ok := s.waiting[fingerprint]
	if !ok {
		return at, false, false
	}
	return p.firstSent, p.retries > 0, true
}

// Waiting is how many messages wait for their ACK.
func (s *Sender) Waiting() int { return len(s.waiting) }

// Next is when Sweep has to be called; sweeps keep their phase whether
// anything waits or not, as on the observed server.
func (s *Sender) Next() time.Time { return s.next }

// Sweep returns the messages that are to be sent again now and those that are
// lost, oldest first. It does nothing before Next.
func (s *Sender) Sweep(now time.Time) (again, lost []wire.Message) {
	if now.Before(s.next) {
		return nil, nil
	}
	s.next = NextSweep(s.next, now, s.policy.Sweep)
	for p := s.oldest; p != nil; {
		following := p.next
		switch {
		case now.Sub(p.firstSent) <= s.policy.MinAge: // its turn comes at a later sweep
		case p.retries < s.policy.Retries:
			p.retries++
			again = append(again, p.message)
		default:
			s.remove(p)
			lost = append(lost, p.message)
		}
		p = following
	}
	return again, lost
}

// NextSweep returns the first sweep after now, of those that come every so often and
// next is one of: one that was missed is not made up for.
func NextSweep(next, now time.Time, every time.Duration) time.Time {
	for !next.After(now) {
		next = next.Add(every)
	}
	return next
}

// Abandon gives up every waiting message and returns them, oldest first.
func (s *Sender) Abandon() (lost []wire.Message) {
	for s.oldest != nil {
		lost = append(lost, s.oldest.message)
		s.remove(s.oldest)
	}
	return lost
}

func (s *Sender) remove(p *pending) {
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		s.oldest = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	} else {
		s.newest = p.prev
	}
	delete(s.waiting, p.message.Fingerprint.Value())
}
