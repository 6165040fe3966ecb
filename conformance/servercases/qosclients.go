package servercases

import (
	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// clientToClientCases check messages between users (§4, C → C).
var clientToClientCases = []suite.Case{
	{
		ID:          "qos/c2c-passed-on-unchanged",
		Requirement: "A message between users is passed on unchanged, and acknowledged by the server in the receiver's name.",
		Covers:      []string{"c2c-passed", "c2c-ack", "ack-form", "text-intact"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			passOn(s, a, b, a.User)
		}),
	},
	{
		ID:          "qos/c2c-ack-not-passed-on",
		Requirement: "The receiver's ACK is not passed to the sender.",
		Covers:      []string{"c2c-receipt"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			deliver(s, a, b)
			a.KeepAlive() // and no further ACK comes
			deliver(s, b, a)
		}),
	},
	{
		ID:          "qos/c2c-duplicate-passed-on-again",
		Requirement: "A further copy of a message between users is passed on again and acknowledged again.",
		Covers:      []string{"c2c-copies"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			m := wire.NewQoSData(a.User, b.User, "hi", s.Fingerprint())
			for range 3 {
				deliverMessage(a, b, m)
			}
			a.KeepAlive()
		}),
	},
	{
		ID:          "qos/c2c-without-qos",
		Requirement: "Without QoS a message between users is passed on and not acknowledged.",
		Covers:      []string{"c2c-no-qos"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			deliver(s, a, b)
			m := wire.NewData(a.User, b.User, "hi")
			a.SendUntil(m, b.Gets(m))
			a.KeepAlive()
			b.KeepAlive()
		}),
	},
	{
		ID:          "qos/c2c-to-oneself",
		Requirement: "A message to oneself comes back, and is acknowledged.",
		Covers:      []string{"c2c-oneself"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			m := wire.NewQoSData(p.User, p.User, "note to self", s.Fingerprint())
			deliverMessage(p, p, m)
		}),
	},
	{
		ID:          "qos/c2c-across-transports",
		Requirement: "A user on one transport reaches a user on any other.",
		Covers:      []string{"across-reach"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a := s.Login(s.User("a"))
			for _, t := range s.Target.Transports() {
				b := s.LoginOn(t, s.User("b"))
				passOn(s, a, b, a.User)
				passOn(s, b, a, b.User)
			}
		}),
	},
	{
		ID:          "qos/c2c-reported",
		Requirement: "The application is told of a message between users each time it was written to the receiver.",
		Covers:      []string{"told-c2c", "told-as-sent"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			m := wire.NewQoSData(a.User, b.User, "hi", s.Fingerprint())
			m.UserType = 77
			told := s.Notified(controlapi.EventC2C, server.WithFingerprint(m.Fingerprint.Value())).As(m)
			s.NeverNotified(controlapi.EventOffline, server.WithFingerprint(m.Fingerprint.Value()))
			for range 2 {
				a.SendUntil(m, b.Gets(m), a.Gets(server.ServerACK(m)), told)
				b.SendUnanswered(wire.NewReceived(m))
			}
		}),
	},
}

// passOn sends a message with everything in it that might be lost on the way.
func passOn(s *server.Scene, from, to *server.Peer, sender string) {
	m := wire.NewQoSData(sender, to.User, "<b>\"Grüße\"</b> & 'x=y'\\ \t\u2028 世界 🙂", s.Fingerprint())
	m.UserType = 77
	deliverMessage(from, to, m)
	from.KeepAlive()
}

// offlineCases check messages to a receiver who is not online (§4, C → C).
var offlineCases = []suite.Case{
	{
		ID:          "qos/offline-not-stored",
		Requirement: "A message to a user who is not online, which the application does not store, is not acknowledged.",
		Covers:      []string{"c2c-offline"}, Level: reports.Must, Transports: everywhere, Unless: needs(controlapi.CapabilityBridge),
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			deliver(s, a, b)
			m := wire.NewQoSData(a.User, s.Absent("absent"), "hi", s.Fingerprint())
			s.NeverNotified(controlapi.EventC2C, server.WithFingerprint(m.Fingerprint.Value()))
			a.SendUnanswered(m, s.Notified(controlapi.EventOffline, server.WithFingerprint(m.Fingerprint.Value())))
			a.KeepAlive()
			deliver(s, a, b)
		}),
	},
	{
		ID:          "qos/offline-stored",
		Requirement: "A QoS message to a user who is not online is acknowledged when the application stores it; without QoS it is not.",
		Covers:      []string{"c2c-offline"}, Level: reports.Must, Transports: everywhere, Unless: needs(controlapi.CapabilityBridge),
		Needs: needs(controlapi.CapabilityOfflineStore),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			m := wire.NewQoSData(p.User, s.Target.StoredUser(s.Absent("stored")), "hi", s.Fingerprint())
			acknowledged(p, m)
			p.SendUnanswered(wire.NewData(p.User, m.To.Value(), "hi"))
			p.KeepAlive()
		}),
	},
	{
		ID:          "qos/offline-reported",
		Requirement: "The application is asked about each message to a user who is not online, and what it stored is known.",
		Covers:      []string{"told-offline", "told-as-sent"}, Level: reports.Must, Transports: everywhere, Unless: needs(controlapi.CapabilityBridge),
		Needs: needs(controlapi.CapabilityEvents, controlapi.CapabilityOfflineStore),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			expectOffline(s, p, s.Absent("absent"), 0)
			expectOffline(s, p, s.Target.StoredUser(s.Absent("stored")), 1)
		}),
	},
}

// expectOffline sends two copies of a message to a user who is not online. The
// event's code is 1 for stored, 0 for not.
func expectOffline(s *server.Scene, p *server.Peer, to string, code wire.Code) {
	m := wire.NewQoSData(p.User, to, "hi", s.Fingerprint())
	m.UserType = 77
	asked := s.Notified(controlapi.EventOffline, server.WithFingerprint(m.Fingerprint.Value())).As(m)
	s.NeverNotified(controlapi.EventC2C, server.WithFingerprint(m.Fingerprint.Value()))
	for range 2 {
		if code == 1 {
			acknowledged(p, m, asked)
		} else {
			p.SendUntil(m, asked)
		}
		s.ExpectCode(asked.Event(), code)
	}
	p.KeepAlive()
}
