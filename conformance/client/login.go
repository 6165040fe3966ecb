package client

import (
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// LoginRequest is a login that the client sent.
type LoginRequest struct {
	*Entry
	Info wire.LoginInfo
}

// StartLogin tells the client to log a new user in.
func (s *Scene) StartLogin() time.Time {
	s.Begin()
	s.User = s.Unique("u")
	s.Named++
	return s.LoginAgain()
}

// LoginAgain tells the client to log its user in.
func (s *Scene) LoginAgain() time.Time {
	s.Begin()
	return s.Do(driverapi.Command{Do: driverapi.ActionLogin, Login: driverapi.Login{
		Transport: s.Transport, Host: s.world.target.host(), Port: s.port, User: s.User, Token: s.Token, Extra: s.Extra, Mode: s.Mode(),
	}})
}

// startTime bounds the time from the first command until its login: no rule does, and a
// client in a virtual machine has its network code still to load then.
const startTime = 20 * time.Second

// ExpectLogin waits for a login as long as for an answer, for the first one of a client
// longer.
func (s *Scene) ExpectLogin() LoginRequest {
	wait := s.replyTime()
	if !s.loggedInOnce {
		wait = max(wait, startTime)
		s.loggedInOnce = true
	}
	return s.ExpectLoginBy("a login of the client", time.Now().Add(wait))
}

// ExpectLoginBy waits up to a moment for a login.
func (s *Scene) ExpectLoginBy(expected string, until time.Time) LoginRequest {
	e := s.ExpectMessageBy(expected, until, wire.TypeLogin, nil)
	info, err := wire.ParseLoginInfo(e.Message.DataContent.Value())
	if err != nil {
		suite.Failf("a login whose content is JSON with user, token and first login time", "%s (%v)", e, err)
	}
	return LoginRequest{e, info}
}

// FurtherLogin waits up to a moment for a login that may come; ok is false when none does.
func (s *Scene) FurtherLogin(until time.Time) (login LoginRequest, ok bool) {
	e := s.find(until, func(e *Entry) bool { return e.Is(wire.TypeLogin) })
	if e == nil {
		return LoginRequest{}, false
	}
	info, err := wire.ParseLoginInfo(e.Message.DataContent.Value())
	return LoginRequest{e, info}, err == nil
}

// EndsBy waits up to a moment for the end of a link, and reports whether it came.
func (s *Scene) EndsBy(l *Link, until time.Time) (ended bool) {
	s.await(until, func() (bool, <-chan struct{}) {
		s.mu.Lock()
		defer s.mu.Unlock()
		ended = !l.ended.IsZero()
		return ended, s.changed
	})
	return ended
}

// BrokenOff returns the number of links that the client has ended without a login on them.
func (s *Scene) BrokenOff() (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		if !l.ended.IsZero() && !l.asked {
			count++
		}
	}
	return count
}

// FirstLoginTime is the time that Accept gives a client that has none, in ms since the Unix
// epoch.
const FirstLoginTime = 1_700_000_000_123

// Accept accepts a login, as a server does (§3).
func (s *Scene) Accept(login LoginRequest) *Link {
	given := login.Info.FirstLoginTime
	if given <= 0 {
		given = FirstLoginTime
	}
	s.Accepted(login.Link)
	login.Link.Send(wire.NewLoginResponse(s.User, wire.CodeOK, given))
	return login.Link
}

// Accepted notes that the client is logged in on a link from now on.
func (s *Scene) Accepted(l *Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.loggedIn, l.over = time.Now(), time.Time{}
	s.session = l
}

// Over notes that the client is not to send keep-alives on any link from now on, and that
// it is free to end its links and to report that.
func (s *Scene) Over() {
	s.mu.Lock()
	for _, l := range s.links {
		if l.over.IsZero() {
			l.over = time.Now()
		}
	}
	s.session = nil
	s.mu.Unlock()
	s.AllowEvents(driverapi.EventLinkClose)
}

// Login logs the client in, and returns the link on which it is.
func (s *Scene) Login() *Link {
	s.StartLogin()
	l := s.Accept(s.ExpectLogin())
	s.ExpectLoginReported(wire.CodeOK)
	s.Begun()
	return l
}

// ExpectLoginReported waits for the event that says how a login ended.
func (s *Scene) ExpectLoginReported(code wire.Code) {
	want := driverapi.Event{Kind: driverapi.EventLogin, Code: code}
	e := s.ExpectEvent("the event "+want.String(), driverapi.EventLogin, func(e driverapi.Event) bool { return e.Code == code })
	if code == wire.CodeOK && s.session != nil {
		s.world.slowness.Note(e.At, e.At.Sub(s.session.loggedIn))
	}
}

// AcceptAgain accepts a login that the client makes by itself after it was logged in. It is
// free to report that (§8).
func (s *Scene) AcceptAgain(login LoginRequest) *Link {
	s.allow(1, func(e *Entry) bool { return e.isEvent(driverapi.EventLogin) && e.Event.Code == wire.CodeOK })
	return s.Accept(login)
}
