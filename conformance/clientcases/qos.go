package clientcases

import (
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var qosCases = []suite.Case{
	must("qos/ack-to-server", "s2c-receipt", "A QoS message of the server is shown, and acknowledged from the user to \"0\".", everywhere,
		func(s *client.Scene) { exchange(s, s.Login(), fromServer(s)) }),
	must("qos/ack-to-user", "client-ack-bridge", "A QoS message of another user is shown, and acknowledged from the user to that one.", everywhere,
		func(s *client.Scene) { exchange(s, s.Login(), fromUser(s)) }),
	must("qos/ack-bridge", "client-ack-bridge", "The ACK of a message that has crossed a bridge has bridge true.", everywhere,
		func(s *client.Scene) {
			m := fromUser(s)
			m.Bridge = true
			exchange(s, s.Login(), m)
		}),
	must("qos/no-qos", "client-no-qos", "A message without QoS is shown and not acknowledged.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewData(s.Unique("v"), s.User, "no need to answer")
			l.Send(m)
			expectShown(s, m)
		}),
	must("qos/no-qos-with-fingerprint", "client-no-qos", "A message without QoS is not acknowledged even if it has a fingerprint.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewData(wire.ServerID, s.User, "no need to answer")
			m.Fingerprint = wire.Some(s.Unique("fp"))
			l.Send(m)
			s.ExpectEvent("the event message", driverapi.EventMessage, func(e driverapi.Event) bool { return e.DataContent == m.DataContent })
		}),
	must("qos/many", "s2c-receipt", "Fifty QoS messages that come at once are each shown and acknowledged once.", streams,
		func(s *client.Scene) {
			l := s.Login()
			var all []wire.Message
			for range 50 {
				m := fromServer(s)
				all = append(all, m)
				l.Send(m)
			}
			for _, m := range all {
				s.ExpectSame(wire.NewReceived(m))
				expectShown(s, m)
			}
		}),
	must("qos/duplicate", "client-dedup", "Further copies of a QoS message are acknowledged and not shown.", everywhere,
		func(s *client.Scene) {
			l, m := s.Login(), fromUser(s)
			exchange(s, l, m)
			for range 2 {
				l.Send(m)
				s.ExpectSame(wire.NewReceived(m))
			}
		}),
	must("qos/duplicate-after-login", "client-dedup", "A copy that comes after a new login of the client is not shown.", streams,
		func(s *client.Scene) {
			l, m := s.Login(), fromUser(s)
			exchange(s, l, m)
			s.AllowEvents(driverapi.EventLinkClose)
			at := l.Reset()
			again := s.AcceptAgain(lasting(s, s.ExpectLoginBy("a login", at.Add(s.GiveUp()+2*late))))
			again.Send(m)
			s.ExpectSame(wire.NewReceived(m))
		}),
	must("qos/forgotten-at-logout", "client-memory", "A fingerprint that was received before a logout is shown again after it.", everywhere,
		func(s *client.Scene) {
			m := fromServer(s)
			l := s.Login()
			m.To = wire.Some(s.User)
			exchange(s, l, m)
			s.Wait(s.SettleTime()) // a login in such an instant may be lost (§8), and so below
			s.Over()
			s.Do(driverapi.Command{Do: driverapi.ActionLogout})
			s.ExpectMessage("a logout", wire.TypeLogout, nil)
			s.Wait(s.SettleTime())
			s.LoginAgain()
			l = s.Accept(s.ExpectLogin())
			s.ExpectLoginReported(wire.CodeOK)
			exchange(s, l, m)
		}),
	{
		ID: "qos/memory", Requirement: "A fingerprint is known for 10 minutes after its last copy, and forgotten within 5 more.",
		Covers: []string{"client-memory"}, Level: reports.Must, Transports: everywhere,
		LongWait: 2*qos.DedupMemory + 2*qos.DedupSweep,
		Run: client.Func(func(s *client.Scene) {
			l, m := s.Login(), fromUser(s)
			exchange(s, l, m)
			s.Wait(qos.DedupMemory - 10*time.Second)
			l.Send(m)
			s.ExpectSame(wire.NewReceived(m))
			s.ExpectNothingElse()
			s.Wait(qos.DedupMemory + qos.DedupSweep + 10*time.Second)
			exchange(s, l, m)
		}),
	},
}

// fromServer and fromUser return a QoS message for the client.
func fromServer(s *client.Scene) wire.Message {
	return wire.NewQoSData(wire.ServerID, s.User, s.Unique("text"), s.Unique("fp"))
}

func fromUser(s *client.Scene) wire.Message {
	return wire.NewQoSData(s.Unique("v"), s.User, s.Unique("text"), s.Unique("fp"))
}

// exchange sends a QoS message, which the client has to acknowledge and to show, in
// whatever order.
func exchange(s *client.Scene, l *client.Link, m wire.Message) {
	m.To = wire.Some(s.User)
	l.Send(m)
	s.ExpectSame(wire.NewReceived(m))
	expectShown(s, m)
}
