package clientcases

import (
	"fmt"
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// info returns an INFO case, which says what the client does of what §8 leaves open.
func info(id, covers, requirement string, on []wire.Transport, run func(*client.Scene)) suite.Case {
	c := must(id, covers, requirement, on, run)
	c.Level = reports.Info
	return c
}

var infoCases = []suite.Case{
	info("info/login-unanswered", "client-login", "How often a client whose first login is not answered logs in.", everywhere,
		func(s *client.Scene) {
			s.StartLogin()
			first := s.ExpectLogin()
			s.Wait(observed * s.Relogin())
			s.Found("%d further logins within %v%s", s.Count(isLogin), observed*s.Relogin(), whenLater(s, first.At, isLogin))
		}),
	info("info/login-closed", "client-login", "How often a client whose stream is closed in answer to its first login logs in.", streams,
		func(s *client.Scene) {
			s.StartLogin()
			first := s.ExpectLogin()
			first.Link.Close()
			s.Wait(observed * s.Relogin())
			s.Found("%d further logins within %v%s, %d times linkclose", s.Count(isLogin), observed*s.Relogin(), whenLater(s, first.At, isLogin), s.Count(isEvent(driverapi.EventLinkClose)))
		}),
	info("info/first-keep-alive", "client-heartbeat", "When the first keep-alive comes.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			from := time.Now()
			at := awaitKeepAlives(s, l, 1)[0]
			s.Found("%v after the login", at.Sub(from).Round(10*time.Millisecond))
		}),
	info("info/stream-closed", "login-after-give-up", "When a client notices that the server has closed its stream.", streams,
		func(s *client.Scene) {
			l := s.Login()
			awaitKeepAlives(s, l, 1)
			at := l.Close()
			closed := s.ExpectEventBy("the event linkclose", at.Add(s.GiveUp()+timing.GiveUpCheck+late), driverapi.EventLinkClose, nil)
			login := s.ExpectLoginBy("a login", closed.At.Add(s.Relogin()+late))
			s.AcceptAgain(login)
			s.Wait(s.SettleTime())
			s.Found("linkclose with code %d after %v, a login %v later, reported %d times", closed.Event.Code, closed.At.Sub(at).Round(time.Millisecond), login.At.Sub(closed.At).Round(time.Millisecond), s.Count(isEvent(driverapi.EventLogin)))
		}),
	info("info/after-kick", "client-kicked", "What a client reports besides that it was kicked out.", everywhere,
		func(s *client.Scene) {
			kick(s, wire.Kickout{Code: wire.KickAdministrator})
			s.Wait(s.SettleTime())
			s.Found("%d times linkclose", s.Count(isEvent(driverapi.EventLinkClose)))
		}),
	info("info/after-refusal", "client-login-refused", "What a client reports besides that its login was refused.", everywhere,
		func(s *client.Scene) {
			refuse(s, wire.CodeFirstApplication)
			s.Wait(s.SettleTime())
			s.Found("%d times linkclose", s.Count(isEvent(driverapi.EventLinkClose)))
		}),
	info("info/error", "login-after-301", "Whether a client reports an error of the server.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			l.Send(wire.NewErrorResponse(wire.CodeInvalidMessage, wire.NewKeepAlive(s.User)))
			s.Wait(s.SettleTime())
			s.Found("%d times error, %d times linkclose", s.Count(isEvent(driverapi.EventError)), s.Count(isEvent(driverapi.EventLinkClose)))
		}),
	info("info/ack-unknown", "client-acked", "Whether a client reports the ACK of a message that it did not send.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			l.Send(wire.NewReceived(wire.NewQoSData(s.User, wire.ServerID, "", s.Unique("fp"))))
			s.Wait(s.SettleTime())
			s.Found("%d times received", s.Count(isEvent(driverapi.EventReceived)))
		}),
	info("info/sent-offline", "client-data", "What becomes of a message that is sent before the login.", everywhere,
		func(s *client.Scene) {
			s.StartLogin()
			login := s.ExpectLogin()
			s.Do(sendCommand(wire.ServerID, "too early", true, wire.Some(s.Unique("fp"))))
			sent := s.ExpectEvent("the event sent", driverapi.EventSent, nil)
			s.Wait(s.SettleTime())
			before := s.Count(isData)
			s.Accept(login)
			s.Wait(longestAge + late)
			s.Found("the code is %d; %d copies came before the login was accepted, and %d after it", sent.Event.Code, before, s.Count(isData)-before)
		}),
}

// observed is the number of intervals for which a client is watched.
const observed = 4

func isLogin(e *client.Entry) bool { return e.Is(wire.TypeLogin) }
func isData(e *client.Entry) bool  { return e.Is(wire.TypeData) }

func isEvent(kind driverapi.EventKind) func(*client.Entry) bool {
	return func(e *client.Entry) bool { return e.Event != nil && e.Event.Kind == kind }
}

// whenLater says when after a moment the client did what matches.
func whenLater(s *client.Scene, from time.Time, match func(*client.Entry) bool) (text string) {
	for i, e := range s.Seen(match) {
		separator := ", "
		if i == 0 {
			separator = ": after "
		}
		text += fmt.Sprintf("%s%v", separator, e.At.Sub(from).Round(10*time.Millisecond))
	}
	return text
}
