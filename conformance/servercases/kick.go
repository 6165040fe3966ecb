package servercases

import (
	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var kickCases = []suite.Case{
	{
		ID:          "kick/first-login",
		Requirement: "A login of the same user with first login time 0 or less kicks the old session with code 1 and no reason, and takes over.",
		Covers:      []string{"new-replaces", "kicked-closed", "kick-out", "ws-close-code"}, Level: reports.Must, Transports: everywhere,
		Opens: 6,
		Run: server.Func(func(s *server.Scene) {
			newReplacesOld(s, s.Transport, 0)
			newReplacesOld(s, s.Transport, -1)
		}),
	},
	{
		ID:          "kick/later-login",
		Requirement: "A login of the same user with a later first login time kicks the old session and takes over.",
		Covers:      []string{"new-replaces", "kicked-closed"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { newReplacesOld(s, s.Transport, storedTime+1) }),
	},
	{
		ID:          "kick/across-transports",
		Requirement: "A user is kicked across transports too.",
		Covers:      []string{"across-kick"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { newReplacesOld(s, s.Other(), 0) }),
	},
	{
		ID:          "kick/equal-login",
		Requirement: "A login with the same first login time takes over and kicks nobody; what is sent to the user goes to the new session.",
		Covers:      []string{"equal-takes-over", "old-logged-in", "keep-alive-registered"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { newStandsBesideOld(s, s.Transport) }),
	},
	{
		ID:          "kick/equal-login-across-transports",
		Requirement: "A login with the same first login time on another transport takes over and kicks nobody.",
		Covers:      []string{"equal-takes-over", "old-logged-in"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { newStandsBesideOld(s, s.Other()) }),
	},
	{
		ID:          "kick/earlier-login",
		Requirement: "A login with an earlier first login time gets its response with code 0, then a kick with code 1; the old session stays.",
		Covers:      []string{"earlier-loses", "told-loser"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { oldStays(s, s.Transport) }),
	},
	{
		ID:          "kick/earlier-login-across-transports",
		Requirement: "A login with an earlier first login time on another transport is kicked; the old session stays.",
		Covers:      []string{"earlier-loses", "across-kick"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { oldStays(s, s.Other()) }),
	},
	{
		ID:          "kick/loser-not-logged-in",
		Requirement: "A UDP session whose login lost against an older session is not logged in.",
		Covers:      []string{"loser-not-logged-in"}, Level: reports.Must, Transports: udpOnly,
		Run: server.Func(func(s *server.Scene) {
			old := loginFirst(s)
			loser, _ := s.LoginAt(s.Transport, old.User, storedTime-1)
			loser.ExpectKicked(duplicateLogin)
			loser.ExpectNotLoggedIn()
			loser.ExpectRefused(wire.NewQoSData(loser.User, wire.ServerID, "still here", s.Fingerprint()))
			old.KeepAlive()
		}),
	},
	{
		ID:          "kick/administrator",
		Requirement: "An administrator's kick arrives with its code and reason; then a stream is closed.",
		Covers:      []string{"kick-out", "kicked-closed"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityKick),
		Run:   server.Func(kickedByAdministrator),
	},
	{
		ID:          "kick/administrator-reported",
		Requirement: "The logout of a session that an administrator kicked is reported once, with the kick code.",
		Covers:      []string{"told-kick"}, Level: reports.Must, Transports: streams,
		Needs: needs(controlapi.CapabilityKick, controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			s.Kick(p.User, wire.Kickout{Code: applicationKick})
			p.ExpectKicked(wire.Kickout{Code: applicationKick})
			expectOneLogout(s, p.User, applicationKick)
		}),
	},
	{
		ID:          "kick/replaced-not-reported",
		Requirement: "The end of a session that a new one has replaced is not reported as a logout, but for a stream's with code 1 when it ends while the new one is being registered.",
		Covers:      []string{"told-not-replaced"}, Relies: []string{"told-logout"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			old := s.Login(s.User("u"))
			fresh := s.Login(old.User)
			old.ExpectKicked(duplicateLogin)
			s.WaitForEffects() // the end of the old session must be over before that of the new one
			logOut(fresh)
			s.NotifiedOnce(controlapi.EventLogout, server.OfUserWithCode(old.User, notKicked)).Expect() // the new session's
			ofOld := 0
			if s.Transport.Connected() {
				ofOld = 1
			}
			s.MayBeNotified(ofOld, controlapi.EventLogout, server.OfUserWithCode(old.User, wire.KickDuplicateLogin))
			s.Login(s.User("later"))
		}),
	},
	{
		ID:          "kick/taken-over-not-reported",
		Requirement: "The end of a session whose user an equal login has taken over is not reported as a logout.",
		Covers:      []string{"told-not-replaced"}, Relies: []string{"equal-takes-over", "told-logout"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run:   server.Func(takenOverNotReported),
	},
	{
		ID:          "kick/replaced-datagram-session-ended",
		Requirement: "A UDP session that another one has replaced is over: its address would go on acting for the user.",
		Covers:      []string{"kicked-datagram"}, Level: reports.Should, Transports: udpOnly,
		Run: server.Func(func(s *server.Scene) {
			old := loginFirst(s)
			s.Login(old.User)
			old.ExpectKicked(duplicateLogin)
			expectServedNoMore(s, old)
		}),
	},
	{
		ID:          "kick/administrator-ends-datagram-session",
		Requirement: "A UDP session that an administrator kicked is over, and reported as such.",
		Covers:      []string{"kick-datagram"}, Level: reports.Should, Transports: udpOnly,
		Needs: needs(controlapi.CapabilityKick),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			s.Kick(p.User, wire.Kickout{Code: applicationKick})
			p.ExpectKicked(wire.Kickout{Code: applicationKick})
			s.NotifiedOnce(controlapi.EventLogout, withCode(p.User, applicationKick))
			s.WaitForEffects() // a logout that came late would be taken for that of the next session
			expectServedNoMore(s, p)
		}),
	},
}

