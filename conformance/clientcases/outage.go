package clientcases

import (
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// outageTime is the time for which a server is gone: longer than any interval of login
// attempts, and on streams of 3S and 5S than the time after which a client gives up.
const outageTime = 20 * time.Second

var outageCases = []suite.Case{
	relyingOn("give-up", must("heartbeat/gone-and-back", "login-after-give-up", "A client whose server says nothing for a while is logged in once it is back, with the first login time it was given.", everywhere,
		func(s *client.Scene) {
			_, last := goSilent(s)
			expectLinkClose(s, last)
			s.AllowEvents(driverapi.EventLinkClose) // a new link that is given up as well
			login := expectLoginAtOnce(s)
			for back := login.At.Add(outageTime); login.At.Before(back); {
				login = s.ExpectLoginBy("a login after "+s.Relogin().String(), login.At.Add(s.Relogin()+late))
			}
			if got := login.Info.FirstLoginTime; got != client.FirstLoginTime {
				suite.Failf("a login with the first login time that was given", "%s", login)
			}
			l := s.AcceptAgain(login)
			s.Answer()
			awaitKeepAlives(s, l, 2)
			stillShows(s, l)
		})),
	must("heartbeat/server-restarts", "login-after-give-up", "A client whose server refuses connections for a while is logged in once it is back.", streams,
		func(s *client.Scene) {
			l := s.Login()
			awaitKeepAlives(s, l, 1)
			s.StopListening()
			at := l.Reset()
			s.ExpectEventBy("the event linkclose", at.Add(s.GiveUp()+late), driverapi.EventLinkClose, nil)
			s.AllowEvents(driverapi.EventLinkClose)
			s.AllowEvents(driverapi.EventError)
			s.WaitUntil(at.Add(outageTime / 2))
			s.ListenAgain()
			again := s.AcceptAgain(lasting(s, s.ExpectLoginBy("a login", time.Now().Add(s.Relogin()+hesitation))))
			awaitKeepAlives(s, again, 1)
			stillShows(s, again)
		}),
	must("login/response-twice", "client-login-reported", "A response that comes twice changes nothing more than one.", everywhere,
		func(s *client.Scene) {
			s.AllowEvents(driverapi.EventLogin) // §8
			l := s.Login()
			l.Send(wire.NewLoginResponse(s.User, wire.CodeOK, client.FirstLoginTime))
			measureIntervals(s, awaitKeepAlives(s, l, 3)[1:])
		}),
}
