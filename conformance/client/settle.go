package client

import (
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// Settle does the last checks of a case that went well: for a while nothing may come that
// the case did not ask for and that docs/protocol.md does not explain, and a client that is
// logged in is still there.
func (s *Scene) Settle() {
	if s.driver == nil {
		return
	}
	s.Wait(s.SettleTime())
	s.checkDriver()
	s.ExpectNothingElse()
	if s.session == nil {
		return
	}
	if at, ended := s.session.EndedAt(); ended {
		s.fail("a client that stays logged in", fmt.Sprintf("after %v it ended its connection", at.Sub(s.Started).Round(time.Millisecond)))
	}
}

// ExpectNothingElse fails the case for anything that came so far without being expected or
// allowed.
func (s *Scene) ExpectNothingElse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.log {
		if e.accounted || s.explained(e) || s.isAllowed(e) {
			continue
		}
		s.fail("nothing further of the client", fmt.Sprintf("after %v: %s", e.At.Sub(s.Started).Round(time.Millisecond), e))
	}
}

// lagExcused is the lag of this process from which on it may have been the cause of what
// the client did: it answers keep-alives that much later.
const lagExcused = 500 * time.Millisecond

// fail ends the case because of something that the client did.
func (s *Scene) fail(expected, actual string) {
	if lag := s.Lag().Between(s.Started, time.Now()); lag > lagExcused {
		suite.Inconclusive(fmt.Sprintf("%s instead of %s, but the harness itself was up to %v late", actual, expected, lag.Round(time.Millisecond)))
	}
	suite.Fail(expected, actual)
}

// lateKeepAlive is the time for which a keep-alive may still be under way when a session
// ends.
const lateKeepAlive = 200 * time.Millisecond

// explained reports whether a client may do something at any time: connections are its own
// business, and keep-alives belong to a session.
func (s *Scene) explained(e *Entry) bool {
	switch {
	case e.Opened, e.Pong, e.End != nil:
		return true
	case e.Is(wire.TypeKeepAlive):
		l := e.Link
		return !l.loggedIn.IsZero() && (l.over.IsZero() || e.At.Before(l.over.Add(lateKeepAlive+s.PathDelay)))
	}
	return e.isEvent(driverapi.EventReady)
}

func (s *Scene) isAllowed(e *Entry) bool {
	for _, a := range s.allowances {
		if a.left > 0 && a.match(e) {
			a.left--
			e.accounted = true
			return true
		}
	}
	return false
}