// expectServedNoMore shows that a session which was notified of its end has been
// logged out: it can send nothing in the user's name, and may log in again.
func expectServedNoMore(s *server.Scene, p *server.Peer) {
	p.ExpectNotLoggedIn()
	p.ExpectRefused(wire.NewQoSData(p.User, wire.ServerID, "still here", s.Fingerprint()))
	p.Probe()
	deliver(s, s.Login(s.User("sender")), s.Login(p.User))
}

// storedTime is the first login time of the session that was there first.
const storedTime = 1_700_000_000_000

// applicationKick is a kick code that only an application has.
const applicationKick wire.Code = 1030

// duplicateLogin is the kick-out of the session that loses against another one of the
// same user (§3).
var duplicateLogin = wire.Kickout{Code: wire.KickDuplicateLogin}

// loginFirst logs a user in with a first login time of its own.
func loginFirst(s *server.Scene) *server.Peer { return loginFirstAs(s, s.User("u")) }

// loginFirstAs is loginFirst for a given user. wants are further effects to wait for.
func loginFirstAs(s *server.Scene, user string, wants ...server.Want) *server.Peer {
	old, _ := s.LoginAt(s.Transport, user, storedTime, wants...)
	old.KeepAlive()
	s.WaitForCopies()
	return old
}

// newReplacesOld logs a user in once more, which kicks the old session. A
// kicked UDP session may still send, but nothing for the user is sent to it.
func newReplacesOld(s *server.Scene, t wire.Transport, firstLoginTime int64) {
	sender, old := s.Login(s.User("sender")), loginFirst(s)
	deliver(s, sender, old)
	fresh, _ := s.LoginAt(t, old.User, firstLoginTime)
	old.ExpectKicked(duplicateLogin)
	fresh.KeepAlive()
	deliver(s, sender, fresh)
	if !s.Transport.Connected() {
		old.Probe()
	}
}

func newStandsBesideOld(s *server.Scene, t wire.Transport) {
	sender, old := s.Login(s.User("sender")), loginFirst(s)
	deliver(s, sender, old)
	fresh, _ := s.LoginAt(t, old.User, storedTime)
	fresh.KeepAlive()
	deliver(s, sender, fresh)
	old.SendUntil(wire.NewKeepAlive(old.User), fresh.Gets(wire.NewKeepAliveResponse(old.User)))
	old.Probe() // it gets neither a kick nor a message
	fresh.KeepAlive()
}

// oldStays lets a login lose against an older session, without the application being
// notified.
func oldStays(s *server.Scene, t wire.Transport) {
	sender, user := s.Login(s.User("sender")), s.User("u")
	old := loginFirstAs(s, user, s.Notified(controlapi.EventLogin, server.OfUser(user)))
	s.NeverNotified(controlapi.EventLogout, server.OfUser(user))
	fresh, _ := s.LoginAt(t, old.User, storedTime-1)
	fresh.ExpectKicked(duplicateLogin)
	old.KeepAlive()
	deliver(s, sender, old)
	if !t.Connected() {
		fresh.Probe()
	}
}

func takenOverNotReported(s *server.Scene) {
	old := loginFirst(s)
	fresh, _ := s.LoginAt(s.Transport, old.User, storedTime)
	fresh.KeepAlive()
	s.WaitForEffects()
	logOut(old)
	fresh.KeepAlive()
	s.WaitForEffects()
	s.NotifiedOnce(controlapi.EventLogout, server.OfUser(old.User)).NotYet()
	logOut(fresh)
	expectOneLogout(s, old.User, notKicked) // the logout of the new session
}

func kickedByAdministrator(s *server.Scene) {
	for _, kick := range []wire.Kickout{
		{Code: wire.KickAdministrator, Reason: wire.Some(`house "rules" <§ 3>`)},
		{Code: applicationKick},
	} {
		p := s.Login(s.User("u"))
		s.Kick(p.User, kick)
		p.ExpectKicked(kick)
		s.Login(p.User)
	}
}
