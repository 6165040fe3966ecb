package conformance

import (
	"fmt"
	"time"

	"imcheck/harness/qos"
	"imcheck/harness/wire"
)

// settle ends a case that went well so far. What must not happen may happen late
// (§7), so everything is watched for a while longer; then every connection has to
// answer once more, and all that came has to be something that the case asked for,
// or that the law explains.
func (s *Scene) settle() {
	if len(s.peers)+len(s.counts) == 0 {
		return
	}
	s.Wait(s.run.timeouts.Settle)
	for _, p := range s.peers {
		if p.drain(); p.end == nil && !p.closed {
			p.answersOnce()
		}
	}
	for _, p := range s.peers {
		p.drain()
		p.expectNothingElse()
	}
	for _, w := range s.counts {
		w.expectCount()
	}
}

// answersOnce shows that the server still answers on a connection, unless it ended
// it meanwhile. What the answer to the echo is like is the business of other cases.
func (p *Peer) answersOnce() {
	silentSince, started := p.lastSent, time.Now()
	echo := wire.NewEcho(p.User, p.scene.unique("probe"))
	answer := p.gets("an echo response", func(a *arrival) bool {
		return a.end == nil && a.invalid == nil && a.message.Type == wire.TypeEchoResponse && !a.at.Before(started)
	})
	if p.lossy() {
		p.SendUntil(echo, answer)
		return
	}
	p.Send(echo)
	answer.allow()
	if answer.met(started.Add(p.scene.run.timeouts.Reply)) {
		return
	}
	ended := time.Now()
	if p.end != nil {
		ended, p.end.accounted = p.end.at, true
	}
	if !p.mayEndAt(silentSince, ended) {
		answer.miss(started, 1)
	}
}

// mayEndAt reports whether the server was free to end a stream that said nothing
// since a moment: it expires (§3).
func (p *Peer) mayEndAt(silentSince, at time.Time) bool {
	t := p.conn.Transport()
	expiry := p.scene.Target.Modes[t].Expiry(t)
	return p.mayEnd || at.Sub(silentSince) >= expiry-p.scene.Tolerance()
}

// expectNothingElse holds everything that came on a connection to have been
// asked for, or to be something that may come.
func (p *Peer) expectNothingElse() {
	known := map[string]time.Time{} // bodies that came, and when for the last time
	for _, a := range p.inbox {
		switch {
		case a.accounted, p.isAllowed(a), p.isPathCopy(a, known), p.isSpareCopy(a):
		default:
			_, copied := known[string(a.body)]
			after := a.at.Sub(p.scene.started).Round(time.Millisecond)
			failOn(p.lossy() && copied, "nothing further on "+p.label, fmt.Sprintf("after %v: %s", after, a))
		}
		if a.end == nil {
			known[string(a.body)] = a.at
		}
	}
}

// isAllowed uses an allowance up.
func (p *Peer) isAllowed(a *arrival) bool {
	if a.end != nil {
		return p.mayEndAt(p.lastSent, a.at)
	}
	for _, allowed := range p.allowances {
		if allowed.left > 0 && allowed.match(a) {
			allowed.left--
			return true
		}
	}
	return false
}

// pathCopy is how long after a datagram a copy of it may come that the path
// made (§7).
const pathCopy = 1500 * time.Millisecond

// isPathCopy reports whether the path may have doubled a datagram, or one that
// caused it.
func (p *Peer) isPathCopy(a *arrival, known map[string]time.Time) bool {
	last, copied := known[string(a.body)]
	return p.lossy() && a.end == nil && copied && a.at.Sub(last) <= pathCopy
}

// isSpareCopy reports whether a message is the one retransmission that the server
// makes when it missed the ACK of a QoS message, or had none yet (§4, §7).
func (p *Peer) isSpareCopy(a *arrival) bool {
	m := a.message
	if a.end != nil || a.invalid != nil || m.Type != wire.TypeData || !m.QoS || p.scene.once[m.Fingerprint.Value()] {
		return false
	}
	var first, before *arrival
	for _, other := range p.scene.peers {
		if other.User != p.User {
			continue
		}
		for _, b := range other.inbox {
			if b.end == nil && b.invalid == nil && b.at.Before(a.at) && p.isSame(b.message, m) {
				if first == nil || b.at.Before(first.at) {
					first = b
				}
				if b.at.Sub(first.at) > pathCopy && (before == nil || b.at.After(before.at)) {
					before = b
				}
			}
		}
	}
	if first == nil || before != nil && a.at.Sub(before.at) > pathCopy {
		return false
	}
	age, settle := a.at.Sub(first.at), p.scene.run.timeouts.Settle
	return age >= earliestCopy-settle/2 && age <= latestCopy+settle
}

// When a server sends the second copy of a message, counted from the first (§4).
const (
	earliestCopy = 2 * time.Second
	latestCopy   = earliestCopy + qos.SweepEvery
)
