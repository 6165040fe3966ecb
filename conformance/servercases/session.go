package servercases

import (
	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var sessionCases = []suite.Case{
	{
		ID:          "session/keep-alive-before-login",
		Requirement: "A keep-alive before the login gets error 301 with the message re-encoded; then a stream is closed, UDP stays.",
		Covers:      []string{"not-logged-in", "not-logged-in-closed", "error-response"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { refusedBeforeLogin(s, wire.NewKeepAlive("stranger")) }),
	},
	{
		ID:          "session/data-before-login",
		Requirement: "Data before the login gets error 301 with the message re-encoded; then a stream is closed, UDP stays.",
		Covers:      []string{"not-logged-in", "not-logged-in-closed", "told-refused"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			refusedBeforeLogin(s, wire.NewQoSData("stranger", wire.ServerID, `"<b>"`, s.Fingerprint()))
			m := wire.NewData("stranger", s.User("u"), "hi")
			m.Fingerprint = wire.Some(s.Fingerprint())
			refusedBeforeLogin(s, m)
		}),
	},
	{
		ID:          "session/ack-before-login",
		Requirement: "An ACK before the login gets error 301 with the message re-encoded; then a stream is closed, UDP stays.",
		Covers:      []string{"not-logged-in", "not-logged-in-closed", "told-refused"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			pushed := wire.NewQoSData(wire.ServerID, "stranger", "hi", s.Fingerprint())
			refusedBeforeLogin(s, wire.NewReceived(pushed))
		}),
	},
	{
		ID:          "session/refused-message-re-encoded",
		Requirement: "Error 301 carries the message as the server would have written it, its fields in order, not as it came.",
		Covers:      []string{"not-logged-in"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Connect("stranger")
			p.Probe()
			p.SendBodyUntil([]byte(`{"sm":0,"typeu":0,"QoS":false,"to":"0","from":"stranger","dataContent":"<a>","type":1,"bridge":false}`), p.GetsBody(`{"bridge":false,"type":52,"dataContent":"{\"errorCode\":301,\"errorMsg\":\"{`+
				`\\\"bridge\\\":false,\\\"type\\\":1,\\\"dataContent\\\":\\\"\\\\u003ca\\\\u003e\\\",\\\"from\\\":\\\"stranger\\\",`+
				`\\\"to\\\":\\\"0\\\",\\\"QoS\\\":false,\\\"typeu\\\":0,\\\"sm\\\":0}\"}","from":"0","to":"-1","QoS":false,"typeu":-1,"sm":-1}`))
			p.AllowEnd()
			s.Login(s.User("u"))
		}),
	},
	{
		ID:          "session/logout-before-login",
		Requirement: "A logout before the login is no error: it gets no answer, and may close a stream.",
		Covers:      []string{"before-login"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Connect("stranger")
			p.Probe()
			p.SendUnanswered(wire.NewLogout("stranger"))
			p.ClosedOrProbe()
			s.Login(s.User("u"))
		}),
	},
	{
		ID:          "session/of-its-connection",
		Requirement: "A session belongs to its connection, or on UDP to its address with its port: another one of the same machine is not logged in.",
		Covers:      []string{"session-key"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p, stranger := s.Login(s.User("u")), s.Connect("stranger")
			stranger.Probe()
			stranger.User = p.User
			stranger.ExpectNotLoggedIn()
			p.KeepAlive()
		}),
	},
	{
		ID:          "session/echo-before-login",
		Requirement: "An echo is answered before the login, and logs nobody in.",
		Covers:      []string{"before-login"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Connect("stranger")
			p.Probe()
			p.Probe()
			p.ExpectRefused(wire.NewKeepAlive("stranger"))
		}),
	},
	{
		ID:          "session/echo-after-login",
		Requirement: "An echo comes back as it was sent.",
		Covers:      []string{"echo"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			echo := wire.NewEcho("somebody else", "Grüße, 世界 <&> 'x'")
			echo.Fingerprint, echo.UserType = wire.Some(s.Fingerprint()), 77
			p.SendUntil(echo, p.Gets(wire.NewEchoResponse(echo)))
			p.KeepAlive()
		}),
	},
	{
		ID:          "session/logout",
		Requirement: "A logout closes the session; on UDP it is forgotten, and the next message gets error 301.",
		Covers:      []string{"logout", "server-closes"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			logOut(p)
			s.Login(p.User)
		}),
	},
	{
		ID:          "session/logout-not-online",
		Requirement: "A user who has logged out is not online: messages to them are neither delivered nor acknowledged.",
		Covers:      []string{"logout"}, Level: reports.Must, Transports: everywhere, Unless: needs(controlapi.CapabilityBridge),
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			deliver(s, a, b)
			logOut(b)
			s.WaitForEffects() // until then the user may be taken for online
			a.SendUnanswered(wire.NewQoSData(a.User, b.User, "too late", s.Fingerprint()))
			s.WaitForEffects()
			deliver(s, a, s.Login(b.User))
		}),
	},
	{
		ID:          "session/unknown-type-ignored",
		Requirement: "A message of an unknown type is ignored, the session stays.",
		Covers:      []string{"unknown-type"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { ignoredTypes(s, 6, 49, 55, 99, -1) }),
	},
	{
		ID:          "session/server-types-ignored",
		Requirement: "Types 50 to 54, which only a server sends, are ignored when a client sends them.",
		Covers:      []string{"unknown-type"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			ignoredTypes(s, wire.TypeLoginResponse, wire.TypeKeepAliveResponse, wire.TypeErrorResponse,
				wire.TypeEchoResponse, wire.TypeKickout)
		}),
	},
	{
		ID:          "session/login-reported",
		Requirement: "The application is asked to verify each login on a new session once, and is told of it.",
		Covers:      []string{"told-login", "told-verify"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run:   server.Func(loginReported),
	},
	{
		ID:          "session/refused-login-reported",
		Requirement: "The application is asked to verify a login that it refuses, and is not told of a login or a logout.",
		Covers:      []string{"told-verify", "told-login"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents, controlapi.CapabilityVerdicts),
		Run:   server.Func(refusedLoginReported),
	},
	{
		ID:          "session/logout-reported",
		Requirement: "The end of a session that logged out is reported once, with -1.",
		Covers:      []string{"told-logout"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			s.WaitForEffects()
			s.NotifiedOnce(controlapi.EventLogout, server.OfUser(p.User)).NotYet()
			logOut(p)
			expectOneLogout(s, p.User, notKicked)
		}),
	},
	{
		ID:          "session/bad-message-reported",
		Requirement: "The end of a session that a bad message ended is reported once, with -1.",
		Covers:      []string{"told-logout"}, Level: reports.Must, Transports: streams,
		Needs: needs(controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			p.SendBody([]byte(badMessages[0].body))
			p.ExpectClosed()
			expectOneLogout(s, p.User, notKicked)
		}),
	},
	{
		ID:          "session/stranger-not-reported",
		Requirement: "The end of a connection that has not logged in is not reported.",
		Covers:      []string{"told-stranger"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run:   server.Func(strangerNotReported),
	},
	{
		ID:          "session/closed-stream-reported",
		Requirement: "The end of a session whose connection the client closed is reported once, with -1.",
		Covers:      []string{"told-logout"}, Level: reports.Must, Transports: streams,
		Needs: needs(controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			p.Close()
			expectOneLogout(s, p.User, notKicked)
		}),
	},
	{
		ID:          "session/online-list",
		Requirement: "A user is listed as online from the login to the logout.",
		Covers:      []string{"logout", "login-accepted"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityOnline),
		Run:   server.Func(onlineWhileLoggedIn),
	},
}

