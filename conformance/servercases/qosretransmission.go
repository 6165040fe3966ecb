package servercases

import (
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// When the second copy of an unacknowledged message comes, counted from the
// first (§4).
const (
	earliestCopy = server.EarliestCopy
	latestCopy   = server.LatestCopy
)

// retransmissionCases check the server's retransmission (§4).
var retransmissionCases = []suite.Case{
	{
		ID:          "qos/c2c-retransmitted-once",
		Requirement: "A message that its receiver does not acknowledge is sent again exactly once, unchanged, 2 to 7 s after the first copy.",
		Covers:      []string{"retransmitted", "told-c2c"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			loop := s.StartKeepAlives(a, b)
			m, first := sendUnacknowledged(s, a, b)
			s.NotifiedOnce(controlapi.EventC2C, server.WithFingerprint(m.Fingerprint.Value())) // for the first copy
			_, second := loop.MeasureMessage(b, m, "second copy", first, earliestCopy, latestCopy)
			loop.WaitUntil(second.Add(qos.SweepEvery)) // when a third one would have come
		}),
	},
	{
		ID:          "qos/c2c-ack-stops-retransmission",
		Requirement: "The receiver's ACK stops the server's retransmission, when it comes half a second after the message.",
		Covers:      []string{"ack-stops"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			peers := s.LoginAll(s.User("a"), s.User("b"), s.User("control"))
			ackStopsRetransmission(s, peers[0], peers[1], peers[1], peers[2])
		}),
	},
	{
		ID:          "qos/c2c-ack-from-another-session",
		Requirement: "An ACK stops the retransmission whichever session that is logged in it comes from.",
		Covers:      []string{"ack-stops"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			peers := s.LoginAll(s.User("a"), s.User("b"), s.User("c"), s.User("control"))
			ackStopsRetransmission(s, peers[0], peers[1], peers[2], peers[3])
		}),
	},
	{
		ID:          "qos/c2c-without-qos-sent-once",
		Requirement: "Without QoS a message between users is sent once, also when it has a fingerprint.",
		Covers:      []string{"c2c-no-qos"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			loop := s.StartKeepAlives(a, b)
			m := wire.NewData(a.User, b.User, "hi")
			m.Fingerprint = wire.Some(s.Fingerprint())
			copied := b.Gets(m)
			a.SendUntil(m, copied)
			loop.WaitUntil(copied.At().Add(latestCopy))
		}),
	},
	{
		ID:          "qos/c2c-retransmitted-to-takeover",
		Requirement: "The second copy goes to the session that is registered for the user by then.",
		Covers:      []string{"retransmitted-where"}, Relies: []string{"equal-takes-over"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(retransmittedToTakeover),
	},
	{
		ID:          "qos/c2c-lost-reported",
		Requirement: "A message between users that its receiver does not acknowledge is reported as lost, one that is acknowledged is not.",
		Covers:      []string{"lost", "told-lost"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Run:   server.Func(clientMessageLost),
	},
	{
		ID:          "qos/s2c-retransmitted-once-then-lost",
		Requirement: "A message of the application that is not acknowledged is sent again exactly once, 2 to 7 s after the first copy, and reported as lost 5 s after the second.",
		Covers:      []string{"retransmitted", "lost", "told-lost"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityS2C, controlapi.CapabilityEvents),
		Run:   server.Func(retransmittedThenLost),
	},
}

// sendUnacknowledged has a QoS message delivered that the receiver does not
// acknowledge, and returns it with the time of its first copy. A message that got
// lost is not repeated, which would be another copy: the next one has a fingerprint
// of its own.
func sendUnacknowledged(s *server.Scene, from, to *server.Peer) (wire.Message, time.Time) {
	return firstCopy(s, to, func() wire.Message {
		m := wire.NewQoSData(from.User, to.User, "are you there?", s.Fingerprint())
		from.Send(m)
		from.Allow(1, server.ServerACK(m))
		return m
	})
}

// firstCopy has messages sent until one arrives, and returns that one. Others may
// arrive later, and again, as nobody acknowledges them.
func firstCopy(s *server.Scene, to *server.Peer, send func() wire.Message) (wire.Message, time.Time) {
	var sent []wire.Message
	arrived := s.FirstToArrive(to, func() wire.Message {
		sent = append(sent, send())
		return sent[len(sent)-1]
	})
	m := arrived.Message()
	for _, other := range sent {
		if other.Fingerprint != m.Fingerprint {
			to.Allow(2, other)
		}
	}
	s.ExpectEveryCopy(m)
	return m, arrived.At()
}

// ackStopsRetransmission watches for a second copy for as long as one might
// come. A message that nobody acknowledges shows that this server does send
// one.
func ackStopsRetransmission(s *server.Scene, from, to, acknowledging, control *server.Peer) {
	peers := []*server.Peer{from, to, control}
	if acknowledging != to {
		peers = append(peers, acknowledging)
	}
	loop := s.StartKeepAlives(peers...)
	m, first := sendUnacknowledged(s, from, to)
	acknowledgeInTime(s, acknowledging, m, first)
	acknowledging.KeepAlive()

	other, otherFirst := sendUnacknowledged(s, from, control)
	loop.MeasureMessage(control, other, "second copy of a message that nobody acknowledges", otherFirst, earliestCopy, latestCopy)
	control.SendUnanswered(wire.NewReceived(other))
	loop.WaitUntil(first.Add(latestCopy))
}

// reliableACK is the time after a message from which on its ACK is always noticed: a server
// notes a message for retransmission just after it has written it (§7).
const reliableACK = 500 * time.Millisecond

// acknowledgeInTime acknowledges a message late enough for the ACK to be found,
// and early enough for it to stop the retransmission.
func acknowledgeInTime(s *server.Scene, p *server.Peer, m wire.Message, first time.Time, told ...*server.EventWant) {
	s.WaitUntil(first.Add(reliableACK))
	p.SendUnanswered(wire.NewReceived(m), told...)
}

// retransmittedToTakeover takes the receiver over, by a login with the same
// first login time, between the two copies.
func retransmittedToTakeover(s *server.Scene) {
	sender, old := s.Login(s.User("sender")), loginFirst(s)
	m, first := sendUnacknowledged(s, sender, old)
	old.AllowEnd() // it expires
	fresh, _ := s.LoginAt(s.Transport, old.User, storedTime)
	fresh.KeepAlive()
	sender.KeepAlive() // it has been silent since its message
	s.StartKeepAlives(sender, fresh).MeasureMessage(fresh, m, "second copy", first, earliestCopy, latestCopy)
	fresh.SendUnanswered(wire.NewReceived(m))
	fresh.KeepAlive()
	sender.KeepAlive() // the copy may have come before its first keep-alive
}

func clientMessageLost(s *server.Scene) {
	a, b := twoUsers(s)
	loop := s.StartKeepAlives(a, b)
	taken, arrived := sendUnacknowledged(s, a, b)
	acknowledgeInTime(s, b, taken, arrived, s.Notified(controlapi.EventReceived, server.WithFingerprint(taken.Fingerprint.Value())))
	s.NeverNotified(controlapi.EventLost, server.WithFingerprint(taken.Fingerprint.Value()))
	m, first := sendUnacknowledged(s, a, b)
	s.NeverNotified(controlapi.EventReceived, server.WithFingerprint(m.Fingerprint.Value()))
	_, second := loop.MeasureMessage(b, m, "second copy", first, earliestCopy, latestCopy)
	loop.WaitUntil(second.Add(qos.SweepEvery - s.Tolerance))
	lost := s.NotifiedOnce(controlapi.EventLost, server.WithFingerprint(m.Fingerprint.Value())).As(m)
	lost.ExpectUntil(second.Add(qos.SweepEvery + overdue))
	s.MeasureEvent("lost", second, lost, qos.SweepEvery)
	b.KeepAlive() // and no third copy comes
}

func retransmittedThenLost(s *server.Scene) {
	p := s.Login(s.User("u"))
	loop := s.StartKeepAlives(p)
	m, first := firstCopy(s, p, func() wire.Message {
		m := wire.NewQoSData(wire.ServerID, p.User, "are you there?", s.Fingerprint())
		s.Push(m)
		return m
	})
	_, second := loop.MeasureMessage(p, m, "second copy", first, earliestCopy, latestCopy)
	p.KeepAlive()
	s.NeverNotified(controlapi.EventReceived, server.WithFingerprint(m.Fingerprint.Value()))
	lost := s.NotifiedOnce(controlapi.EventLost, server.WithFingerprint(m.Fingerprint.Value()))
	lost.ExpectUntil(second.Add(qos.SweepEvery + overdue))
	s.MeasureEvent("lost", second, lost, qos.SweepEvery)
	p.KeepAlive() // and no third copy comes
}
