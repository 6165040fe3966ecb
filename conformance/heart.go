package conformance

import (
	"fmt"
	"math"
	"time"

	"imcheck/harness/wire"
)

// Heart keeps sessions logged in while a case waits for longer than their
// expiry: each peer sends keep-alives at the pace of a client (§3).
type Heart struct {
	scene *Scene
	peers []*Peer
	every time.Duration
	due   time.Time // of the next beat
}

// Heart starts to beat for peers, at the pace of the fastest of the target's
// transports.
func (s *Scene) Heart(peers ...*Peer) *Heart {
	h := &Heart{scene: s, peers: peers, every: s.Mode().Heartbeat()}
	for _, t := range s.Target.Transports() {
		h.every = min(h.every, s.Target.Modes[t].Heartbeat())
	}
	h.due = time.Now().Add(h.every)
	return h
}

// slack is by how much a beat may be late before a session expires.
func (h *Heart) slack() time.Duration {
	slack := time.Duration(math.MaxInt64)
	for _, p := range h.peers {
		t := p.conn.Transport()
		slack = min(slack, h.scene.Target.Modes[t].Expiry(t)-h.every-h.scene.Tolerance())
	}
	return slack
}

// WaitUntil lets time pass up to a moment, and shows by a last keep-alive that
// nothing else came to any of the peers meanwhile.
func (h *Heart) WaitUntil(at time.Time) {
	for h.due.Before(at) {
		h.scene.WaitUntil(h.due)
		h.beat(nil)
	}
	h.scene.WaitUntil(at)
	for _, p := range h.peers {
		p.KeepAlive()
	}
}

// beat sends the keep-alives that are due. Nothing but the response may come,
// except to the peer that waits for something: its response is taken later.
func (h *Heart) beat(waiting *Peer) {
	if late := time.Since(h.due); late > h.slack() {
		inconclusive(fmt.Sprintf("the harness itself sent a keep-alive %v late, too late to keep the sessions logged in", late.Round(time.Millisecond)))
	}
	h.due = h.due.Add(h.every)
	for _, p := range h.peers {
		if p == waiting {
			p.Send(wire.NewKeepAlive(p.User))
		} else {
			p.KeepAlive()
		}
	}
}

// MeasureMessage is Scene.MeasureMessage with the hearts of all peers beating.
// It returns the message as it came, server stamp included, and when.
func (h *Heart) MeasureMessage(p *Peer, want wire.Message, name string, since time.Time, lower, upper time.Duration) (wire.Message, time.Time) {
	started, deadline := time.Now(), since.Add(upper+h.scene.lateFor())
	what := h.scene.due(name, lower, upper) + ": "
	owed := 0 // responses to keep-alives of p
	for {
		until := deadline
		if h.due.Before(deadline) {
			until = h.due
		}
		a, ok := p.next(until)
		switch {
		case !ok && until.Equal(deadline):
			p.overdue(started, what+describe(want))
		case !ok:
			h.beat(p)
			owed++
			continue
		}
		m := p.decode(a, what+describe(want))
		if owed > 0 && p.isSame(m, wire.NewKeepAliveResponse(p.User)) {
			owed--
			continue
		}
		p.compare(m, what, want)
		h.scene.Measure(name, since, a.at, lower, upper)
		for range owed {
			p.Expect(wire.NewKeepAliveResponse(p.User))
		}
		return m, a.at
	}
}