// loginReported logs the same user in on two sessions, one after the other.
func loginReported(s *server.Scene) {
	user := s.User("u")
	asked, told := s.NotifiedOnce(controlapi.EventVerify, server.OfUser(user)), s.Notified(controlapi.EventLogin, server.OfUser(user))
	p, _ := s.LoginAt(s.Transport, user, 0, asked, told)
	s.ExpectCode(asked.Event(), wire.CodeOK)
	p.KeepAlive()
	s.WaitForCopies()
	logOut(p)
	s.WaitForEffects() // until then the user may be taken for online
	asked.Again()
	p, _ = s.LoginAt(s.Transport, user, 0, asked, told)
	p.KeepAlive()
}

func strangerNotReported(s *server.Scene) {
	leaving, lost := s.Connect("leaving"), s.Connect("lost")
	for _, p := range []*server.Peer{leaving, lost} {
		p.User = s.User("stranger")
		p.Probe()
		s.NeverNotified(controlapi.EventLogout, server.OfNoUser(p.User))
	}
	leaving.SendUnanswered(wire.NewLogout(leaving.User))
	leaving.ClosedOrProbe()
	lost.Close()
	s.Login(s.User("later"))
}

func refusedLoginReported(s *server.Scene) {
	refused, user := s.Target.RefusedTokens()[0], s.User("u")
	asked := s.Notified(controlapi.EventVerify, server.OfUser(user))
	refuseLoginOnce(s, user, refused, asked)
	s.ExpectCode(asked.Event(), refused.Code)
	later := s.Login(s.User("later"))
	s.ExpectEvent(controlapi.EventLogin, server.OfUser(later.User))
	s.NeverNotified(controlapi.EventLogin, server.OfUser(user))
	s.NeverNotified(controlapi.EventLogout, server.OfUser(user))
}

