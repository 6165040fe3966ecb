package server

import (
	"time"

	"imcheck/protocol/wire"
)

// clientToServer handles data for the application (§4, C → S): every copy is
// acknowledged, the application sees the first.
func (s *Server) clientToServer(from *Session, m wire.Message) {
	if m.QoS && !m.Fingerprint.Present() {
		s.end(from)
		return
	}
	if !s.config.Application.AllowC2S(m) {
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

// clientToClient passes data on to the session that stands for the receiver
// (§4, C → C). Copies are not looked at: that is the receiving client's part.
func (s *Server) clientToClient(from *Session, m wire.Message) {
	if m.QoS && !m.Fingerprint.Present() && s.config.Quirks.NamelessC2C != NamelessPassedOn {
		if s.config.Quirks.NamelessC2C == NamelessEnds {
			s.end(from)
		}
		return
	}
	if !s.config.Application.AllowC2C(m) {
		return
	}
	receiver := s.users[m.To.Value()]
	if receiver == nil || !s.waiting.room(m) {
		s.offline(from, m) // nobody takes it: its sender is to try again, or to give it up (§4)
		return
	}
	if receiver == from {
		s.write(receiver, m) // §4: a message to oneself comes back before its ACK
	} else {
		s.deliver(receiver, m)
	}
	s.acknowledge(from, m)
	s.reportMessage(EventC2C, m.To.Value(), 0, m)
}

// offline offers a message to the application; only what is stored is
// acknowledged (§4).
func (s *Server) offline(from *Session, m wire.Message) {
	code := NotStored
	if s.config.Application.StoreOffline(m) {
		code = Stored
		s.acknowledge(from, m)
	}
	s.reportMessage(EventOffline, m.To.Value(), code, m)
}

// acknowledge tells the sender of a C → C message that it is taken care of.
// Without a fingerprint there is nothing an ACK could name.
func (s *Server) acknowledge(from *Session, m wire.Message) {
	if m.QoS && m.Fingerprint.Present() {
		s.send(from, received(m))
	}
}

// received is the server's ACK of a message. Other than a client's it never has
// the bridge (§1, type 4).
func received(m wire.Message) wire.Message {
	ack := wire.NewReceived(m)
	ack.Bridge = false
	return ack
}

// deliver sends data to a receiver, after the delay if there is one.
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

// deliverFirst sends the first data that is due, if there is any, to whoever its user
// is now; when that is nobody it is lost.
func (s *Server) deliverFirst() bool {
	m, ok := s.underway.Pop(s.now)
	if ok {
		s.write(s.users[m.To.Value()], m)
	}
	return ok
}

// write sends data to a receiver, which may be nil, and waits for its ACK when it
// is QoS. Where too much waits already it is lost at once.
func (s *Server) write(receiver *Session, m wire.Message) {
	if !s.waiting.sent(s.now, m) {
		s.reportMessage(EventLost, m.To.Value(), 0, m)
		return
	}
	if receiver != nil {
		s.send(receiver, m)
	}
}

// acknowledged handles a client's ACK, from whatever session (§4). It is not
// passed to the sender of the message.
func (s *Server) acknowledged(from *Session, ack wire.Message) {
	if !ack.DataContent.Present() {
		return
	}
	if !s.tooFast(ack.DataContent.Value()) {
		s.waiting.acknowledged(ack.DataContent.Value())
	}
	s.report(Event{Kind: EventReceived, User: from.user, Fingerprint: ack.DataContent})
}

// tooFast reports whether an ACK is too early to be found (§7).
func (s *Server) tooFast(fingerprint string) bool {
	if s.config.Policy.FastACKMissed <= 0 {
		return false
	}
	first, again, waits := s.waiting.FirstSent(fingerprint)
	return waits && !again && s.now.Sub(first) < s.config.Policy.FastACKMissed
}

// sweep sends unacknowledged messages again, to whoever stands for the user
// now, and reports those that are lost (§4).
func (s *Server) sweep() {
	again, lost := s.waiting.sweep(s.now)
	for _, m := range again {
		if receiver := s.users[m.To.Value()]; receiver != nil {
			s.send(receiver, m)
		}
	}
	for _, m := range lost {
		s.reportMessage(EventLost, m.To.Value(), 0, m)
	}
}

// Push sends a message of the server's application (§4, S → C); online is
// false when its user is not logged in, and then nothing happens.
func (s *Server) Push(now time.Time, m wire.Message) (effects []Effect, online bool) {
	s.begin(now)
	receiver := s.users[m.To.Value()]
	if receiver == nil {
		return nil, false
	}
	s.deliver(receiver, m)
	return s.effects, true
}

// Kick ends a user's session as an administrator does; online is false when
// the user is not logged in, and then nothing happens.
func (s *Server) Kick(now time.Time, user string, kick wire.Kickout) (effects []Effect, online bool) {
	s.begin(now)
	session := s.users[user]
	if session == nil {
		return nil, false
	}
	if session.ended {
		return nil, true // its user is listed for a while yet (§7)
	}
	if s.endsByKick(session) {
		session.kicked = kick.Code
	}
	s.kick(session, kick)
	return s.effects, true
}
