package servercases

import (
	"time"

	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// serverToClientCases check how messages of the application reach a user
// (§4, S → C).
var serverToClientCases = []suite.Case{
	{
		ID:          "qos/s2c-delivered",
		Requirement: "A message of the application arrives from \"0\", with its fingerprint and user type.",
		Covers:      []string{"s2c"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityS2C),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			for _, userType := range []int32{-1, 0, 77} {
				m := push(s, p, userType)
				p.SendUnanswered(wire.NewReceived(m))
			}
			p.KeepAlive()
		}),
	},
	{
		ID:          "qos/s2c-to-takeover",
		Requirement: "A message of the application goes to the session that has taken over.",
		Covers:      []string{"old-logged-in", "s2c"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityS2C),
		Run: server.Func(func(s *server.Scene) {
			old := loginFirst(s)
			old.SendUnanswered(wire.NewReceived(push(s, old, 1)))
			fresh, _ := s.LoginAt(s.Transport, old.User, storedTime)
			fresh.KeepAlive()
			fresh.SendUnanswered(wire.NewReceived(push(s, fresh, 2)))
			fresh.KeepAlive()
			old.Probe() // and nothing comes to it
		}),
	},
	{
		ID:          "qos/s2c-ack-reported",
		Requirement: "Each ACK of a client is reported to the application.",
		Covers:      []string{"told-received"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityS2C, controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			m := push(s, p, -1)
			s.Wait(reliableACK)
			told := s.Notified(controlapi.EventReceived, server.WithFingerprint(m.Fingerprint.Value()))
			told.NotYet()
			for range 2 {
				p.SendUntil(wire.NewReceived(m), told)
			}
			s.NeverNotified(controlapi.EventReceived, func(e target.Event) bool {
				return e.User == p.User && e.Fingerprint != m.Fingerprint.Value()
			})
			p.KeepAlive()
		}),
	},
	{
		ID:          "qos/s2c-without-qos",
		Requirement: "Without QoS a message of the application is sent once.",
		Covers:      []string{"s2c"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityS2C),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			loop := s.StartKeepAlives(p)
			m := wire.NewData(wire.ServerID, p.User, "news")
			copied := p.Gets(m)
			s.PushUntil(m, copied)
			loop.WaitUntil(copied.At().Add(latestCopy))
		}),
	},
}

// push has the application send a QoS message, which arrives as it is.
func push(s *server.Scene, p *server.Peer, userType int32) wire.Message {
	m := wire.NewQoSData(wire.ServerID, p.User, "<news> & 世界", s.Fingerprint())
	m.UserType = userType
	s.PushUntil(m, p.Gets(m))
	return m
}

// vetoCases check that the application may stop a message before it counts (§5).
var vetoCases = []suite.Case{
	{
		ID:          "qos/c2s-vetoed",
		Requirement: "A message to the server that the application vetoes is not acknowledged.",
		Covers:      []string{"veto"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVeto),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			p.SendUnanswered(wire.NewQoSData(p.User, wire.ServerID, s.Target.VetoedContent("no"), s.Fingerprint()))
			p.KeepAlive()
			handOver(s, p)
		}),
	},
	{
		ID:          "qos/c2s-vetoed-without-fingerprint",
		Requirement: "A QoS message to the server without a fingerprint that the application vetoes does not close the session.",
		Covers:      []string{"veto", "c2s-nameless"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVeto),
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			handOver(s, p)
			m := wire.NewData(p.User, wire.ServerID, s.Target.VetoedContent("no"))
			m.QoS = true
			p.SendUnanswered(m)
			p.KeepAlive()
			handOver(s, p)
		}),
	},
	{
		ID:          "qos/c2c-vetoed",
		Requirement: "A message between users that the application vetoes is neither delivered nor acknowledged.",
		Covers:      []string{"veto"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVeto),
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			deliver(s, a, b)
			a.SendUnanswered(wire.NewQoSData(a.User, b.User, s.Target.VetoedContent("no"), s.Fingerprint()))
			a.KeepAlive()
			b.KeepAlive()
			deliver(s, a, b)
		}),
	},
	{
		ID:          "qos/vetoed-not-reported",
		Requirement: "A message that the application vetoed is reported neither as c2s nor as c2c, and not offered for storing.",
		Covers:      []string{"veto"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityVeto, controlapi.CapabilityEvents),
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			toServer := wire.NewQoSData(a.User, wire.ServerID, s.Target.VetoedContent("no"), s.Fingerprint())
			toUser := wire.NewQoSData(a.User, b.User, s.Target.VetoedContent("no"), s.Fingerprint())
			toAbsent := wire.NewQoSData(a.User, s.Absent("absent"), s.Target.VetoedContent("no"), s.Fingerprint())
			a.SendUnanswered(toServer)
			a.SendUnanswered(toUser)
			a.SendUnanswered(toAbsent)
			a.KeepAlive()
			m := wire.NewQoSData(a.User, wire.ServerID, "for the application", s.Fingerprint())
			acknowledged(a, m, s.NotifiedOnce(controlapi.EventC2S, server.WithFingerprint(m.Fingerprint.Value())))
			neverHeardOf(s, toServer)
			neverHeardOf(s, toUser)
			neverHeardOf(s, toAbsent)
		}),
	},
}

