package cases

import (
	"time"

	"github.com/onsi/gomega"

	"imcheck/conformance"
	"imcheck/harness/qos"
	"imcheck/harness/target"
	"imcheck/harness/wire"
)

// When the second copy of an unacknowledged message comes, counted from the
// first (§4).
const (
	earliestCopy = 2 * time.Second
	latestCopy   = earliestCopy + qos.SweepEvery
)

// retransmissionCases hold the server's retransmission (§4).
var retransmissionCases = []conformance.Case{
	{
		ID:          "qos/c2c-retransmitted-once",
		Requirement: "A message that its receiver does not acknowledge is sent again exactly once, unchanged, 2 to 7 s after the first copy.",
		Covers:      []string{"retransmitted"}, Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			a, b := twoUsers(s)
			heart := s.Heart(a, b)
			m, first := sendUnacknowledged(s, a, b)
			_, second := heart.MeasureMessage(b, m, "second copy", first, earliestCopy, latestCopy)
			heart.WaitUntil(second.Add(qos.SweepEvery + s.Tolerance())) // when a third one would have come
		},
	},
	{
		ID:          "qos/c2c-ack-stops-retransmission",
		Requirement: "The receiver's ACK stops the server's retransmission.",
		Covers:      []string{"ack-stops"}, Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			a, b := twoUsers(s)
			ackStopsRetransmission(s, a, b, b)
		},
	},
	{
		ID:          "qos/c2c-ack-from-another-session",
		Requirement: "An ACK stops the retransmission whichever session that is logged in it comes from.",
		Covers:      []string{"ack-stops"}, Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			a, b := twoUsers(s)
			ackStopsRetransmission(s, a, b, s.Login(s.User("c")))
		},
	},
	{
		ID:          "qos/c2c-without-qos-sent-once",
		Requirement: "Without QoS a message between users is sent once, also when it has a fingerprint.",
		Covers:      []string{"c2c-no-qos"}, Level: conformance.Must, Transports: everywhere,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			a, b := twoUsers(s)
			heart := s.Heart(a, b)
			m := wire.NewData(a.User, b.User, "hi")
			m.Fingerprint = wire.Some(s.Fingerprint())
			a.Send(m)
			heart.WaitUntil(b.Expect(m).Add(latestCopy + s.Tolerance()))
		},
	},
	{
		ID:          "qos/c2c-retransmitted-to-takeover",
		Requirement: "The second copy goes to the session that is registered for the user by then.",
		Covers:      []string{"retransmitted-where"}, Level: conformance.Must, Transports: everywhere,
		Run: retransmittedToTakeover,
	},
	{
		ID:          "qos/c2c-lost-reported",
		Requirement: "A message between users that its receiver does not acknowledge is reported as lost, one that is acknowledged is not.",
		Covers:      []string{"lost", "told-lost"}, Level: conformance.Must, Transports: everywhere,
		Needs: []string{target.CapabilityEvents},
		Run:   clientMessageLost,
	},
	{
		ID:          "qos/s2c-retransmitted-once-then-lost",
		Requirement: "A message of the application that is not acknowledged is sent again exactly once, 2 to 7 s after the first copy, and reported as lost 5 s after the second.",
		Covers:      []string{"retransmitted", "lost", "told-lost"}, Level: conformance.Must, Transports: everywhere,
		Needs: []string{target.CapabilityS2C, target.CapabilityEvents},
		Run:   retransmittedThenLost,
	},
}

// sendUnacknowledged has a QoS message delivered that the receiver does not
// acknowledge, and returns it with the time of its first copy.
func sendUnacknowledged(s *conformance.Scene, from, to *conformance.Peer) (wire.Message, time.Time) {
	m := wire.NewQoSData(from.User, to.User, "are you there?", s.Fingerprint())
	from.Send(m)
	first := to.Expect(m)
	from.Expect(wire.NewReceived(m))
	return m, first
}

// ackStopsRetransmission watches for a second copy for as long as one might
// come. A message that nobody acknowledges shows that this server does send
// one.
func ackStopsRetransmission(s *conformance.Scene, from, to, acknowledging *conformance.Peer) {
	control := s.Login(s.User("control"))
	peers := []*conformance.Peer{from, to, control}
	if acknowledging != to {
		peers = append(peers, acknowledging)
	}
	heart := s.Heart(peers...)
	m, first := sendUnacknowledged(s, from, to)
	acknowledging.Send(wire.NewReceived(m))
	acknowledging.KeepAlive()

	other, otherFirst := sendUnacknowledged(s, from, control)
	heart.MeasureMessage(control, other, "second copy of a message that nobody acknowledges", otherFirst, earliestCopy, latestCopy)
	control.Send(wire.NewReceived(other))
	heart.WaitUntil(first.Add(latestCopy + s.Tolerance()))
}

// retransmittedToTakeover takes the receiver over, by a login with the same
// first login time, between the two copies.
func retransmittedToTakeover(_ gomega.Gomega, s *conformance.Scene) {
	sender, old := s.Login(s.User("sender")), loginFirst(s)
	m, first := sendUnacknowledged(s, sender, old)
	fresh, _ := s.LoginAt(s.Transport, old.User, storedTime)
	fresh.KeepAlive()
	s.Heart(sender, fresh).MeasureMessage(fresh, m, "second copy", first, earliestCopy, latestCopy)
	fresh.Send(wire.NewReceived(m))
	fresh.KeepAlive()
}

func clientMessageLost(_ gomega.Gomega, s *conformance.Scene) {
	a, b := twoUsers(s)
	heart := s.Heart(a, b)
	taken, _ := sendUnacknowledged(s, a, b)
	b.Send(wire.NewReceived(taken))
	s.ExpectEvent(target.EventReceived, conformance.Naming(taken.Fingerprint.Value()))
	m, first := sendUnacknowledged(s, a, b)
	_, second := heart.MeasureMessage(b, m, "second copy", first, earliestCopy, latestCopy)
	heart.WaitUntil(second.Add(qos.SweepEvery - s.Tolerance()))
	s.ExpectEventUntil(second.Add(qos.SweepEvery+overdue), target.EventLost, conformance.Naming(m.Fingerprint.Value()))
	b.KeepAlive() // and no third copy before it
	s.ExpectEventCount(1, target.EventLost, conformance.Naming(m.Fingerprint.Value()))
	s.ExpectEventCount(0, target.EventLost, conformance.Naming(taken.Fingerprint.Value()))
}

func retransmittedThenLost(_ gomega.Gomega, s *conformance.Scene) {
	p := s.Login(s.User("u"))
	heart := s.Heart(p)
	m := wire.NewQoSData(wire.ServerID, p.User, "are you there?", s.Fingerprint())
	s.Push(m)
	first := p.Expect(m)
	_, second := heart.MeasureMessage(p, m, "second copy", first, earliestCopy, latestCopy)
	p.KeepAlive()
	s.ExpectEventUntil(second.Add(qos.SweepEvery+overdue), target.EventLost, conformance.Naming(m.Fingerprint.Value()))
	s.Measure("lost", second, time.Now(), qos.SweepEvery, qos.SweepEvery)
	p.KeepAlive() // and no third copy before it
}
