package clientcases

import (
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

var giveUpCases = []suite.Case{
	must("heartbeat/give-up", "give-up", "A client whose keep-alives are not answered reports its link closed once, after the time of its sense mode.", everywhere,
		func(s *client.Scene) {
			_, last := goSilent(s)
			closed := expectLinkClose(s, last)
			s.Measure("give-up", last, closed, s.GiveUp(), s.GiveUp()+timing.GiveUpCheck)
			s.AcceptAgain(expectLoginAtOnce(s))
			s.Answer()
		}),
	must("heartbeat/give-up-closes", "give-up", "A client that gives up closes its stream.", streams,
		func(s *client.Scene) {
			l, last := goSilent(s)
			expectLinkClose(s, last)
			s.Expect("the end of the stream", time.Now().Add(atOnce), func(e *client.Entry) bool { return e.Link == l && e.End != nil })
			s.AcceptAgain(expectLoginAtOnce(s))
			s.Answer()
		}),
	relyingOn("give-up", must("heartbeat/login-again", "login-after-give-up", "A client that gave up logs in again at once, with the first login time it was given.", everywhere,
		func(s *client.Scene) {
			_, last := goSilent(s)
			expectLinkClose(s, last)
			login := expectLoginAtOnce(s)
			if got := login.Info.FirstLoginTime; got != client.FirstLoginTime {
				suite.Failf("a login with the first login time that was given", "%s", login)
			}
			s.AcceptAgain(login)
			s.Answer()
		})),
	relyingOn("give-up", must("heartbeat/login-again-interval", "login-after-give-up", "A client that gave up and gets no answer logs in again at its interval.", everywhere,
		func(s *client.Scene) {
			_, last := goSilent(s)
			expectLinkClose(s, last)
			login := expectLoginAtOnce(s)
			for _, name := range []string{"second login after the first", "third login after the second"} {
				before := s.BrokenOff()
				next := s.ExpectLoginBy("a login after "+s.Relogin().String(), login.At.Add(s.Relogin()+late))
				attempts := time.Duration(1 + s.BrokenOff() - before) // §8 client-crossed-close
				s.Measure(name, login.At, next.At, attempts*s.Relogin(), attempts*(s.Relogin()+hesitation))
				login = next
			}
			s.AcceptAgain(login)
			s.Answer()
		})),
	relyingOn("give-up", must("heartbeat/again-after-login", "client-heartbeat", "A client that logged in again by itself keeps its interval again.", everywhere,
		func(s *client.Scene) {
			_, last := goSilent(s)
			expectLinkClose(s, last)
			l := s.AcceptAgain(expectLoginAtOnce(s))
			s.Answer()
			measureIntervals(s, awaitKeepAlives(s, l, 3))
		})),
	must("heartbeat/stream-closed", "login-after-give-up", "A client whose stream the server closes reports that by the time at which it would give up, and logs in again.", streams,
		func(s *client.Scene) { loseStream(s, (*client.Link).Close) }),
	must("heartbeat/stream-reset", "login-after-give-up", "A client whose stream is reset reports that by the time at which it would give up, and logs in again.", streams,
		func(s *client.Scene) { loseStream(s, (*client.Link).Reset) }),
	must("heartbeat/not-logged-in", "login-after-301", "A client that gets error 301 sends no keep-alives, and logs in again after one interval of its login attempts.", udpOnly,
		func(s *client.Scene) { notLoggedIn(s, s.Relogin()) }),
	must("heartbeat/not-logged-in-closed", "login-after-301", "A client that gets error 301 and the end of its stream logs in again, after one interval of its login attempts at the latest.", streams,
		func(s *client.Scene) { notLoggedIn(s, 0) }),
}

// Bounds of what a client does by its own timers.
const (
	// atOnce is the longest time that counts as at once: shorter than any interval of
	// login attempts.
	atOnce = time.Second
	// hesitation is the time that a client may add to the interval of its login attempts,
	// to connect anew.
	hesitation = 500 * time.Millisecond
	// crossing is the time in which the end of a connection may reach a new one.
	crossing = 200 * time.Millisecond
	// mostCrossed bounds the new connections that it takes with it.
	mostCrossed = 3
	// late is how much longer a case waits than its bound, to say by how much it was
	// missed.
	late = 5 * time.Second
)

// goSilent logs the client in, answers two keep-alives and no more. last is when the last
// answer was sent.
func goSilent(s *client.Scene) (l *client.Link, last time.Time) {
	s.Silence()
	l = s.Login()
	for n := range 2 {
		awaitKeepAlives(s, l, n+1)
		last = l.Send(wire.NewKeepAliveResponse(s.User))
	}
	return l, last
}

// expectLinkClose waits until the client reports the end of its link, and returns when.
func expectLinkClose(s *client.Scene, last time.Time) time.Time {
	until := last.Add(s.GiveUp() + timing.GiveUpCheck + late)
	return s.ExpectEventBy("the event linkclose", until, driverapi.EventLinkClose, nil).At
}

// expectLoginAtOnce waits for the login that follows the end of a link, over a connection
// that stays.
func expectLoginAtOnce(s *client.Scene) client.LoginRequest {
	login, came := s.FurtherLogin(time.Now().Add(atOnce))
	switch {
	case came:
	case s.BrokenOff() > 0:
		login = crossed(s)
	default:
		s.ExpectLoginBy("a login at once", time.Now()) // it fails
	}
	return lasting(s, login)
}

// lasting returns a login whose connection stays: the end of the old one may take the new one
// with it (§8 client-crossed-close).
func lasting(s *client.Scene, login client.LoginRequest) client.LoginRequest {
	for range mostCrossed {
		if !s.EndsBy(login.Link, login.At.Add(crossing)) {
			break
		}
		login = crossed(s)
	}
	return login
}

// crossed waits for the next login of a client whose new connection went with the old one.
func crossed(s *client.Scene) client.LoginRequest {
	s.Transcript.Remark("network", "the end of the old connection took the new one with it")
	s.AllowEvents(driverapi.EventLinkClose)
	return s.ExpectLoginBy("a login after "+s.Relogin().String(), time.Now().Add(s.Relogin()+late))
}

// notLoggedIn tells the client that it is not logged in, as a server does, and expects it to
// log in again, not before a time.
func notLoggedIn(s *client.Scene, earliest time.Duration) {
	l := s.Login()
	awaitKeepAlives(s, l, 1)
	s.Over()
	s.AllowEvents(driverapi.EventError)
	at := l.Send(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive(s.User)))
	if s.Transport.Connected() {
		l.Close()
	}
	login := s.ExpectLoginBy("a login after "+s.Relogin().String(), at.Add(s.Relogin()+late))
	s.Measure("login after error 301", at, login.At, earliest, s.Relogin()+hesitation)
	measureIntervals(s, awaitKeepAlives(s, s.AcceptAgain(login), 2))
}

// loseStream ends the client's stream, and waits until it is logged in on another.
func loseStream(s *client.Scene, end func(*client.Link) time.Time) {
	l := s.Login()
	awaitKeepAlives(s, l, 1)
	at := end(l)
	closed := s.ExpectEventBy("the event linkclose", at.Add(s.GiveUp()+timing.GiveUpCheck+late), driverapi.EventLinkClose, nil).At
	s.Measure("link close after the end of the stream", at, closed, 0, s.GiveUp()+timing.GiveUpCheck)
	again := s.AcceptAgain(lasting(s, s.ExpectLoginBy("a login", closed.Add(s.Relogin()+late))))
	awaitKeepAlives(s, again, 1)
}
