package server

import (
	"slices"
	"time"

	"imcheck/protocol/wire"
)

// The most that a session may send between its login response and its registration.
// A session that sends more is registered at once.
const (
	maxHeld      = 256      // messages
	maxHeldBytes = 64 << 10 // in all
)

// queue holds delayed elements. Their delay is constant, so the first in is the first
// due.
type queue[T any] []queued[T]

type queued[T any] struct {
	due   time.Time
	since time.Time // arrival of its cause
	what  T
}

// next returns when the first element is due, or the zero time if there is none.
func (q queue[T]) next() time.Time {
	if len(q) == 0 {
		return time.Time{}
	}
	return q[0].due
}

// pop removes the first element if it is due.
func (q *queue[T]) pop(now time.Time) (first queued[T], ok bool) {
	if len(*q) == 0 || (*q)[0].due.After(now) {
		return first, false
	}
	first = (*q)[0]
	(*q)[0] = queued[T]{}
	if *q = (*q)[1:]; len(*q) == 0 {
		*q = nil
	}
	return first, true
}

// registration is a successful login whose user is to be registered.
type registration struct {
	session        *Session
	user           string
	firstLoginTime int64 // as answered, ms since the Unix epoch
	info           wire.LoginInfo
}

// heldInbound was received while the registration of its session was pending.
type heldInbound struct {
	Inbound
	since time.Time
}

// registerLater registers a user after RegistrationDelay (§3, login).
func (s *Server) registerLater(r *registration) {
	delay := s.config.Policy.RegistrationDelay
	if delay <= 0 {
		r.session.beginning = nil
		s.register(r)
		return
	}
	r.session.beginning = &beginning{registration: r}
	s.starting = append(s.starting, queued[*registration]{s.now.Add(delay), s.cause, r})
}

// hold keeps what was received until the session is registered. It returns false if
// it has to be handled now.
func (s *Server) hold(from *Session, in Inbound) bool {
	b := from.beginning
	if from.ended || b.gone {
		return true
	}
	if len(b.held) >= maxHeld || b.heldBytes+len(in.Body) > maxHeldBytes {
		s.completeRegistration(b.registration, s.cause)
		s.cause = s.now
		return from.pending() != nil && s.hold(from, in)
	}
	if !in.Bad && !in.Ignored && s.counts(in.Message.Type, false) {
		s.touch(from) // it counts from its arrival (§3, expiry)
	}
	in.Body = slices.Clone(in.Body)
	b.held = append(b.held, heldInbound{in, s.now})
	b.heldBytes += len(in.Body)
	return true
}

// answerUnregistered answers a keep-alive that overtakes the registration of its
// session. It reports whether there was one to answer.
func (s *Server) answerUnregistered(from *Session, in Inbound) bool {
	if !s.config.Policy.KeepAlivesOvertake || in.Bad || in.Ignored || in.Message.Type != wire.TypeKeepAlive {
		return false
	}
	s.touch(from)
	if registered := s.registry.session(from.pending().user); registered != nil {
		s.send(registered, wire.NewKeepAliveResponse(from.pending().user))
	}
	return true
}

func (s *Server) registerDue() {
	for r, ok := s.starting.pop(s.now); ok; r, ok = s.starting.pop(s.now) {
		s.completeRegistration(r.what, r.since)
	}
	s.cause = s.now
}

// completeRegistration registers a user and handles what its session has sent since
// the login.
func (s *Server) completeRegistration(r *registration, since time.Time) {
	session := r.session
	if session.pending() != r { // it was completed early
		return
	}
	b := session.beginning
	session.beginning = nil
	if session.ended {
		return
	}
	s.cause = since
	s.register(r)
	for i, in := range b.held {
		if again := session.beginning; again != nil { // one of them was another login
			again.held, again.heldBytes = b.held[i:], bytesOf(b.held[i:])
			break
		}
		s.cause = in.since
		s.handle(session, in.Inbound, true)
	}
	switch again := session.beginning; {
	case again != nil:
		again.gone = b.gone
	case b.gone:
		s.cause = s.now
		s.end(session, CauseClosed)
	}
}

func bytesOf(held []heldInbound) (n int) {
	for _, in := range held {
		n += len(in.Body)
	}
	return n
}

// deregisterLater logs out the user of an ended session after DeregistrationDelay (§7).
func (s *Server) deregisterLater(session *Session) {
	delay := s.config.Policy.DeregistrationDelay
	if delay <= 0 {
		s.deregister(session)
		return
	}
	s.leaving = append(s.leaving, queued[*Session]{s.now.Add(delay), s.cause, session})
}

func (s *Server) deregisterDue() {
	for session, ok := s.leaving.pop(s.now); ok; session, ok = s.leaving.pop(s.now) {
		s.cause = session.since
		s.deregister(session.what)
	}
	s.cause = s.now
}
