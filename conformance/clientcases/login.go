package clientcases

import (
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
)

var loginCases = []suite.Case{
	must("login/well-formed", "client-login", "The login has the user and the token, goes from the user to \"0\", and has first login time 0.", everywhere,
		func(s *client.Scene) {
			s.StartLogin()
			expectLoginForm(s, wire.Text{}, 0)
		}),
	must("login/extra", "client-login", "The login carries the extra that the client was given.", everywhere,
		func(s *client.Scene) {
			s.Extra = wire.Some(`{"device":"<&='>","名":"😀"}`)
			s.StartLogin()
			expectLoginForm(s, s.Extra, 0)
		}),
	must("login/reported", "client-login-reported", "An accepted login is reported once.", everywhere,
		func(s *client.Scene) { s.Login() }),
	must("login/response-late", "client-login-reported", "A response that comes late logs the client in, which then sends keep-alives.", everywhere,
		func(s *client.Scene) {
			s.StartLogin()
			login := s.ExpectLogin()
			s.AllowMessages(wire.TypeLogin) // §8
			s.Wait(time.Second)
			l := s.Accept(login)
			s.ExpectLoginReported(wire.CodeOK)
			awaitKeepAlives(s, l, 1)
		}),
	must("login/refused", "client-login-refused", "A refused login is reported once with its code.", everywhere,
		func(s *client.Scene) { refuse(s, wire.CodeFirstApplication) }),
	must("login/refused-with-any-code", "client-login-refused", "The code of the application is reported as it is.", everywhere,
		func(s *client.Scene) { refuse(s, 123_456) }),
	must("login/refused-no-login", "client-login-refused", "After a refused login the client sends neither keep-alives nor another login.", everywhere,
		func(s *client.Scene) {
			refuse(s, wire.CodeFirstApplication)
			s.Wait(2*s.Relogin() + s.Mode().Heartbeat())
		}),
	must("login/refused-no-ack", "client-refused-no-ack", "A refusal that asks for an ACK gets none.", everywhere,
		func(s *client.Scene) {
			s.StartLogin()
			login := s.ExpectLogin()
			response := wire.NewLoginResponse(s.User, wire.CodeFirstApplication, 0)
			response.QoS, response.Fingerprint = true, wire.Some(s.Unique("fp"))
			s.Over()
			login.Link.Send(response)
			s.ExpectLoginReported(wire.CodeFirstApplication)
		}),
	must("login/accepted-after-refused", "client-login-refused", "After a refused login the client logs in when it is told to.", everywhere,
		func(s *client.Scene) {
			refuse(s, wire.CodeFirstApplication)
			s.LoginAgain()
			s.Accept(s.ExpectLogin())
			s.ExpectLoginReported(wire.CodeOK)
		}),
}

// expectLoginForm waits for a login and compares it, then accepts it.
func expectLoginForm(s *client.Scene, extra wire.Text, firstLoginTime int64) {
	login := s.ExpectLogin()
	m := login.Message
	if !m.From.Is(s.User) || !m.To.Is(wire.ServerID) {
		suite.Failf("a login from "+s.User+" to 0", "%s", login)
	}
	want := wire.LoginInfo{UserID: wire.Some(s.User), Token: wire.Some(s.Token), Extra: extra, FirstLoginTime: firstLoginTime}
	got := login.Info
	if got.Extra.Value() == "" && extra.Value() == "" {
		got.Extra = want.Extra // an empty one is as good as none
	}
	if got != want {
		suite.Fail("the content "+string(want.Append(nil)), "the content "+m.DataContent.Value())
	}
	s.Accept(login)
	s.ExpectLoginReported(wire.CodeOK)
}

// refuse refuses the first login of the client as a server does (§3), and waits for the
// report.
func refuse(s *client.Scene, code wire.Code) {
	s.StartLogin()
	login := s.ExpectLogin()
	s.Over()
	login.Link.Send(wire.NewLoginResponse(s.User, code, 0))
	if s.Transport.Connected() {
		login.Link.Close()
	}
	s.ExpectLoginReported(code)
	s.Begun()
}
