package server

import (
	"math/rand/v2"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// Phase selects the time in its window at which a message is first retransmitted
// (§4): the sweeps of the observed server do so after 2 to 7 s. Further copies, and
// the loss, follow at the period of the sweeps.
type Phase uint8

// The phases.
const (
	AtSweeps Phase = iota // at the first sweep in the window, as the observed server
	Earliest              // at the start of the window
	Uneven                // at a random time in it
	Latest                // at its end
)

// retransmitAfter returns what chooses the times of the retransmissions, or nil for the
// sweeps.
func (p *Policy) retransmitAfter(random *rand.Rand) func(wire.Message, time.Time) time.Duration {
	window := Delay{Min: p.Retransmission.MinAge, Max: p.Retransmission.MinAge + p.Retransmission.Sweep}
	switch {
	case p.RetransmitAfter != nil:
		return p.RetransmitAfter
	case p.Phase == AtSweeps:
		return nil
	case p.Phase == Earliest:
		window.Max = window.Min
	case p.Phase == Latest:
		window.Min = window.Max
	}
	return func(wire.Message, time.Time) time.Duration { return window.Draw(random) }
}

// retransmitter keeps messages until they are acknowledged or lost.
type retransmitter interface {
	Sent(now time.Time, m wire.Message)
	Acknowledged(fingerprint string) (m wire.Message, ok bool)
	// FirstSent returns when a message was first sent, and whether it was retransmitted.
	FirstSent(fingerprint string) (at time.Time, again, ok bool)
	Sweep(now time.Time) (again, lost []wire.Message)
	Next() time.Time
}

// scattered is a retransmitter with a time for each message in place of sweeps.
type scattered struct {
	policy  qos.Policy
	after   func(m wire.Message, sent time.Time) time.Duration
	waiting map[string]*scatteredMessage
	due     Lanes[*scatteredMessage, *scatteredMessage]
}

type scatteredMessage struct {
	message   wire.Message
	firstSent time.Time
	copies    int // retransmissions so far
}

func newScattered(policy qos.Policy, after func(wire.Message, time.Time) time.Duration) *scattered {
	return &scattered{policy: policy, after: after, waiting: map[string]*scatteredMessage{}}
}

// Sent records the first copy. A fingerprint that is unacknowledged already keeps its
// age.
func (s *scattered) Sent(now time.Time, m wire.Message) {
	fp := m.Fingerprint.Value()
	if s.waiting[fp] != nil || !m.Fingerprint.Present() {
		return
	}
	p := &scatteredMessage{message: m, firstSent: now}
	s.waiting[fp] = p
	s.due.Push(now.Add(s.after(m, now)), p, p)
}

// Acknowledged removes a message by its fingerprint and returns it.
func (s *scattered) Acknowledged(fingerprint string) (m wire.Message, ok bool) {
	p := s.waiting[fingerprint]
	if p == nil {
		return m, false
	}
	delete(s.waiting, fingerprint)
	m, p.message = p.message, wire.Message{} // its entry stays in due
	return m, true
}

// FirstSent returns when a message was first sent, and whether it was retransmitted.
func (s *scattered) FirstSent(fingerprint string) (at time.Time, again, ok bool) {
	p := s.waiting[fingerprint]
	if p == nil {
		return at, false, false
	}
	return p.firstSent, p.copies > 0, true
}

// Next returns when Sweep has to be called, or the zero time for never.
func (s *scattered) Next() time.Time { return s.due.Next() }

// Sweep returns the messages to retransmit now and those that are lost.
func (s *scattered) Sweep(now time.Time) (again, lost []wire.Message) {
	for p, ok := s.due.Pop(now); ok; p, ok = s.due.Pop(now) {
		fp := p.message.Fingerprint.Value()
		switch {
		case s.waiting[fp] != p: // it was acknowledged
		case p.copies < s.policy.Retries:
			p.copies++
			again = append(again, p.message)
			s.due.Push(now.Add(s.policy.Sweep), p, p)
		default:
			delete(s.waiting, fp)
			lost = append(lost, p.message)
		}
	}
	return again, lost
}
