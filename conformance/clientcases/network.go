package clientcases

import (
	"maps"
	"slices"
	"strings"
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// networkCases are about bad networks. What a lost ACK does is in qos/ack-after-copy and
// qos/duplicate, a lost login response in heartbeat/login-again-interval, and a server that
// says nothing or is gone in the cases of outages.
var networkCases = []suite.Case{
	must("network/rebinding", "client-rebound", "A client that comes from another port, for which it gets error 301, logs in again with the first login time it was given; nothing is shown twice or lost unreported.", udpOnly,
		func(s *client.Scene) {
			_, shown, sent := underWay(s)
			s.Over()
			s.AllowEvents(driverapi.EventError)
			s.RefuseStrangers()
			at := s.Rebind()
			l := comeBack(s, "a login from the other port", at.Add(s.Mode().Heartbeat()+s.Relogin()+late))
			settleUnderWay(s, l, shown, sent)
		}),
	must("network/rebinding-unnoticed", "client-rebound", "A client that comes from another port, where its first keep-alive is lost, logs in again all the same.", udpOnly,
		func(s *client.Scene) {
			old := s.Login()
			awaitKeepAlives(s, old, 1)
			s.Over()
			s.AllowEvents(driverapi.EventError)
			at := s.Rebind()
			s.Expect("a keep-alive from the other port", at.Add(s.Mode().Heartbeat()+late), func(e *client.Entry) bool { return e.Is(wire.TypeKeepAlive) && e.Link != old })
			s.RefuseStrangers()
			l := comeBack(s, "a login from the other port", time.Now().Add(s.Mode().Heartbeat()+s.Relogin()+late))
			awaitKeepAlives(s, l, 1)
			stillShows(s, l)
		}),
	relyingOn("give-up", must("network/gone", "client-network-gone", "A client whose network is gone for a while logs in once it is back, with the first login time it was given; nothing is shown twice or lost unreported.", everywhere, loseNetwork)),
	must("network/answer-lost", "give-up", "A client on UDP to which every second response to its keep-alives is lost stays logged in.", udpOnly,
		func(s *client.Scene) {
			s.Silence()
			l := s.Login()
			for n := range 6 {
				awaitKeepAlives(s, l, n+1)
				if n%2 == 1 {
					l.Send(wire.NewKeepAliveResponse(s.User))
				}
			}
			s.Answer()
			stillShows(s, l)
		}),
	relyingOn("give-up", must("network/stops-reading", "client-blocked", "A client that sends to a server which reads nothing gives up in time, and logs in again.", streams, blocked)),
	must("network/slow-server", "client-acked", "A client of a server that takes a while to answer its keep-alives and to acknowledge its messages stays logged in, and sends nothing twice.", everywhere,
		func(s *client.Scene) {
			s.Silence()
			l := s.Login()
			slow := min((s.GiveUp()-s.Mode().Heartbeat())/2, 2*time.Second)
			for n := range 3 {
				at := awaitKeepAlives(s, l, n+1)[n]
				m := wire.NewQoSData(s.User, s.Unique("v"), "take your time", s.Unique("fp"))
				send(s, m)
				s.WaitUntil(at.Add(slow))
				l.Send(wire.NewKeepAliveResponse(s.User))
				acknowledge(s, l, m)
			}
			s.Answer()
			s.Wait(longestAge)
		}),
}

// underWay logs the client in and exchanges a message with it, then has it send another one,
// which is not acknowledged.
func underWay(s *client.Scene) (l *client.Link, shown, sent wire.Message) {
	l = s.Login()
	awaitKeepAlives(s, l, 1)
	shown = fromUser(s)
	shown.To = wire.Some(s.User)
	exchange(s, l, shown)
	sent = wire.NewQoSData(s.User, s.Unique("v"), "are you there?", s.Unique("fp"))
	send(s, sent)
	return l, shown, sent
}

// comeBack waits up to a moment for the login of a client that was gone, which has to have
// the first login time it was given: another one would kick it out by its own return (§3).
func comeBack(s *client.Scene, expected string, until time.Time) *client.Link {
	login := lasting(s, s.ExpectLoginBy(expected, until))
	for l := (*client.Link)(nil); ; {
		if login.Info.FirstLoginTime != client.FirstLoginTime {
			suite.Failf("a login with the first login time that was given", "%s", login)
		}
		l = s.AcceptAgain(login)
		further, ok := s.FurtherLogin(login.At.Add(atOnce)) // of those that were under way
		if !ok {
			return l
		}
		login = further
	}
}

// settleUnderWay does what a server does for a client that has come back: it sends the
// message again that was shown, and acknowledges those that were sent. Each of them has to
// be reported as received or as lost.
func settleUnderWay(s *client.Scene, l *client.Link, shown wire.Message, sent ...wire.Message) {
	l.Send(shown)
	s.ExpectSame(wire.NewReceived(shown))
	awaitFates(s, sent)
	awaitKeepAlives(s, l, 2)
	stillShows(s, l)
}

// awaitFates acknowledges each copy of messages that comes, and waits until each of them is
// reported received or lost.
func awaitFates(s *client.Scene, sent []wire.Message) {
	waiting := map[string]wire.Message{}
	for _, m := range sent {
		waiting[m.Fingerprint.Value()] = m
	}
	until := time.Now().Add(time.Duration(qos.ClientPolicy.Retries+1)*qos.SweepEvery + longestAge + late)
	for len(waiting) > 0 {
		missing := strings.Join(slices.Sorted(maps.Keys(waiting)), " and ")
		e := s.Expect("the event received or lost with the fingerprint "+missing, until, func(e *client.Entry) bool {
			return slices.ContainsFunc(fingerprintsOf(e), func(fp string) bool { _, known := waiting[fp]; return known })
		})
		for _, fp := range fingerprintsOf(e) {
			if e.Event == nil {
				e.Link.Send(wire.NewReceived(waiting[fp]))
			} else {
				delete(waiting, fp)
			}
		}
	}
}

// fingerprintsOf returns those of the messages that an entry sends, or that it reports as
// received or lost.
func fingerprintsOf(e *client.Entry) []string {
	switch {
	case isData(e):
		return []string{e.Message.Fingerprint.Value()}
	case isEvent(driverapi.EventReceived)(e):
		return []string{e.Event.Fingerprint.Value()}
	case isEvent(driverapi.EventLost)(e):
		return e.Event.Fingerprints
	}
	return nil
}

// loseNetwork cuts the client off for longer than it waits for a response, and has it send
// another message meanwhile.
func loseNetwork(s *client.Scene) {
	old, shown, first := underWay(s)
	s.Over()
	gone := s.LoseNetwork()
	sent := []wire.Message{first}
	second := wire.NewQoSData(s.User, s.Unique("v"), "do you hear me?", s.Unique("fp"))
	s.Do(sendCommand(second.To.Value(), second.DataContent.Value(), true, second.Fingerprint))
	if s.ExpectEvent("the event sent", driverapi.EventSent, nil).Event.Code == wire.CodeOK {
		sent = append(sent, second)
	}
	patience := s.GiveUp() + s.Mode().Heartbeat() + timing.GiveUpCheck
	s.ExpectEventBy("the event linkclose", gone.Add(patience+late), driverapi.EventLinkClose, nil)
	s.WaitUntil(gone.Add(max(outageTime, patience+late)))
	if s.Transport.Connected() {
		old.Reset() // its session has expired
	}
	back := s.RestoreNetwork()
	l := comeBack(s, "a login once the network is back", back.Add(s.Relogin()+late))
	settleUnderWay(s, l, shown, sent...)
}

// Messages that a client sends to a server that reads nothing: more than the buffers of both
// ends take, at most one in every blockedPause.
const (
	blockedMessages = 200
	blockedPause    = 5 * time.Millisecond
	blockedContent  = 6000 // bytes, of the 6144 that a body may have (§2)
)

// blocked has the client send more than fits between it and a server that reads nothing.
func blocked(s *client.Scene) {
	s.AllowEvents(driverapi.EventSent)
	s.AllowMessages(wire.TypeData) // what was on its way
	l := s.Login()
	awaitKeepAlives(s, l, 1)
	s.Over()
	at := l.StopReading()
	for range blockedMessages {
		s.Do(sendCommand(wire.ServerID, strings.Repeat("x", blockedContent), false, wire.Text{}))
		s.Wait(blockedPause)
	}
	closed := s.ExpectEventBy("the event linkclose", at.Add(s.GiveUp()+timing.GiveUpCheck+late), driverapi.EventLinkClose, nil).At
	s.Measure("give-up since the server stopped reading", at, closed, 0, s.GiveUp()+timing.GiveUpCheck)
	again := s.AcceptAgain(lasting(s, s.ExpectLoginBy("a login", closed.Add(s.Relogin()+late))))
	awaitKeepAlives(s, again, 1)
	stillShows(s, again)
}
