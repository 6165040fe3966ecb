package servercases

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/broker"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// bridgeCases check the bridge to another server (§6), of which the tester is the far end.
func bridgeCases() []suite.Case { return slices.Concat(publishedCases, carriedCases) }

// bridgeCase makes a case of a requirement.
func bridgeCase(id, asks, covers string, run func(*server.Scene), more ...controlapi.Capability) suite.Case {
	return suite.Case{
		ID: "bridge/" + id, Requirement: asks, Covers: []string{covers}, Level: reports.Must, Transports: everywhere,
		Needs: needs(append([]controlapi.Capability{controlapi.CapabilityBridge}, more...)...), Run: server.Func(run),
	}
}

// publishedCases check what goes out.
var publishedCases = []suite.Case{
	bridgeCase("published", "A message between users whose receiver is not online here is published as it was sent, whatever characters it has.", "bridge-body", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		m := remote(s, a, "<b>\"Grüße\"</b> & 'x=y'\\ \t\u2028 世界 🙂")
		m.UserType = 77
		publish(s, a, m)
	}),
	bridgeCase("published-properties", "A body on the bridge is persistent and of content type text/plain.", "bridge-body", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		d := publish(s, a, remote(s, a, "hi")).Delivery()
		s.Expect(d.Persistent).To(gomega.BeTrue(), "the body is persistent")
		s.Expect(d.ContentType).To(gomega.Equal(broker.ContentType), "content type of the body")
	}),
	bridgeCase("published-acknowledged", "A QoS message that was published is acknowledged to its sender, in the receiver's name.", "bridge-published", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		acknowledged(a, remote(s, a, "hi"))
	}),
	bridgeCase("published-without-qos", "A message without QoS is published and not acknowledged.", "bridge-published", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		publish(s, a, remote(s, a, "hi"))
		m := wire.NewData(a.User, s.Absent("remote"), s.Unique("no ACK"))
		m.Fingerprint = wire.Some(s.Fingerprint())
		a.SendUntil(m, s.Published(m))
		a.KeepAlive()
	}),
	bridgeCase("published-with-bridge-flag", "A message that has the bridge flag already is published too, and its ACK has none.", "bridge-published", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		m := remote(s, a, "hi")
		m.Bridge = true
		publish(s, a, m)
	}),
	bridgeCase("copy-not-published", "A further copy of a message that was published is acknowledged and not published again.", "bridge-copies", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		m := remote(s, a, "hi")
		once := s.PublishedOnce(m)
		for range 3 {
			acknowledged(a, m, once)
		}
	}),
	bridgeCase("copies-without-qos", "Copies of a message without QoS are published each.", "bridge-copies", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		m := wire.NewData(a.User, s.Absent("remote"), s.Unique("again"))
		m.Fingerprint = wire.Some(s.Fingerprint())
		each := s.Published(m)
		for range 3 {
			a.SendUntil(m, each)
		}
	}),
	bridgeCase("online-not-published", "A message to a user who is online here is not published.", "bridge-published", func(s *server.Scene) {
		a, b := twoUsers(s)
		publish(s, a, remote(s, a, "hi"))
		m := wire.NewQoSData(a.User, b.User, "hi", s.Fingerprint())
		s.NeverPublished(m)
		deliverMessage(a, b, m)
		publish(s, a, remote(s, a, "hi"))
	}),
	bridgeCase("published-not-offered", "The application is not asked to store a message that was published.", "bridge-published", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		m := remote(s, a, "hi")
		s.NeverNotified(controlapi.EventOffline, server.WithFingerprint(m.Fingerprint.Value()))
		s.NeverNotified(controlapi.EventC2C, server.WithFingerprint(m.Fingerprint.Value()))
		publish(s, a, m)
	}, controlapi.CapabilityEvents),
	bridgeCase("stored-user-published", "A message is published also when the application would store it.", "bridge-published", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		publish(s, a, wire.NewQoSData(a.User, s.Target.StoredUser(s.Absent("stored")), "hi", s.Fingerprint()))
	}, controlapi.CapabilityOfflineStore),
	bridgeCase("vetoed-not-published", "A message that the application vetoes is not published.", "veto", func(s *server.Scene) {
		a := s.Login(s.User("a"))
		publish(s, a, remote(s, a, "hi"))
		m := remote(s, a, s.Target.VetoedContent("no"))
		s.NeverPublished(m)
		a.SendUnanswered(m)
		a.KeepAlive()
		publish(s, a, remote(s, a, "hi"))
	}, controlapi.CapabilityVeto),
	bridgeCase("receipt-not-published", "A client's ACK of a message from the bridge is not published.", "bridge-ack", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		m := carry(s, b, "hi")
		ack := wire.NewReceived(m)
		s.NeverPublished(ack)
		publish(s, b, remote(s, b, "hi"))
	}),
}

