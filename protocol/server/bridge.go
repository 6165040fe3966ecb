package server

import (
	"time"

	"imcheck/protocol/wire"
)

// maxWaitingCopies bounds the copies of a message that wait for its confirmation; a sender
// makes two at most (§4).
const maxWaitingCopies = 8

// publication is a message that was handed to the broker and is not confirmed yet.
type publication struct {
	message wire.Message
	from    []*Session // sessions that sent the message or a copy of it, each to be answered
}

// publications are the messages that wait for the broker's confirmation, within the bound of
// Limits. Make them with newPublications.
type publications struct {
	bound   Bound
	last    uint64 // the number given out last
	waiting map[uint64]*publication
	named   map[string]*publication // those with a fingerprint and QoS
	bytes   int
}

func newPublications(bound Bound) publications {
	return publications{bound: bound, waiting: map[uint64]*publication{}, named: map[string]*publication{}}
}

// add keeps a message until take. ok is false if the bound leaves no room for it.
func (p *publications) add(from *Session, m wire.Message) (number uint64, ok bool) {
	bytes := m.TextBytes()
	if p.bound.Exceeded(len(p.waiting)+1, p.bytes+bytes) {
		return 0, false
	}
	p.last++
	waiting := &publication{message: m.Clone(), from: []*Session{from}}
	p.waiting[p.last] = waiting
	p.bytes += bytes
	if acknowledgeable(m) {
		p.named[waiting.message.Fingerprint.Value()] = waiting
	}
	return p.last, true
}

// take removes a message; nil if it does not wait any more.
func (p *publications) take(number uint64) *publication {
	waiting := p.waiting[number]
	if waiting == nil {
		return nil
	}
	delete(p.waiting, number)
	p.bytes -= waiting.message.TextBytes()
	if acknowledgeable(waiting.message) {
		delete(p.named, waiting.message.Fingerprint.Value())
	}
	return waiting
}

// joins has a copy of a message that is not confirmed yet wait for the same confirmation. It
// reports whether m is such a copy.
func (p *publications) joins(from *Session, m wire.Message) bool {
	waiting := p.named[m.Fingerprint.Value()]
	if waiting == nil || !acknowledgeable(m) {
		return false
	}
	if len(waiting.from) <= maxWaitingCopies {
		waiting.from = append(waiting.from, from)
	}
	return true
}

// notHere handles a message whose receiver is not online here: it is published to the other
// server if there is a bridge (§6), and otherwise offered to the application.
func (s *Server) notHere(from *Session, m wire.Message) {
	if !s.config.Bridge || !m.To.Present() {
		s.offline(from, m)
		return
	}
	if acknowledgeable(m) && s.received.again(s.now, m.Fingerprint.Value()) {
		s.acknowledge(from, m)
		return
	}
	if s.publications.joins(from, m) {
		return
	}
	number, ok := s.publications.add(from, m)
	if !ok {
		s.limited(LimitPublishing, from)
		s.offline(from, m)
		return
	}
	s.emit(Effect{Kind: Publish, Session: from, Message: m, Publication: number})
}

// Confirmed has to be called when the broker has confirmed a Publish effect, by its number. The
// sender gets the ACK of a QoS message only now, as nothing that is acknowledged may be lost.
func (s *Server) Confirmed(now time.Time, publication uint64) []Effect {
	s.begin(now)
	p := s.publications.take(publication)
	if p == nil {
		return nil
	}
	if acknowledgeable(p.message) {
		s.received.seen(now, p.from[0], p.message.Fingerprint.Value())
	}
	for _, from := range p.from {
		s.acknowledge(from, p.message)
	}
	return s.effects
}

// Refused has to be called when a Publish effect has failed, or may have: the message and each
// copy that came meanwhile are handled as ones to a user who is not online (§6). A further copy
// is published anew.
func (s *Server) Refused(now time.Time, publication uint64) []Effect {
	s.begin(now)
	p := s.publications.take(publication)
	if p == nil {
		return nil
	}
	for _, from := range p.from {
		s.offline(from, p.message)
	}
	return s.effects
}

// Unconfirmed returns the number of messages that wait for the broker's confirmation.
func (s *Server) Unconfirmed() int { return len(s.publications.waiting) }

// Consumed handles a body from the bridge (§6): it is delivered with QoS and bridge set,
// whatever it says, or offered to the application when its receiver is not online. ok is false
// for a body that is not a message, or names no receiver, which is dropped.
func (s *Server) Consumed(now time.Time, body []byte) (effects []Effect, ok bool) {
	s.begin(now)
	m, err := wire.Decode(body)
	if err != nil || !m.To.Present() {
		return nil, false
	}
	m.QoS, m.Bridge = true, true
	receiver := s.registry.session(m.To.Value())
	if receiver == nil || receiver.ghost(m.To.Value()) {
		s.offer(m)
		return s.effects, true
	}
	if !s.waiting.room(m) {
		s.limited(LimitUnacknowledged, receiver)
		s.offer(m)
		return s.effects, true
	}
	s.deliver(receiver, m)
	s.reportDelivered(m)
	return s.effects, true
}
