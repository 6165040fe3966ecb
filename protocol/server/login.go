package server

import (
	"strings"

	"imcheck/protocol/wire"
)

// login handles a login request (§3).
func (s *Server) login(from *Session, m wire.Message) {
	if !m.DataContent.Present() {
		s.refuseSilently(from)
		return
	}
	info, err := wire.ParseLoginInfo(m.DataContent.Value())
	switch {
	case err != nil:
		s.bad(from)
	case !info.UserID.Present():
		s.refuseSilently(from)
	case from.LoggedIn():
		s.admit(from, info) // §3: at once, without asking the application
	default:
		s.verify(from, info)
	}
}

// refuseSilently refuses a login without a user id: a stream is closed, on UDP it is
// ignored.
func (s *Server) refuseSilently(from *Session) {
	if from.Transport.Connected() {
		s.end(from)
	}
}

func (s *Server) verify(from *Session, info wire.LoginInfo) {
	user := info.UserID.Value()
	verdict := s.config.Application.Verify(user, info.Token.Value(), info.Extra.Value())
	s.report(Event{Kind: EventVerify, User: user, Code: verdict})
	if verdict == wire.CodeOK {
		s.admit(from, info)
		return
	}
	s.send(from, wire.NewLoginResponse(user, verdict, 0))
	if from.Transport.Connected() {
		s.end(from)
	}
}

// admit answers a login with success and registers its user.
func (s *Server) admit(from *Session, info wire.LoginInfo) {
	user := strings.Clone(info.UserID.Value())
	firstLoginTime := info.FirstLoginTime
	if firstLoginTime <= 0 {
		firstLoginTime = s.now.UnixMilli()
	}
	s.send(from, wire.NewLoginResponse(user, wire.CodeOK, firstLoginTime))
	s.markLoggedIn(from)
	s.registerLater(&registration{from, user, firstLoginTime, info})
}

// markLoggedIn gives a session the rights of a login. Its user is registered
// separately.
func (s *Server) markLoggedIn(session *Session) {
	s.noLongerUnlogged(session)
	session.loggedIn = true
	if !session.listed { // on UDP a session is kept only from its login on
		s.activity[session.Transport].touch(session, s.clock.At(s.now))
	}
}

// register registers a session for its user, unless an older one stays registered.
func (s *Server) register(r *registration) {
	session := r.session
	if session.user != r.user && s.users[session.user] == session {
		delete(s.users, session.user) // another user has logged in on it
	}
	session.user, session.firstLoginTime = r.user, r.firstLoginTime
	old := s.users[r.user]
	if !s.settle(session, r.info.FirstLoginTime) {
		return
	}
	s.users[r.user] = session
	s.report(Event{Kind: EventLogin, User: r.user, Extra: r.info.Extra})
	if s.config.Quirks.TakeoverLost && old != nil && old != session && old.ended && old.Transport.Connected() {
		delete(s.users, r.user)
		if !s.config.Quirks.ReplacedReported { // else it was reported already
			s.report(Event{Kind: EventLogout, User: r.user, Code: wire.KickDuplicateLogin})
		}
	}
}

// settle decides between a session that has just logged in and the one that is
// registered for its user, by their first login times (§3 One session per user). It
// reports whether the new one replaces it.
func (s *Server) settle(session *Session, claimed int64) bool {
	old := s.users[session.user]
	if old == nil || old == session || old.ended {
		return true
	}
	switch {
	case claimed <= 0 || claimed > old.firstLoginTime:
		if s.config.Quirks.ReplacedReported && old.Transport.Connected() {
			s.report(Event{Kind: EventLogout, User: session.user, Code: wire.KickDuplicateLogin})
		}
		delete(s.users, session.user) // first: the end of a replaced session is not a logout (§5)
		s.kick(old, wire.Kickout{Code: wire.KickDuplicateLogin})
		return true
	case claimed == old.firstLoginTime:
		return true // the same client on a new connection: nobody is kicked
	}
	s.kick(session, wire.Kickout{Code: wire.KickDuplicateLogin})
	return false
}

// kick sends a session its kick-out, and ends it.
func (s *Server) kick(session *Session, kick wire.Kickout) {
	s.send(session, wire.NewKickout(session.user, kick))
	if s.endsByKick(session) {
		s.end(session)
	}
}

// endsByKick reports whether a kick-out ends a session, as it does on streams. On the
// observed server a kicked UDP session stays logged in until it expires (§3, §5).
func (s *Server) endsByKick(session *Session) bool {
	return session.Transport.Connected() || !s.config.Quirks.KickedStays
}
