package servercases

import (
	"slices"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

func qosCases() []suite.Case {
	return slices.Concat(
		clientToServerCases, memoryCases, clientToClientCases, fromCases, offlineCases,
		serverToClientCases, retransmissionCases, vetoCases, stampCases,
	)
}

// clientToServerCases check messages to the server's application (§4, C → S).
var clientToServerCases = []suite.Case{
	{
		ID:          "qos/c2s-acknowledged",
		Requirement: "A QoS message to the server is acknowledged, from \"0\" to its sender, with its fingerprint.",
		Covers:      []string{"c2s-ack", "ack-form"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			p.KeepAlive()
		}),
	},
	{
		ID:          "qos/ack-without-bridge",
		Requirement: "The server's ACK has bridge false, whatever the bridge of the message.",
		Covers:      []string{"ack-form"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			for _, bridge := range []bool{true, false} {
				m := wire.NewQoSData(p.User, wire.ServerID, "hi", s.Fingerprint())
				m.Bridge = bridge
				acknowledged(p, m)
			}
			p.KeepAlive()
		}),
	},
	{
		ID:          "qos/c2s-duplicate-acknowledged-again",
		Requirement: "Every copy of a QoS message to the server is acknowledged.",
		Covers:      []string{"c2s-ack"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			m := wire.NewQoSData(p.User, wire.ServerID, "hi", s.Fingerprint())
			for range 3 {
				acknowledged(p, m)
			}
			p.KeepAlive()
		}),
	},
	{
		ID:          "qos/c2s-seen-once",
		Requirement: "The server's application sees each fingerprint once.",
		Covers:      []string{"c2s-once", "told-c2s", "told-as-sent"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run:   server.Func(applicationSeesOnce),
	},
	{
		ID:          "qos/c2s-without-qos",
		Requirement: "Without QoS a message to the server is not acknowledged.",
		Covers:      []string{"c2s-no-qos"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			p.SendUnanswered(wire.NewData(p.User, wire.ServerID, "hi"))
			p.KeepAlive()
			handOver(s, p)
		}),
	},
	{
		ID:          "qos/c2s-without-qos-seen-every-time",
		Requirement: "Without QoS there is no dedup: the application sees every copy.",
		Covers:      []string{"c2s-no-qos"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run:   server.Func(applicationSeesEveryCopy),
	},
	{
		ID:          "qos/c2s-without-fingerprint",
		Requirement: "A QoS message to the server without a fingerprint closes the session.",
		Covers:      []string{"c2s-nameless", "told-logout"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			m := wire.NewData(p.User, wire.ServerID, s.Fingerprint())
			m.QoS = true
			s.NeverNotified(controlapi.EventC2S, server.WithContent(m.DataContent.Value()))
			s.NotifiedOnce(controlapi.EventLogout, withCode(p.User, notKicked))
			p.EndWith(m.Append(nil))
			s.WaitForEffects() // else the session might be replaced before its end takes effect
			s.Login(p.User)
		}),
	},
}

// How long fingerprints are remembered (§4), and the margin that a case keeps to the
// end of that time.
const (
	memory      = qos.DedupMemory
	memorySweep = qos.DedupSweep
	clearOfEnd  = 10 * time.Second
)

// memoryCases take as long as the memory of fingerprints lasts.
var memoryCases = []suite.Case{
	{
		ID:          "qos/c2s-remembered",
		Requirement: "A fingerprint is remembered for 10 minutes after its last copy.",
		Covers:      []string{"c2s-memory"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents), LongWait: 2 * memory,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			loop, m := s.StartKeepAlives(p), handOver(s, p)
			for range 2 { // the second time counts from a copy that was not the first
				loop.WaitUntil(time.Now().Add(memory - clearOfEnd))
				acknowledged(p, m)
			}
			s.NotifiedOnce(controlapi.EventC2S, server.WithFingerprint(m.Fingerprint.Value()))
		}),
	},
	{
		ID:          "qos/c2s-forgotten",
		Requirement: "A fingerprint is forgotten when 10 minutes have passed since its last copy, with the sweep of every 5 minutes.",
		Covers:      []string{"c2s-memory"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents), LongWait: memory + memorySweep + clearOfEnd,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			m := wire.NewQoSData(p.User, wire.ServerID, "for the application", s.Fingerprint())
			loop, first := s.StartKeepAlives(p), s.NotifiedOnce(controlapi.EventC2S, server.WithFingerprint(m.Fingerprint.Value()))
			acknowledged(p, m, first)
			loop.WaitUntil(time.Now().Add(memory + memorySweep + clearOfEnd))
			first.Again()
			acknowledged(p, m, first)
		}),
	},
}

// applicationSeesOnce sends copies a second apart: a server must remember a
// fingerprint for longer than a burst.
func applicationSeesOnce(s *server.Scene) {
	p := s.Login(s.User("u"))
	m := wire.NewQoSData(p.User, wire.ServerID, "<for> the application", s.Fingerprint())
	m.UserType = 77
	told := s.NotifiedOnce(controlapi.EventC2S, server.WithFingerprint(m.Fingerprint.Value())).As(m)
	acknowledged(p, m, told)
	for range 2 {
		s.Wait(time.Second)
		acknowledged(p, m, told)
	}
}

func applicationSeesEveryCopy(s *server.Scene) {
	p := s.Login(s.User("u"))
	m := wire.NewData(p.User, wire.ServerID, "hi")
	m.Fingerprint = wire.Some(s.Fingerprint())
	told := s.Notified(controlapi.EventC2S, server.WithFingerprint(m.Fingerprint.Value())).As(m)
	p.SendUntil(m, told)
	p.SendUntil(m, told)
	p.KeepAlive() // and no ACK comes of it
}
