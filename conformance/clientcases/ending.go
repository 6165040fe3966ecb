package clientcases

import (
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

var kickCases = []suite.Case{
	must("kick/duplicate-login", "client-kicked", "A kick-out with code 1 and no reason is reported once.", everywhere,
		func(s *client.Scene) { kick(s, wire.Kickout{Code: wire.KickDuplicateLogin}) }),
	must("kick/administrator", "client-kicked", "A kick-out with code 2 is reported once, with its reason.", everywhere,
		func(s *client.Scene) {
			kick(s, wire.Kickout{Code: wire.KickAdministrator, Reason: wire.Some("enough, <really>")})
		}),
	must("kick/application", "client-kicked", "A kick-out with a code of the application is reported as it is.", everywhere,
		func(s *client.Scene) { kick(s, wire.Kickout{Code: 4711, Reason: wire.Some("理由")}) }),
	must("kick/no-login", "client-kicked", "A client that was kicked out sends neither keep-alives nor a login.", everywhere,
		func(s *client.Scene) {
			kick(s, wire.Kickout{Code: wire.KickDuplicateLogin})
			s.Wait(s.GiveUp() + 2*s.Relogin())
		}),
	must("kick/login-when-told", "client-kicked", "A client that was kicked out logs in when it is told to.", streams, loginAfterKick),
	should("kick/login-when-told-datagrams", "client-kicked", "A client that was kicked out logs in when it is told to, on UDP too.", udpOnly, loginAfterKick),
}

// loginAfterKick tells a client that was kicked out to log in. It waits for the end of the
// session: a login in that instant may be lost (§8).
func loginAfterKick(s *client.Scene) {
	kick(s, wire.Kickout{Code: wire.KickAdministrator})
	s.Wait(s.SettleTime())
	s.LoginAgain()
	l := s.Accept(s.ExpectLogin())
	s.ExpectLoginReported(wire.CodeOK)
	awaitKeepAlives(s, l, 1)
}

// kick ends the client's session as a server does (§3), and waits for the report.
func kick(s *client.Scene, k wire.Kickout) {
	l := s.Login()
	s.Over()
	l.Send(wire.NewKickout(s.User, k))
	if s.Transport.Connected() {
		l.Close()
	}
	want := driverapi.Event{Kind: driverapi.EventKickout, Code: k.Code, Reason: k.Reason}
	s.ExpectEvent("the event "+want.String(), driverapi.EventKickout, func(e driverapi.Event) bool {
		return e.Code == k.Code && e.Reason.Value() == k.Reason.Value()
	})
}

var logoutCases = []suite.Case{
	must("logout/sent", "client-logout", "A logout is sent once, from the user to \"0\".", everywhere,
		func(s *client.Scene) { logOut(s, s.Login()) }),
	must("logout/nothing-after", "client-logout", "After its logout a client sends neither keep-alives nor a login.", everywhere,
		func(s *client.Scene) {
			logOut(s, s.Login())
			s.Wait(s.GiveUp() + 2*s.Relogin())
		}),
	// It waits before the logout and after it: a login in such an instant may be lost (§8).
	must("logout/queue", "client-logout", "What a user sent and nobody acknowledged is not sent for the user who logs in after them.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			s.Wait(s.SettleTime())
			m := wire.NewQoSData(s.User, s.Unique("v"), "of the first user", s.Unique("fp"))
			send(s, m)
			s.AllowEvents(driverapi.EventLost) // it may say so
			logOut(s, l)
			s.Wait(s.SettleTime())
			s.StartLogin()
			s.Accept(s.ExpectLogin())
			s.ExpectLoginReported(wire.CodeOK)
			s.Wait(longestAge + 500*time.Millisecond)
		}),
}

// logOut has the client log out.
func logOut(s *client.Scene, l *client.Link) {
	s.Over()
	s.Do(driverapi.Command{Do: driverapi.ActionLogout})
	s.ExpectMessage("a logout from "+s.User+" to 0", wire.TypeLogout, func(m wire.Message) bool {
		return m.From.Is(s.User) && m.To.Is(wire.ServerID)
	})
	if s.Transport.Connected() {
		l.Close()
	}
}
