package server

import (
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Session is one connection, or on UDP one remote address that has logged in. There may be
// millions of them: what few have is in structs of its own.
type Session struct {
	Link      any // the caller's own handle
	Transport wire.Transport

	// Login.
	loggedIn       bool
	ended          bool
	listed         bool      // in the activity list of its transport
	kicked         wire.Code // by an administrator, else NoKick
	user           string
	number         uint64     // see Number
	firstLoginTime int64      // ms since the Unix epoch
	beginning      *beginning // nil once a login has taken effect, and on UDP before it

	// Duplicates.
	fingerprints *fingerprints // fingerprints that the session sent first; nil for none

	// Place in the activity list of its transport.
	lastActivity timing.Instant
	prev, next   *Session
}

// beginning is what a session has until its login has taken effect.
type beginning struct {
	source any // source of a stream; see Open

	// Pending registration: the login has been answered, its user is not registered.
	registration *registration
	held         []heldInbound // received since the login
	heldBytes    int
	gone         bool // the peer has closed the stream since the login
}

// pending returns the registration that is pending, nil for none.
func (s *Session) pending() *registration {
	if s.beginning == nil {
		return nil
	}
	return s.beginning.registration
}

// LoggedIn reports whether the session has logged in and not ended. A session that
// was replaced by another stays logged in (§3).
func (s *Session) LoggedIn() bool { return s.loggedIn && !s.ended }

// Ended reports whether the session is over.
func (s *Session) Ended() bool { return s.ended }

// ghost reports whether a session has ended and is registered for a user who was not its
// last: a registration that nothing ends any more.
func (s *Session) ghost(user string) bool { return s.ended && s.user != user }

// Number is the number of the session at its server, counting from 1; 0 on UDP before the
// login.
func (s *Session) Number() uint64 { return s.number }

// User returns the user id of the login, or "" before it.
func (s *Session) User() string { return s.user }

// activityList has the sessions of one transport, the longest idle first. All of them
// have the same idle timeout, so the first is always the next to expire, and keeping
// the order takes no more than moving a session to the back.
type activityList struct{ oldest, newest *Session }

// touch moves or adds a session to the back.
func (l *activityList) touch(s *Session, now timing.Instant) {
	l.remove(s)
	s.lastActivity, s.listed = now, true
	s.prev = l.newest
	if l.newest != nil {
		l.newest.next = s
	} else {
		l.oldest = s
	}
	l.newest = s
}

func (l *activityList) remove(s *Session) {
	if !s.listed {
		return
	}
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		l.oldest = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else {
		l.newest = s.prev
	}
	s.prev, s.next, s.listed = nil, nil, false
}

// touch counts a message as activity of its session, unless that is a UDP session
// without a login, which is not kept.
func (s *Server) touch(session *Session) {
	if session.listed {
		s.activity[session.Transport].touch(session, s.clock.At(s.now))
	}
}

func (s *Server) expiresAt(session *Session) time.Time {
	return s.clock.Time(session.lastActivity).Add(s.config.Policy.Expiry[session.Transport])
}

// expire ends the sessions that have exceeded their idle timeout, logged in or not
// (§3).
func (s *Server) expire() {
	for t := range s.activity {
		for {
			oldest := s.activity[t].oldest
			if oldest == nil || s.expiresAt(oldest).After(s.now) {
				break
			}
			s.end(oldest, CauseExpired)
		}
	}
}

// end ends a session. Its user is logged out, unless another session has replaced it (§5).
func (s *Server) end(session *Session, cause Cause) {
	if session.ended {
		return
	}
	session.ended = true
	s.activity[session.Transport].remove(session)
	s.noLongerUnlogged(session)
	if session.loggedIn {
		s.loggedIn[session.Transport]--
	}
	s.emit(Effect{Kind: Close, Session: session, Cause: cause})
	if session.loggedIn && s.registry.session(session.user) == session {
		s.deregisterLater(session)
	}
}

// deregister logs a user out, unless a new session has taken over.
func (s *Server) deregister(session *Session) {
	if s.registry.session(session.user) == session {
		s.registry.remove(session.user)
		session.firstLoginTime = 0 // a former user of the session does not claim it any more
		s.reportOf(session, Event{Kind: EventLogout, User: session.user, Code: session.kicked})
	}
}