// carriedCases check what comes in.
var carriedCases = []suite.Case{
	bridgeCase("delivered", "A message from the bridge is delivered with QoS and bridge set, whatever it said.", "bridge-delivered", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		m := carried(s, b, "<b>\"Grüße\"</b> & 'x=y' 世界 🙂")
		m.UserType = 77
		carryMessage(s, b, m)
	}),
	bridgeCase("queue-found", "The server consumes the queue q_web2app within 6 s after it is there.", "bridge-queues", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		carry(s, b, "is anybody there?")
	}),
	bridgeCase("consumed-for-good", "What was consumed is acknowledged to the broker: a hundred messages and more arrive.", "bridge-once", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		for n := range 120 {
			carry(s, b, fmt.Sprint("message ", n))
		}
	}),
	bridgeCase("piled-up", "A hundred messages that pile up in the queue all arrive, on a stream in its order.", "bridge-order", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		pile, copies, wants := pileOf(s, b, 100)
		s.CarryAllUntil(pile, wants...)
		for n, m := range pile {
			if n > 0 && s.Transport.Connected() && copies[n].Before(copies[n-1]) {
				suite.Fail(fmt.Sprintf("message %d of the pile after message %d", n, n-1), "it came before")
			}
			b.SendUnanswered(wire.NewReceived(asDelivered(m)))
		}
	}),
	bridgeCase("receipt-ends-here", "The receiver's ACK of a message from the bridge ends its retransmission.", "bridge-ack", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		loop := s.StartKeepAlives(b)
		m := carried(s, b, "hi")
		arrived := b.Gets(asDelivered(m))
		s.CarryUntil(m, arrived)
		loop.WaitUntil(arrived.At().Add(reliableACK))
		b.SendUnanswered(wire.NewReceived(asDelivered(m)))
		s.ExpectEveryCopy(m)
		loop.WaitUntil(arrived.At().Add(latestCopy))
	}),
	bridgeCase("delivered-again", "A message from the bridge that its receiver does not acknowledge is sent again exactly once, 2 to 7 s after the first copy.", "bridge-delivered", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		loop := s.StartKeepAlives(b)
		m, first := firstCopy(s, b, func() wire.Message {
			m := carried(s, b, "are you there?")
			s.Carry(m.String())
			return asDelivered(m)
		})
		loop.MeasureMessage(b, m, "second copy", first, earliestCopy, latestCopy)
	}),
	bridgeCase("delivered-reported", "The application is told of a delivery from the bridge as of one between users here.", "told-c2c", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		m := carried(s, b, "hi")
		told := s.Notified(controlapi.EventC2C, server.WithFingerprint(m.Fingerprint.Value())).As(m)
		carryMessage(s, b, m, told)
	}, controlapi.CapabilityEvents),
	bridgeCase("absent-offered", "A message from the bridge whose receiver is not online goes to the application, and not back to the bridge.", "bridge-offline", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		for to, code := range map[string]wire.Code{s.Absent("absent"): 0, s.Target.StoredUser(s.Absent("stored")): 1} {
			m := wire.NewQoSData("remote", to, "hi", s.Fingerprint())
			s.NeverPublished(asDelivered(m))
			asked := s.Notified(controlapi.EventOffline, server.WithFingerprint(m.Fingerprint.Value())).As(m)
			s.CarryUntil(m, asked)
			s.ExpectCode(asked.Event(), code)
		}
		carry(s, b, "hi")
	}, controlapi.CapabilityEvents, controlapi.CapabilityOfflineStore),
	bridgeCase("rubbish-dropped", "A body that is not JSON is dropped, and the next message still arrives.", "bridge-not-json", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		carry(s, b, "before")
		for _, body := range []string{"rubbish " + s.Unique("x"), "", "[1]", "null", `{"type":"x"}`} {
			s.Carry(body)
		}
		carry(s, b, "after")
	}),
	bridgeCase("vetoed-content-delivered", "The application is not asked before a message from the bridge is delivered.", "bridge-delivered", func(s *server.Scene) {
		b := s.Login(s.User("b"))
		carry(s, b, s.Target.VetoedContent("yes"))
	}, controlapi.CapabilityVeto),
}

// remote is a QoS message to a user who is not online here.
func remote(s *server.Scene, from *server.Peer, content string) wire.Message {
	return wire.NewQoSData(from.User, s.Absent("remote"), content, s.Fingerprint())
}

// publish sends a QoS message that has to be published once and acknowledged.
func publish(s *server.Scene, from *server.Peer, m wire.Message) *server.PublishedWant {
	once := s.PublishedOnce(m)
	acknowledged(from, m, once)
	return once
}

// carried is a message of a remote user that says nothing of QoS, bridge and stamp.
func carried(s *server.Scene, to *server.Peer, content string) wire.Message {
	m := wire.NewData("remote", to.User, content)
	m.Fingerprint, m.ServerTime = wire.Some(s.Fingerprint()), 0
	return m
}

// asDelivered is a message from the bridge as its receiver gets it.
func asDelivered(m wire.Message) wire.Message {
	m.QoS, m.Bridge = true, true
	return m
}

// pileOf returns messages of the bridge to a user, and the copies that the user gets, which
// are all that is wanted.
func pileOf(s *server.Scene, to *server.Peer, size int) (pile []wire.Message, copies []*server.MessageWant, wants []server.Want) {
	for n := range size {
		m := carried(s, to, fmt.Sprint("message ", n))
		got := to.Gets(asDelivered(m))
		pile, copies, wants = append(pile, m), append(copies, got), append(wants, got)
	}
	return pile, copies, wants
}

// carry has a message delivered over the bridge, and acknowledges it.
func carry(s *server.Scene, to *server.Peer, content string) wire.Message {
	return carryMessage(s, to, carried(s, to, content))
}

func carryMessage(s *server.Scene, to *server.Peer, m wire.Message, wants ...server.Want) wire.Message {
	got := asDelivered(m)
	s.CarryUntil(m, append([]server.Want{to.Gets(got)}, wants...)...)
	to.SendUnanswered(wire.NewReceived(got))
	return got
}
