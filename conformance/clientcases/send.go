package clientcases

import (
	"slices"
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

var sendCases = []suite.Case{
	must("qos/sent-to-user", "client-data", "A message has the receiver, content, QoS and fingerprint that the client was given, and its user as from.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewQoSData(s.User, s.Unique("v"), s.Unique("text"), s.Unique("fp"))
			send(s, m)
			acknowledge(s, l, m)
		}),
	must("qos/sent-to-server", "client-data", "A message to the server carries the typeu that the client was given.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewQoSData(s.User, wire.ServerID, s.Unique("text"), s.Unique("fp"))
			m.UserType = 4711
			send(s, m)
			acknowledge(s, l, m)
		}),
	must("qos/sent-without-qos", "client-data", "A message without QoS is sent once.", everywhere,
		func(s *client.Scene) {
			s.Login()
			m := wire.NewData(s.User, s.Unique("v"), s.Unique("text"))
			s.Do(sendCommand(m.To.Value(), m.DataContent.Value(), false, wire.Text{}))
			s.ExpectMessage(m.String(), wire.TypeData, func(got wire.Message) bool {
				got.Fingerprint = wire.Text{} // it means nothing
				return client.Same(got, m)
			})
			expectSent(s)
			s.Wait(longestAge)
		}),
	must("qos/fingerprints-differ", "client-data", "Two QoS messages that were given no fingerprint get different ones.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			var fps []string
			for range 2 {
				s.Do(sendCommand(wire.ServerID, "the same text", true, wire.Text{}))
				e := s.ExpectMessage("a QoS message with a fingerprint", wire.TypeData, func(m wire.Message) bool { return m.QoS && m.Fingerprint.Value() != "" })
				expectSent(s)
				acknowledge(s, l, e.Message)
				fps = append(fps, e.Message.Fingerprint.Value())
			}
			if fps[0] == fps[1] {
				suite.Failf("two fingerprints", "%s twice", fps[0])
			}
		}),
	must("qos/retransmission", "client-retransmission", "A message that is not acknowledged is sent again twice with the same bytes, and then reported lost.", everywhere, retransmission),
	should("qos/lost-across-login", "client-retransmission", "A message that is not acknowledged before a new login of the client is sent again at most twice in all, and reported lost.", streams, lostAcrossLogin),
	must("qos/ack-stops", "client-acked", "An ACK is reported, and ends the retransmission.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewQoSData(s.User, s.Unique("v"), "hi", s.Unique("fp"))
			send(s, m)
			acknowledge(s, l, m)
			s.Wait(longestAge)
		}),
	must("qos/ack-after-copy", "client-acked", "An ACK that comes after the second copy ends the retransmission as well.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewQoSData(s.User, wire.ServerID, "hi", s.Unique("fp"))
			at := send(s, m)
			s.ExpectMessageBy("the second copy", at.Add(longestAge+late), wire.TypeData, func(got wire.Message) bool { return client.Same(got, m) })
			acknowledge(s, l, m)
			s.Wait(qos.SweepEvery + 500*time.Millisecond)
		}),
	must("qos/ack-twice", "client-acked", "A second ACK changes nothing.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			for range 2 {
				m := wire.NewQoSData(s.User, wire.ServerID, "hi", s.Unique("fp"))
				send(s, m)
				acknowledge(s, l, m)
				l.Send(wire.NewReceived(m))
			}
			s.AllowEvents(driverapi.EventReceived) // §8
			stillShows(s, l)
		}),
	must("qos/ack-of-another", "client-acked", "The ACK of one message ends the retransmission of that one alone.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			first := wire.NewQoSData(s.User, wire.ServerID, "first", s.Unique("fp"))
			second := wire.NewQoSData(s.User, wire.ServerID, "second", s.Unique("fp"))
			send(s, first)
			at := send(s, second)
			acknowledge(s, l, first)
			s.ExpectMessageBy("a copy of the second message", at.Add(longestAge+late), wire.TypeData, func(m wire.Message) bool { return client.Same(m, second) })
			acknowledge(s, l, second)
		}),
	must("qos/ack-unknown", "client-acked", "An ACK of a message that the client did not send changes nothing.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			s.AllowEvents(driverapi.EventReceived) // §8
			l.Send(wire.NewReceived(wire.NewQoSData(s.User, wire.ServerID, "", s.Unique("fp"))))
			m := wire.NewQoSData(s.User, wire.ServerID, "hi", s.Unique("fp"))
			send(s, m)
			acknowledge(s, l, m)
		}),
}

