package server

import (
	"time"

	"imcheck/protocol/wire"
)

// clientToServer handles data for the application (§4, C → S): every copy is
// acknowledged, the application sees the first.
func (s *Server) clientToServer(from *Session, m wire.Message) {
	if !s.config.Application.AllowC2S(m) {
		return
	}
	if nameless(m) {
		s.end(from, CauseBadMessage)
		return
	}
	if m.QoS {
		s.send(from, received(m))
		if s.received.seen(s.now, from, m.Fingerprint.Value()) {
			return
		}
	}
	s.reportMessage(EventC2S, from.user, 0, m)
}

// clientToClient delivers data to the session that is registered for the receiver
// (§4, C → C). Duplicates are left to the receiving client.
func (s *Server) clientToClient(from *Session, m wire.Message) {
	if !s.config.Application.AllowC2C(m) {
		return
	}
	if !s.takes(from, m) {
		return
	}
	receiver := s.registry.session(m.To.Value())
	if receiver == nil || receiver.ghost(m.To.Value()) {
		s.notHere(from, m)
		return
	}
	if !s.waiting.room(m) {
		s.limited(LimitUnacknowledged, receiver)
		s.offline(from, m) // nobody accepts it: its sender retransmits it or gives it up (§4)
		return
	}
	if receiver == from {
		s.write(receiver, m) // §4: a message to oneself comes back before its ACK
	} else {
		s.deliver(receiver, m)
	}
	s.acknowledge(from, m)
	s.reportDelivered(m)
}

// reportDelivered tells the application of a message that was written to its receiver.
func (s *Server) reportDelivered(m wire.Message) {
	if !nameless(m) || s.config.Quirks.NamelessC2C != NamelessUntold {
		s.reportMessage(EventC2C, m.To.Value(), 0, m)
	}
}

// nameless reports whether a message asks for an ACK that cannot name it.
func nameless(m wire.Message) bool { return m.QoS && !m.Fingerprint.Present() }

// takes reports whether a message between clients is handled at all: one that names no
// receiver, or that an ACK cannot name, may end the session or be dropped (§7).
func (s *Server) takes(from *Session, m wire.Message) bool {
	receiverless, quirks := !m.To.Present(), s.config.Quirks
	switch {
	case receiverless && quirks.Receiverless == ReceiverlessEnds, nameless(m) && quirks.NamelessC2C == NamelessEnds:
		s.end(from, CauseBadMessage)
		return false
	}
	return !(receiverless && quirks.Receiverless == ReceiverlessIgnored || nameless(m) && quirks.NamelessC2C == NamelessIgnored)
}

// offline offers a message to the application, and acknowledges it if that has stored
// it (§4).
func (s *Server) offline(from *Session, m wire.Message) {
	code := s.stored(m)
	if code == Stored {
		s.acknowledge(from, m)
	}
	s.reportMessage(EventOffline, m.To.Value(), code, m)
}

// offer offers a message to the application that nobody here can be sent the ACK of.
func (s *Server) offer(m wire.Message) {
	s.reportMessage(EventOffline, m.To.Value(), s.stored(m), m)
}

// stored asks the application to store a message, and returns Stored or NotStored.
func (s *Server) stored(m wire.Message) wire.Code {
	if s.config.Application.StoreOffline(m) {
		return Stored
	}
	return NotStored
}

// acknowledgeable reports whether a message has an ACK, which has to name it.
func acknowledgeable(m wire.Message) bool { return m.QoS && m.Fingerprint.Present() }

// acknowledge sends the sender of a C → C message its ACK, which only a message with
// a fingerprint can have.
func (s *Server) acknowledge(from *Session, m wire.Message) {
	if acknowledgeable(m) {
		s.send(from, received(m))
	}
}

// received returns the server's ACK of a message. Unlike a client's it never has the
// bridge flag (§1, type 4).
func received(m wire.Message) wire.Message {
	ack := wire.NewReceived(m)
	ack.Bridge = false
	return ack
}

// deliver sends data to a receiver, after a delay if there is one.
func (s *Server) deliver(receiver *Session, m wire.Message) {
	delay := s.config.Policy.Deliveries
	if delay.None() {
		s.write(receiver, m)
		return
	}
	s.underway.Push(s.cause.Add(delay.Draw(s.random)), m.To.Value(), m)
	for s.underway.Exceeded() {
		s.deliverFirst()
	}
}

// deliverDue sends all data that is due.
func (s *Server) deliverDue() {
	for s.deliverFirst() {
	}
}

// deliverFirst sends the first data that is due, if any, to the session that is
// registered for its receiver by now. Without one it is lost.
func (s *Server) deliverFirst() bool {
	m, ok := s.underway.Pop(s.now)
	if ok {
		s.write(s.registry.session(m.To.Value()), m)
	}
	return ok
}

// write sends data to a receiver, which may be nil, and waits for the ACK of a QoS
// message. If too much is unacknowledged already, the message is lost at once.
func (s *Server) write(receiver *Session, m wire.Message) {
	if !s.waiting.sent(s.now, m) {
		s.limited(LimitUnacknowledged, receiver)
		s.reportMessage(EventLost, m.To.Value(), 0, m)
		return
	}
	if receiver != nil {
		s.send(receiver, m)
	}
}

// acknowledged handles a client's ACK, from any session (§4). It is not forwarded to
// the sender of the message.
func (s *Server) acknowledged(from *Session, ack wire.Message) {
	if !ack.DataContent.Present() {
		return
	}
	if !s.tooFast(ack.DataContent.Value()) {
		s.waiting.acknowledged(ack.DataContent.Value())
	}
	s.report(Event{Kind: EventReceived, User: from.user, Fingerprint: ack.DataContent})
}

// tooFast reports whether an ACK arrives so early that it is missed (§7).
func (s *Server) tooFast(fingerprint string) bool {
	if s.config.Policy.FastACKMissed <= 0 {
		return false
	}
	first, again, waits := s.waiting.FirstSent(fingerprint)
	return waits && !again && s.now.Sub(first) < s.config.Policy.FastACKMissed
}

// sweep retransmits unacknowledged messages, to the sessions that are registered for
// their receivers by now, and reports those that are lost (§4).
func (s *Server) sweep() {
	again, lost := s.waiting.sweep(s.now)
	for _, m := range again {
		if receiver := s.registry.session(m.To.Value()); receiver != nil {
			s.transmit(receiver, m, true)
		}
	}
	for _, m := range lost {
		s.reportMessage(EventLost, m.To.Value(), 0, m)
	}
}

// Push sends a message of the server's application (§4, S → C). If its user is not
// logged in, online is false and nothing happens.
func (s *Server) Push(now time.Time, m wire.Message) (effects []Effect, online bool) {
	s.begin(now)
	receiver := s.registry.session(m.To.Value())
	if receiver == nil {
		return nil, false
	}
	if !receiver.ghost(m.To.Value()) {
		s.deliver(receiver, m)
	}
	return s.effects, true
}

// Kick ends a user's session as an administrator does. If the user is not logged in,
// online is false and nothing happens.
func (s *Server) Kick(now time.Time, user string, kick wire.Kickout) (effects []Effect, online bool) {
	s.begin(now)
	session := s.registry.session(user)
	if session == nil {
		return nil, false
	}
	if session.ended {
		return nil, true // its user is still listed for a while (§7)
	}
	s.kick(session, user, kick, CauseKicked)
	return s.effects, true
}
