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
		s.end(from, CauseRefused)
	}
}

func (s *Server) verify(from *Session, info wire.LoginInfo) {
	user := info.UserID.Value()
	verdict := s.config.Application.Verify(user, info.Token.Value(), info.Extra.Value())
	s.reportOf(from, Event{Kind: EventVerify, User: user, Code: verdict})
	if verdict == wire.CodeOK {
		s.admit(from, info)
		return
	}
	s.send(from, wire.NewLoginResponse(user, verdict, 0))
	if from.Transport.Connected() {
		s.end(from, CauseRefused)
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
	if !session.loggedIn {
		session.loggedIn = true
		s.loggedIn[session.Transport]++
	}
	if session.number == 0 {
		s.number(session)
	}
	if !session.listed { // on UDP a session is kept only from its login on
		s.activity[session.Transport].touch(session, s.clock.At(s.now))
	}
}

// register registers a session for its user, unless an older one stays registered.
func (s *Server) register(r *registration) {
	session, old := r.session, s.registry.session(r.user)
	replaces := old != nil && old != session && !old.ended && old.user == r.user
	if !s.settle(r) {
		return
	}
	if session.user != r.user {
		s.leave(session)
	}
	session.user, session.firstLoginTime = r.user, r.firstLoginTime
	s.registry.add(s.clock.At(s.now), r.user, session)
	s.reportOf(session, Event{Kind: EventLogin, User: r.user, Extra: r.info.Extra})
	if reported, lost := s.takeover(r.user); lost && replaces && old.ended && old.Transport.Connected() {
		s.registry.remove(r.user)
		old.firstLoginTime = 0
		if !reported { // else it was reported already
			s.report(Event{Kind: EventLogout, User: r.user, Code: wire.KickDuplicateLogin})
		}
	}
}

// takeover returns what the end of a replaced session has for effects (§7 Order).
func (s *Server) takeover(user string) (reported, lost bool) {
	if choose := s.config.Quirks.Takeover; choose != nil {
		return choose(user, s.now)
	}
	return s.config.Quirks.ReplacedReported, s.config.Quirks.TakeoverLost
}

// leave ends the registration of a session's user, as another one logs in on it. On the
// observed server it stays: what is sent to the former user arrives on the session, and
// once that has ended, nowhere (§7).
func (s *Server) leave(session *Session) {
	if s.registry.session(session.user) != session {
		return
	}
	if s.config.Quirks.FormerUser != FormerStays {
		s.registry.remove(session.user)
		if s.config.Quirks.FormerUser == FormerLoggedOut {
			s.report(Event{Kind: EventLogout, User: session.user, Code: NoKick})
		}
		return
	}
	s.former = append(s.former, session.user)
	if len(s.former) > s.config.Limits.FormerUsers {
		if first := s.registry.session(s.former[0]); first != nil && first.user != s.former[0] {
			s.registry.remove(s.former[0])
		}
		s.former = s.former[1:]
	}
}

// settle decides between a session that has just logged in and the one that is
// registered for its user, by their first login times (§3 One session per user). It
// reports whether the new one replaces it.
func (s *Server) settle(r *registration) bool {
	session, old, claimed := r.session, s.registry.session(r.user), r.info.FirstLoginTime
	if old == nil || old == session || old.ended && (!old.ghost(r.user) || old.firstLoginTime == 0) {
		return true
	}
	switch {
	case claimed <= 0 || claimed > old.firstLoginTime:
		if reported, _ := s.takeover(r.user); reported && old.Transport.Connected() && !old.ended && old.user == r.user {
			old.firstLoginTime = 0 // as at every logout, see deregister
			s.report(Event{Kind: EventLogout, User: r.user, Code: wire.KickDuplicateLogin})
		}
		s.registry.remove(r.user) // first: the end of a replaced session is not a logout (§5)
		s.kick(old, r.user, wire.Kickout{Code: wire.KickDuplicateLogin}, CauseReplaced)
		return true
	case claimed == old.firstLoginTime:
		return true // the same client on a new connection: nobody is kicked
	}
	s.lose(r)
	return false
}

// lose kicks a session whose login lost against an older one. Without a user from before
// it is not logged in then; with one it goes on as theirs on UDP on the observed server.
func (s *Server) lose(r *registration) {
	session := r.session
	if s.config.Quirks.LoserStays && !session.Transport.Connected() {
		s.send(session, wire.NewKickout(r.user, wire.Kickout{Code: wire.KickDuplicateLogin}))
		session.user, session.firstLoginTime = r.user, r.firstLoginTime
		return
	}
	s.kick(session, r.user, wire.Kickout{Code: wire.KickDuplicateLogin}, CauseReplaced)
	if session.firstLoginTime == 0 {
		s.end(session, CauseReplaced)
	}
}

// kick sends a session the kick-out of a user, and ends it.
func (s *Server) kick(session *Session, user string, kick wire.Kickout, cause Cause) {
	s.send(session, wire.NewKickout(user, kick))
	if s.endsByKick(session) {
		session.kicked = kick.Code
		s.end(session, cause)
	}
}

// endsByKick reports whether a kick-out ends a session, as it does on streams. On the
// observed server a kicked UDP session stays logged in until it expires (§3, §5).
func (s *Server) endsByKick(session *Session) bool {
	return session.Transport.Connected() || !s.config.Quirks.KickedStays
}
