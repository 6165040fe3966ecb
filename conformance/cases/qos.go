package cases

import (
	"slices"
	"time"

	"github.com/onsi/gomega"

	"imcheck/conformance"
	"imcheck/harness/target"
	"imcheck/harness/wire"
)

func qosCases() []conformance.Case {
	return slices.Concat(
		clientToServerCases, clientToClientCases, offlineCases,
		serverToClientCases, retransmissionCases, vetoCases, stampCases,
	)
}

// clientToServerCases hold what happens to a message for the server's
// application (§4, C → S).
var clientToServerCases = []conformance.Case{
	{
		ID:          "qos/c2s-acknowledged",
		Requirement: "A QoS message to the server is acknowledged, from \"0\" to its sender, with its fingerprint.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			p.KeepAlive()
		},
	},
	{
		ID:          "qos/c2s-acknowledged-to-from",
		Requirement: "The ACK is addressed to the from of the message, also when that is not the user of the login.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			a, b := twoUsers(s)
			m := wire.NewQoSData(b.User, wire.ServerID, "hi", s.Fingerprint())
			a.Send(m)
			a.Expect(wire.NewReceived(m))
			b.KeepAlive()
			a.KeepAlive()
		},
	},
	{
		ID:          "qos/c2s-duplicate-acknowledged-again",
		Requirement: "Every copy of a QoS message to the server is acknowledged.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			m := wire.NewQoSData(p.User, wire.ServerID, "hi", s.Fingerprint())
			for range 3 {
				p.Send(m)
				p.Expect(wire.NewReceived(m))
			}
			p.KeepAlive()
		},
	},
	{
		ID:          "qos/c2s-seen-once",
		Requirement: "The server's application sees each fingerprint once.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Needs: []string{target.CapabilityEvents},
		Run:   applicationSeesOnce,
	},
	{
		ID:          "qos/c2s-without-qos",
		Requirement: "Without QoS a message to the server is not acknowledged.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			p.Send(wire.NewData(p.User, wire.ServerID, "hi"))
			p.KeepAlive()
			handOver(s, p)
		},
	},
	{
		ID:          "qos/c2s-without-qos-seen-every-time",
		Requirement: "Without QoS there is no dedup: the application sees every copy.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Needs: []string{target.CapabilityEvents},
		Run:   applicationSeesEveryCopy,
	},
	{
		ID:          "qos/c2s-without-fingerprint",
		Requirement: "A QoS message to the server without a fingerprint closes the session.",
		Section:     "§4 C → S", Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			m := wire.NewData(p.User, wire.ServerID, "hi")
			m.QoS = true
			p.Send(m)
			p.ExpectEnded()
			s.Login(p.User)
		},
	},
}

// applicationSeesOnce sends copies a second apart: a server must remember a
// fingerprint for longer than a burst.
func applicationSeesOnce(_ gomega.Gomega, s *conformance.Scene) {
	p := s.Login(s.User("u"))
	m := handOver(s, p)
	for range 2 {
		s.Wait(time.Second)
		p.Send(m)
		p.Expect(wire.NewReceived(m))
	}
	expectSeen(s, handOver(s, p))
	s.ExpectEventCount(1, target.EventC2S, conformance.Naming(m.Fingerprint.Value()))
}

func applicationSeesEveryCopy(_ gomega.Gomega, s *conformance.Scene) {
	p := s.Login(s.User("u"))
	m := wire.NewData(p.User, wire.ServerID, "hi")
	m.Fingerprint = wire.Some(s.Fingerprint())
	p.Send(m)
	p.Send(m)
	p.KeepAlive() // and no ACK before it
	expectSeen(s, handOver(s, p))
	s.ExpectEventCount(2, target.EventC2S, conformance.Naming(m.Fingerprint.Value()))
}

// expectSeen waits until the application has seen a message, and with it
// everything that the same session sent before.
func expectSeen(s *conformance.Scene, m wire.Message) {
	s.ExpectEvent(target.EventC2S, conformance.Naming(m.Fingerprint.Value()))
}