// logOut ends a session from the client's side.
func logOut(p *server.Peer) { p.EndWith(wire.NewLogout(p.User).Append(nil)) }

// refusedBeforeLogin sends a message that needs a login, between echoes that
// do not. The application does not hear of it.
func refusedBeforeLogin(s *server.Scene, m wire.Message) {
	p := s.Connect("stranger")
	p.Probe()
	switch m.Type {
	case wire.TypeData:
		neverHeardOf(s, m)
	case wire.TypeReceived:
		s.NeverNotified(controlapi.EventReceived, server.WithFingerprint(m.DataContent.Value()))
	}
	p.ExpectRefused(m)
	if !s.Transport.Connected() {
		p.Probe()
	}
}

// neverHeardOf fails the case if the application is notified of a message, or asked
// about it.
func neverHeardOf(s *server.Scene, m wire.Message) {
	for _, name := range []controlapi.EventName{controlapi.EventC2S, controlapi.EventC2C, controlapi.EventOffline} {
		s.NeverNotified(name, server.WithFingerprint(m.Fingerprint.Value()))
	}
}

// ignoredTypes sends messages that mean nothing to a server, before the login
// and after it. As data they would be acknowledged.
func ignoredTypes(s *server.Scene, types ...wire.Type) {
	stranger, p := s.Connect("stranger"), s.Login(s.User("u"))
	for _, t := range types {
		m := wire.NewQoSData(p.User, wire.ServerID, "{}", s.Fingerprint())
		m.Type = t
		neverHeardOf(s, m)
		stranger.SendUnanswered(m)
		stranger.Probe()
		p.SendUnanswered(m)
		p.KeepAlive()
	}
}

func onlineWhileLoggedIn(s *server.Scene) {
	a, b := twoUsers(s)
	s.ExpectOnline(a.User, true)
	s.ExpectOnline(b.User, true)
	logOut(b)
	s.ExpectOnline(b.User, false)
	s.ExpectOnline(a.User, true)
	a.KeepAlive()
}

// notKicked is the code of a logout that no kick brought about (§5).
const notKicked wire.Code = -1

// expectOneLogout shows that a user's logout is reported with this code, and
// that no further one is.
func expectOneLogout(s *server.Scene, user string, code wire.Code) {
	s.ExpectCode(s.NotifiedOnce(controlapi.EventLogout, server.OfUser(user)).Expect(), code)
	s.Login(s.User("later"))
}

// withCode matches the events of a user with a code.
func withCode(user string, code wire.Code) func(target.Event) bool {
	return func(e target.Event) bool { return e.User == user && e.IsCode(code) }
}
