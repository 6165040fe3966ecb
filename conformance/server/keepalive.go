package server

import (
	"fmt"
	"math"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
)

// KeepAliveLoop keeps sessions logged in while a case waits for longer than their
// expiry: each peer sends keep-alives at the pace of a client (§3).
type KeepAliveLoop struct {
	scene *Scene
	peers []*Peer
	every time.Duration
	due   time.Time // time of the next beat
}

// StartKeepAlives keeps peers logged in, at the pace of the fastest of the target's
// transports.
func (s *Scene) StartKeepAlives(peers ...*Peer) *KeepAliveLoop {
	h := &KeepAliveLoop{scene: s, peers: peers, every: s.Mode().Heartbeat()}
	for _, t := range s.Target.Transports() {
		h.every = min(h.every, s.Target.Modes[t].Heartbeat())
	}
	for _, p := range peers {
		p.keptAlive = true
	}
	h.due = time.Now().Add(h.every)
	return h
}

// slack returns by how much a keep-alive may be late before a session expires.
func (h *KeepAliveLoop) slack() time.Duration {
	slack := time.Duration(math.MaxInt64)
	for _, p := range h.peers {
		t := p.conn.Transport()
		slack = min(slack, h.scene.Target.Modes[t].Expiry(t)-h.every-h.scene.Tolerance)
	}
	return slack
}

// WaitUntil lets time pass up to a moment, and shows by a last keep-alive that
// all sessions are still logged in.
func (h *KeepAliveLoop) WaitUntil(at time.Time) {
	for h.due.Before(at) {
		h.scene.WaitUntil(h.due)
		h.sendDue(true)
	}
	h.scene.WaitUntil(at)
	for _, p := range h.peers {
		p.KeepAlive()
	}
}

// sendDue sends the keep-alives that are due. answered is false while something else is
// waited for whose time is measured: then the responses are not awaited.
func (h *KeepAliveLoop) sendDue(answered bool) {
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

// MeasureMessage measures when a message comes while all sessions are kept alive. It
// returns the message as it came, server stamp included, and when it came.
func (h *KeepAliveLoop) MeasureMessage(p *Peer, want wire.Message, name string, since time.Time, lower, upper time.Duration) (wire.Message, time.Time) {
	return h.scene.measureMessage(p, want, name, since, lower, upper, h)
}