// Ages of a message at its retransmission (§4): older than MinAge at a sweep.
var (
	longestAge = qos.ClientPolicy.MinAge + qos.SweepEvery
	copyAge    = qos.ClientPolicy.MinAge
)

func sendCommand(to, content string, needsACK bool, fp wire.Text) driverapi.Command {
	return driverapi.Command{Do: driverapi.ActionSend, Send: driverapi.Send{To: to, DataContent: content, QoS: needsACK, Fingerprint: fp, UserType: -1}}
}

// send has the client send a QoS message, and waits for its first copy, which is compared.
func send(s *client.Scene, m wire.Message) time.Time {
	c := sendCommand(m.To.Value(), m.DataContent.Value(), true, m.Fingerprint)
	c.Send.UserType = m.UserType
	s.Do(c)
	at := s.ExpectSame(m).At
	expectSent(s)
	return at
}

func expectSent(s *client.Scene) {
	s.ExpectEvent(`the event {"ev":"sent","code":0}`, driverapi.EventSent, func(e driverapi.Event) bool { return e.Code == wire.CodeOK })
}

// acknowledge acknowledges a message as a server does, and waits for the report.
func acknowledge(s *client.Scene, l *client.Link, m wire.Message) {
	l.Send(wire.NewReceived(m))
	s.ExpectEvent("the event received with the fingerprint "+m.Fingerprint.Value(), driverapi.EventReceived,
		func(e driverapi.Event) bool { return e.Fingerprint == m.Fingerprint })
}

// lostAcrossLogin has the client send a message and log in again, acknowledges nothing, and
// counts the copies until the client gives the message up.
func lostAcrossLogin(s *client.Scene) {
	l := s.Login()
	m := wire.NewQoSData(s.User, s.Unique("v"), "is anybody there?", s.Unique("fp"))
	at := send(s, m)
	s.AllowEvents(driverapi.EventLinkClose)
	l.Reset()
	s.AcceptAgain(lasting(s, s.ExpectLoginBy("a login", at.Add(s.GiveUp()+2*late))))
	isCopy := func(e *client.Entry) bool { return e.Is(wire.TypeData) && client.Same(e.Message, m) }
	all := time.Duration(qos.ClientPolicy.Retries+1)*qos.SweepEvery + longestAge
	lost := s.ExpectEventBy("the event lost", time.Now().Add(all+late), driverapi.EventLost, nil)
	if !slices.Equal(lost.Event.Fingerprints, []string{m.Fingerprint.Value()}) {
		suite.Fail("the event lost with the fingerprint "+m.Fingerprint.Value(), lost.String())
	}
	copies := s.Count(isCopy)
	if copies > qos.ClientPolicy.Retries {
		suite.Failf("at most two further copies", "%d of them", copies)
	}
	for range copies {
		s.Expect("a further copy", time.Now(), isCopy)
	}
	s.Wait(qos.SweepEvery)
}

// retransmission sends a message, acknowledges nothing, and measures what follows.
func retransmission(s *client.Scene) {
	s.Login()
	m := wire.NewQoSData(s.User, s.Unique("v"), "is anybody there?", s.Unique("fp"))
	c := sendCommand(m.To.Value(), m.DataContent.Value(), true, m.Fingerprint)
	s.Do(c)
	first := s.ExpectSame(m)
	expectSent(s)
	copied := func(name string, since time.Time, lower, upper time.Duration) time.Time {
		e := s.ExpectMessageBy(name, since.Add(upper+late), wire.TypeData, nil)
		if string(e.Body) != string(first.Body) {
			suite.Fail(name+" with the same bytes: "+string(first.Body), e.String())
		}
		s.Measure(name, since, e.At, lower, upper)
		return e.At
	}
	second := copied("second copy", first.At, copyAge, longestAge)
	third := copied("third copy", second, qos.SweepEvery, qos.SweepEvery)
	lost := s.ExpectEventBy("the event lost", third.Add(qos.SweepEvery+late), driverapi.EventLost, nil)
	if !slices.Equal(lost.Event.Fingerprints, []string{m.Fingerprint.Value()}) {
		suite.Fail("the event lost with the fingerprint "+m.Fingerprint.Value(), lost.String())
	}
	s.Measure("lost", third, lost.At, qos.SweepEvery, qos.SweepEvery)
	s.Wait(qos.SweepEvery)
}
