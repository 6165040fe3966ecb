package servercases

import (
	"time"

	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var loginCases = []suite.Case{
	{
		ID:          "login/accepted",
		Requirement: "Verdict 0 is answered with response code 0, addressed to the user id.",
		Covers:      []string{"login-accepted", "login-response"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { loginKeepsTime(s, 1_700_000_000_000) }),
	},
	{
		ID:          "login/first-login-time-unchanged",
		Requirement: "A first login time over 0 is returned unchanged, however old or new it is.",
		Covers:      []string{"first-login-time"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			for _, sent := range []int64{1, 1_700_000_000_123, 4_102_444_800_000} {
				loginKeepsTime(s, sent)
			}
		}),
	},
	{
		ID:          "login/first-login-time-zero",
		Requirement: "A first login time of 0 is answered with the server's clock.",
		Covers:      []string{"first-login-time"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { loginGivesTime(s, 0) }),
	},
	{
		ID:          "login/first-login-time-negative",
		Requirement: "A first login time below 0 is answered with the server's clock.",
		Covers:      []string{"first-login-time"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { loginGivesTime(s, -1) }),
	},
	{
		ID:          "login/refused",
		Requirement: "A verdict other than 0 is answered with that code, first login time -1, to \"-1\"; then a stream is closed, UDP is not logged in.",
		Covers:      []string{"login-refused", "login-refused-closed"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVerdicts),
		Run: server.Func(func(s *server.Scene) {
			refuseLogin(s, s.User("u"), s.Target.RefusedTokens()[0])
		}),
	},
	{
		ID:          "login/refused-other-code",
		Requirement: "The application's verdict is passed on as it is.",
		Covers:      []string{"login-refused"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVerdicts),
		Run: server.Func(func(s *server.Scene) {
			user := s.User("u")
			for _, refused := range s.Target.RefusedTokens() {
				refuseLoginOnce(s, user, refused)
			}
			s.Login(user)
		}),
	},
	{
		ID:          "login/refused-not-online",
		Requirement: "A user whose login was refused is not online.",
		Covers:      []string{"login-refused"}, Level: reports.Must, Transports: everywhere, Unless: needs(controlapi.CapabilityBridge),
		Needs: needs(controlapi.CapabilityVerdicts),
		Run:   server.Func(refusedUserGetsNothing),
	},
	{
		ID:          "login/again-same-session",
		Requirement: "A login on a session that is logged in succeeds at once, without asking the application to verify.",
		Covers:      []string{"login-again", "told-verify"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVerdicts),
		Run:   server.Func(loginAgain),
	},
	{
		ID:          "login/again-as-another",
		Requirement: "A login as another user on a session that is logged in makes it that user's.",
		Covers:      []string{"login-another", "keep-alive-to"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			sender, p := s.Login(s.User("sender")), s.Login(s.User("before"))
			deliver(s, sender, p)
			s.WaitForCopies() // of the first login's response, which would be taken for that of the second
			p.User = s.User("after")
			p.Login(0)
			p.KeepAlive()
			deliver(s, sender, p)
		}),
	},
	{
		ID:          "login/without-user",
		Requirement: "A login without a user id gets no response; a stream is closed, UDP ignores it.",
		Covers:      []string{"login-nobody", "verify-nobody"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			loginNamesNobody(s, loginContent(s, ""))
		}),
	},
	{
		ID:          "login/null-user",
		Requirement: "A login whose user id is null gets no response; a stream is closed, UDP ignores it.",
		Covers:      []string{"login-nobody", "verify-nobody"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			loginNamesNobody(s, loginContent(s, `"loginUserId":null,`))
		}),
	},
	{
		ID:          "login/without-content",
		Requirement: "A login without dataContent gets no response; a stream is closed, UDP ignores it.",
		Covers:      []string{"login-nobody", "verify-nobody"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { loginNamesNobody(s, wire.Text{}) }),
	},
	{
		ID:          "login/content-not-json",
		Requirement: "A login whose dataContent is not JSON is a bad message: no response, and nobody is logged in.",
		Covers:      []string{"login-not-json", "verify-nobody"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) { loginNamesNobody(s, wire.Some("u, t")) }),
	},
	{
		ID:          "login/user-id-intact",
		Requirement: "A user id is any text: quotes, markup and other scripts come back as they were sent.",
		Covers:      []string{"text-intact"}, Level: reports.Must, Transports: everywhere,
		OwnIDs: true,
		Run: server.Func(func(s *server.Scene) {
			a := s.Login(s.User("a"))
			b := s.Login(s.User("b") + ` "quoted" 'single' <b>&=\/ é 用户 🙂`)
			deliver(s, a, b)
			deliver(s, b, a)
		}),
	},
}

