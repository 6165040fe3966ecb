package server

import (
	"fmt"
	"math"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
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
	for _, p := range peers {
		p.hasHeart = true
	}
	h.due = time.Now().Add(h.every)
	return h
}

// slack is by how much a beat may be late before a session expires.
func (h *Heart) slack() time.Duration {
	slack := time.Duration(math.MaxInt64)
	for _, p := range h.peers {
		t := p.conn.Transport()
		slack = min(slack, h.scene.Target.Modes[t].Expiry(t)-h.every-h.scene.Tolerance)
	}
	return slack
}

// WaitUntil lets time pass up to a moment, and shows by a last keep-alive that
// all sessions are still logged in.
func (h *Heart) WaitUntil(at time.Time) {
	for h.due.Before(at) {
		h.scene.WaitUntil(h.due)
		h.beat(true)
	}
	h.scene.WaitUntil(at)
	for _, p := range h.peers {
		p.KeepAlive()
	}
}

// beat sends the keep-alives that are due. While something is waited for whose
// time is measured, the responses are not.
func (h *Heart) beat(answered bool) {
	if late := time.Since(h.due); late > h.slack() {
		suite.Inconclusive(fmt.Sprintf("the harness itself sent a keep-alive %v late, too late to keep the sessions logged in", late.Round(time.Millisecond)))
	}
	h.due = h.due.Add(h.every)
	for _, p := range h.peers {
		if answered {
			p.KeepAlive()
			continue
		}
		p.SendUnanswered(wire.NewKeepAlive(p.User))
		p.Allow(p.copies(), wire.NewKeepAliveResponse(p.User))
	}
}

// MeasureMessage measures when a message comes, with the hearts of all peers
// beating. It returns the message as it came, server stamp included, and when.
func (h *Heart) MeasureMessage(p *Peer, want wire.Message, name string, since time.Time, lower, upper time.Duration) (wire.Message, time.Time) {
	return h.scene.measureMessage(p, want, name, since, lower, upper, h)
}
