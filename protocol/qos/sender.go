package qos

import (
	"time"

	"imcheck/protocol/wire"
)

// SweepEvery is the period at which either end checks its unacknowledged messages (§4).
const SweepEvery = 5 * time.Second

// Policy decides when an unacknowledged message is retransmitted, and when it is
// given up as lost.
type Policy struct {
	Sweep   time.Duration // period of the sweeps, more than 0
	MinAge  time.Duration // a sweep skips messages of this age or younger
	Retries int           // retransmissions; the message is lost at the sweep after the last
}

// The policies of §4.
var (
	ServerPolicy = Policy{Sweep: SweepEvery, MinAge: 2 * time.Second, Retries: 1}
	ClientPolicy = Policy{Sweep: SweepEvery, MinAge: 3 * time.Second, Retries: 2}
)

// Sender keeps unacknowledged messages. Make one with NewSender.
type Sender struct {
	policy  Policy
	next    time.Time
	waiting map[string]*pending
	oldest  *pending // list in the order of sending, so that sweeps are deterministic
	newest  *pending
}

type pending struct {
	message    wire.Message
	firstSent  time.Time
	retries    int
	prev, next *pending
}

// NewSender returns a sender whose first sweep is due one period after now.
func NewSender(policy Policy, now time.Time) *Sender {
	return &Sender{policy: policy, next: now.Add(policy.Sweep), waiting: map[string]*pending{}}
}

// Sent records that m was sent for the first time. A fingerprint that is
// unacknowledged already keeps its place and its age, so that sending it again does
// not postpone its loss. Messages without a fingerprint cannot be acknowledged and
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

// Acknowledged removes a message by its fingerprint and returns it; ok is false if
// there is none.
func (s *Sender) Acknowledged(fingerprint string) (m wire.Message, ok bool) {
	p, ok := s.waiting[fingerprint]
	if !ok {
		return wire.Message{}, false
	}
	s.remove(p)
	return p.message, true
}

// FirstSent returns the time at which an unacknowledged message was first sent;
// again is true if it has been retransmitted since.
func (s *Sender) FirstSent(fingerprint string) (at time.Time, again, ok bool) {
	p, ok := s.waiting[fingerprint]
	if !ok {
		return at, false, false
	}
	return p.firstSent, p.retries > 0, true
}

// Waiting returns the number of unacknowledged messages.
func (s *Sender) Waiting() int { return len(s.waiting) }

// Next returns the time at which Sweep has to be called. Sweeps keep their phase
// whether anything waits or not, as on the observed server.
func (s *Sender) Next() time.Time { return s.next }

// Sweep returns the messages to retransmit now and those that are lost, oldest
// first. It does nothing before Next.
func (s *Sender) Sweep(now time.Time) (again, lost []wire.Message) {
	if now.Before(s.next) {
		return nil, nil
	}
	s.next = NextSweep(s.next, now, s.policy.Sweep)
	for p := s.oldest; p != nil; {
		following := p.next
		switch {
		case now.Sub(p.firstSent) <= s.policy.MinAge: // left to a later sweep
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

// NextSweep returns the first sweep after now of a series with a period, of which
// next is one. Sweeps that were missed are skipped.
func NextSweep(next, now time.Time, every time.Duration) time.Time {
	for !next.After(now) {
		next = next.Add(every)
	}
	return next
}

// Abandon gives up all unacknowledged messages and returns them, oldest first.
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
