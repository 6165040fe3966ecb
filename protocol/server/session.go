package server

import (
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Session is one connection, or on UDP one remote address that has logged in.
type Session struct {
	Link      any // the caller's own; the rules do not look at it
	Transport wire.Transport

	source         any // of a stream; see Open
	user           string
	loggedIn       bool
	ended          bool
	kicked         wire.Code // by an administrator, else NoKick
	firstLoginTime int64     // ms since the Unix epoch

	// While a login has been answered and its user is not registered.
	registration *registration
	held         []heldInbound // came in meanwhile
	heldBytes    int
	gone         bool // the peer closed the stream meanwhile

	fingerprints *fingerprints // that it sent first; nil for none

	// Place in the activity list of its transport.
	lastActivity timing.Instant
	listed       bool
	prev, next   *Session
}

// LoggedIn reports whether the session has logged in and not ended. A session
// that another one replaced stays logged in (§3).
func (s *Session) LoggedIn() bool { return s.loggedIn && !s.ended }

// Ended reports whether the session is over.
func (s *Session) Ended() bool { return s.ended }

// User is the user id of the login, "" before it.
func (s *Session) User() string { return s.user }

// activityList has the sessions of one transport, the longest silent first.
// All of them expire after the same time, so the front is always the next to
// go, and keeping the order costs nothing but moving a session to the back.
type activityList struct{ oldest, newest *Session }

// touch moves a session to the back, or puts it there.
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

// touch notes a message on a session that is held. A stranger's address on
// UDP is not.
func (s *Server) touch(session *Session) {
	if session.listed {
		s.activity[session.Transport].touch(session, s.clock.At(s.now))
	}
}

func (s *Server) expiresAt(session *Session) time.Time {
	return s.clock.Time(session.lastActivity).Add(s.config.Policy.Expiry[session.Transport])
}

// expire ends the sessions that were silent for too long, logged in or not (§3).
func (s *Server) expire() {
	for t := range s.activity {
		for {
			oldest := s.activity[t].oldest
			if oldest == nil || s.expiresAt(oldest).After(s.now) {
				break
			}
			s.finish(oldest, true)
		}
	}
}

// end ends a session for any reason but its expiry.
func (s *Server) end(session *Session) { s.finish(session, false) }

// finish is the only way a session ends. Its user logs out if the session is
// still that of its user: one that was replaced is not (§5).
func (s *Server) finish(session *Session, expired bool) {
	if session.ended {
		return
	}
	session.ended = true
	s.activity[session.Transport].remove(session)
	s.noLongerUnlogged(session)
	s.emit(Effect{Kind: Close, Session: session, Expired: expired})
	if session.loggedIn && s.users[session.user] == session {
		s.deregisterLater(session)
	}
}

// deregister takes a user off the list, unless a new session has taken over.
func (s *Server) deregister(session *Session) {
	if s.users[session.user] == session {
		delete(s.users, session.user)
		s.report(Event{Kind: EventLogout, User: session.user, Code: session.kicked})
	}
}