var stampCases = []suite.Case{
	{
		ID:          "qos/stamp",
		Requirement: "A server that stamps puts its clock into every message that it sends.",
		Covers:      []string{"stamp"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityStamp),
		Run:   server.Func(everythingIsStamped),
	},
	{
		ID:          "qos/stamp-of-retransmission",
		Requirement: "A retransmission gets a fresh stamp.",
		Covers:      []string{"stamp-fresh"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityStamp),
		Run:   server.Func(retransmissionIsStampedAfresh),
	},
}

// stampSlack bounds the distance of the stamps of one case from the first login time
// that the same server gave, in ms.
const stampSlack = 5000

// everythingIsStamped makes the server send each of its types that a client can
// ask for.
func everythingIsStamped(s *server.Scene) {
	p := s.Connect("u")
	p.User = s.User("u")
	steps := []struct {
		send   wire.Message
		answer wire.Type
	}{
		{p.LoginMessage(0), wire.TypeLoginResponse},
		{wire.NewKeepAlive(p.User), wire.TypeKeepAliveResponse},
		{wire.NewEcho(p.User, "x"), wire.TypeEchoResponse},
		{wire.NewQoSData(p.User, wire.ServerID, "x", s.Fingerprint()), wire.TypeReceived},
		{wire.NewData(p.User, p.User, "x"), wire.TypeData},
	}
	var clock int64 // the server's, when the user logged in
	for _, step := range steps {
		answer := p.GetsType(step.answer)
		p.SendUntil(step.send, answer)
		m := answer.Message()
		if m.Type == wire.TypeLoginResponse {
			body, err := wire.ParseLoginResponse(m.DataContent.Value())
			s.Expect(err).NotTo(gomega.HaveOccurred(), "content of the login response")
			clock = body.FirstLoginTime
		}
		s.Expect(m.ServerTime).To(gomega.BeNumerically("~", clock, stampSlack), "sm of a message of type %v", m.Type)
	}
	stranger := s.Connect("stranger")
	refusal := stranger.GetsType(wire.TypeErrorResponse)
	stranger.SendUntil(wire.NewKeepAlive("stranger"), refusal)
	stranger.AllowEnd()
	s.Expect(refusal.Message().ServerTime).To(
		gomega.BeNumerically("~", clock, stampSlack), "sm of an error response")
}

func retransmissionIsStampedAfresh(s *server.Scene) {
	a, b := twoUsers(s)
	loop := s.StartKeepAlives(a, b)
	first, at := sendUnacknowledged(s, a, b)
	second, _ := loop.MeasureMessage(b, first, "second copy", at, earliestCopy, latestCopy)
	// By the server's clock alone: when the copies came has been measured already.
	apart := second.ServerTime - first.ServerTime
	slack := max(s.Tolerance, time.Millisecond).Milliseconds()
	s.Expect(apart).To(gomega.BeNumerically(">=", earliestCopy.Milliseconds()-slack), "ms between the stamps of two copies")
	s.Expect(apart).To(gomega.BeNumerically("<=", latestCopy.Milliseconds()+stampSlack), "ms between the stamps of two copies")
	b.SendUnanswered(wire.NewReceived(first))
	b.KeepAlive()
}