// loginKeepsTime logs in with a first login time and compares the whole response.
func loginKeepsTime(s *server.Scene, firstLoginTime int64) {
	p := s.Connect("login")
	p.User = s.User("u")
	p.SendUntil(p.LoginMessage(firstLoginTime),
		p.Gets(wire.NewLoginResponse(p.User, wire.CodeOK, firstLoginTime)))
	p.KeepAlive()
}

// loginGivesTime logs in twice with an invalid first login time. The server's clock may
// differ from ours, but between the two logins both advance by the same time.
func loginGivesTime(s *server.Scene, sent int64) {
	const apart = 2 * time.Second
	started := time.Now()
	before, first := s.LoginAt(s.Transport, s.User("u"), sent)
	before.KeepAlive()
	s.Expect(first.FirstLoginTime).To(gomega.BeNumerically(">", 0), "firstLoginTime of the response")

	s.Wait(apart)
	before.KeepAlive()
	after, second := s.LoginAt(s.Transport, s.User("u"), sent)
	after.KeepAlive()
	lower, upper := (apart - s.Tolerance).Milliseconds(), (time.Since(started) + s.Tolerance).Milliseconds()
	s.Expect(second.FirstLoginTime-first.FirstLoginTime).To(
		gomega.And(gomega.BeNumerically(">=", lower), gomega.BeNumerically("<=", upper)),
		"ms between the first login times of two logins that were %v apart", apart)
}

// refuseLogin lets a login be refused, and one with another token be accepted.
func refuseLogin(s *server.Scene, user string, refused target.RefusedToken) {
	refuseLoginOnce(s, user, refused)
	s.Login(user)
}

// refuseLoginOnce lets a login be refused. wants are further effects to wait for.
func refuseLoginOnce(s *server.Scene, user string, refused target.RefusedToken, wants ...server.Want) {
	p := s.Connect("refused")
	p.User = user
	p.Probe()
	expectRefusal(p, refused, wants...)
	p.ExpectEnded()
}

func expectRefusal(p *server.Peer, refused target.RefusedToken, wants ...server.Want) {
	p.SendUntil(server.LoginMessage(p.User, refused.Token, 0),
		append([]server.Want{p.Gets(wire.NewLoginResponse(p.User, refused.Code, 0))}, wants...)...)
}

func refusedUserGetsNothing(s *server.Scene) {
	sender := s.Login(s.User("sender"))
	user := s.User("refused")
	p := s.Connect("refused")
	p.User = user
	expectRefusal(p, s.Target.RefusedTokens()[0])
	// Nothing arrives, and no ACK comes of it.
	sender.SendUnanswered(wire.NewQoSData(sender.User, user, "hello", s.Fingerprint()))
	sender.KeepAlive()
	p.ExpectEnded()
	s.WaitForEffects() // nothing that was sent must arrive after the login
	deliver(s, sender, s.Login(user))
}

func loginAgain(s *server.Scene) {
	user := s.User("u")
	refused := s.Target.RefusedTokens()[0]
	refuseLogin(s, s.User("control"), refused) // the token is one that is refused
	asked := s.NotifiedOnce(controlapi.EventVerify, server.OfUser(user))
	p, _ := s.LoginAt(s.Transport, user, 0, asked)
	p.KeepAlive()
	p.SendUntil(server.LoginMessage(user, refused.Token, 0), p.GetsLoginResponse(wire.CodeOK), asked)
	p.KeepAlive()
	deliver(s, s.Login(s.User("sender")), p)
}

// loginContent returns the dataContent of a login with an accepted token and without a
// user ID. member comes first, and may be an invalid user ID.
func loginContent(s *server.Scene, member string) wire.Text {
	members := wire.LoginInfo{Token: wire.Some(s.Token(s.User("nobody")))}.Append(nil)[len("{"):]
	return wire.Some("{" + member + string(members))
}

// loginNamesNobody sends a login without a user, of which the application is not
// notified.
func loginNamesNobody(s *server.Scene, content wire.Text) {
	p := s.Connect("nobody")
	p.User = s.User("u")
	p.Probe()
	s.NeverNotified(controlapi.EventVerify, server.OfNoUser(p.User))
	s.NeverNotified(controlapi.EventLogin, server.OfNoUser(p.User))
	m := wire.New(wire.TypeLogin, p.User, wire.ServerID)
	m.DataContent = content
	p.EndWith(m.Append(nil))
	s.Login(s.User("later"))
}
