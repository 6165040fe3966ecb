package servercases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/conformance/server"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Sizes and paces of the bursts: fast enough that a server which notes messages late misses
// ACKs, and over within a second or two, so that the cases that run beside them are not slowed down.
const (
	burstC2C      = 200
	burstC2CEvery = 2 * time.Millisecond
	burstS2C      = 25
	burstS2CEvery = 10 * time.Millisecond
)

// burst is a series of messages to a user who acknowledges each as soon as it comes.
type burst struct {
	name  string
	to    *server.Peer
	sent  map[string]bool      // by fingerprint
	acked map[string]time.Time // latest ACK, by fingerprint
	rate  float64              // messages a second, as they were sent
	again []time.Duration      // from the ACK to each spurious copy
}

func newBurst(name string, to *server.Peer) *burst {
	return &burst{name: name, to: to, sent: map[string]bool{}, acked: map[string]time.Time{}}
}

// send sends n messages, one after each period, and acknowledges what comes meanwhile and
// up to a second after the last one.
func (b *burst) send(n int, every time.Duration, send func() wire.Message) {
	started := time.Now()
	for i := range n {
		b.acknowledgeUntil(started.Add(time.Duration(i) * every))
		b.sent[send().Fingerprint.Value()] = true
	}
	last := time.Now()
	b.rate = float64(n-1) / last.Sub(started).Seconds()
	for late := last.Add(time.Second); len(b.acked) < n && time.Now().Before(late); {
		b.acknowledge(late)
	}
}

func (b *burst) acknowledgeUntil(at time.Time) {
	for time.Now().Before(at) {
		b.acknowledge(at)
	}
}

// acknowledge acknowledges what has come, for which it waits up to a moment. On UDP there
// is one ACK to each copy, as a client sends it.
func (b *burst) acknowledge(until time.Time) {
	came := b.to.GatherUntil(until)
	b.countAgain(came)
	for _, a := range came {
		if b.has(a.Message) {
			b.acked[a.Message.Fingerprint.Value()] = b.to.Send(wire.NewReceived(a.Message))
		}
	}
}

// countAgain counts the copies that came although they had been acknowledged in time.
func (b *burst) countAgain(came []server.Arrival) {
	for _, a := range came {
		at, acked := b.acked[a.Message.Fingerprint.Value()]
		if after := a.At.Sub(at); b.has(a.Message) && acked && after >= reports.SpuriousAfter {
			b.again = append(b.again, after)
		}
	}
}

// has reports whether a message is one of the burst.
func (b *burst) has(m wire.Message) bool {
	return m.Type == wire.TypeData && b.sent[m.Fingerprint.Value()]
}

// String says how many came again, such as "C → C at 500 a second: 3 of 200 (1.5 %) came
// again, 4.1s after the ACK in the median and 6.2s at most".
func (b *burst) String() string {
	text := fmt.Sprintf("%s at %.0f a second: %d of %d", b.name, b.rate, len(b.again), len(b.acked))
	if len(b.again) == 0 {
		return text + " came again"
	}
	slices.Sort(b.again)
	rounded := func(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
	return text + fmt.Sprintf(" (%.1f %%) came again, %v after the ACK in the median and %v at most", 100*float64(len(b.again))/float64(len(b.acked)),
		rounded(b.again[(len(b.again)-1)/2]), rounded(b.again[len(b.again)-1]))
}

// measureBursts sends a burst between users, and one of the application where that can be
// asked to send, and waits until the last copy would have come. On UDP the path may lose an
// ACK.
func measureBursts(s *server.Scene) {
	a, b := twoUsers(s)
	loop := s.StartKeepAlives(a, b)
	bursts := []*burst{newBurst("C → C", b)}
	bursts[0].send(burstC2C, burstC2CEvery, func() wire.Message {
		m := wire.NewQoSData(a.User, b.User, "at once", s.Fingerprint())
		a.Send(m)
		a.Allow(1, server.ServerACK(m))
		return m
	})
	if s.Target.Has(controlapi.CapabilityS2C) {
		pushed := newBurst("S → C", b)
		pushed.send(burstS2C, burstS2CEvery, func() wire.Message {
			m := wire.NewQoSData(wire.ServerID, b.User, "at once", s.Fingerprint())
			s.Push(m)
			return m
		})
		bursts = append(bursts, pushed)
	}
	loop.WaitUntil(time.Now().Add(latestCopy + time.Second))
	var found []string
	again := b.Gather()
	for _, one := range bursts {
		one.countAgain(again)
		found = append(found, one.String())
	}
	s.Found("%s", strings.Join(found, "; "))
}
