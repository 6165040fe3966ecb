package server

import (
	"fmt"
	"slices"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// Settle does the last checks of a case that went well. What must not happen may happen
// late (§7), so the case listens for a while longer; then every connection has to
// answer once more, and everything that came has to be something that the case asked
// for or that the protocol explains.
func (s *Scene) Settle() {
	if len(s.peers)+len(s.counts) == 0 {
		return
	}
	s.WaitForEffects()
	s.KeepSilent() // each connection is asked now
	for _, p := range s.peers {
		if p.drain(); p.end == nil && !p.closed {
			p.answersOnce()
		}
	}
	for _, p := range s.peers {
		p.drain()
	}
	s.expectNothingElse()
	for _, w := range s.counts {
		w.expectCount()
	}
	for _, w := range s.carried {
		w.expectCount()
	}
}

// answersOnce shows that the server still answers on a connection, unless it ended it
// meanwhile. The content of the answer is left to other cases.
func (p *Peer) answersOnce() {
	silentSince, started := p.lastSent, time.Now()
	echo := wire.NewEcho(p.User, p.scene.Unique("probe"))
	answer := p.gets("an echo response", func(a *arrival) bool {
		return a.end == nil && a.invalid == nil && a.message.Type == wire.TypeEchoResponse && !a.at.Before(started)
	})
	if p.lossy() {
		p.SendUntil(echo, answer)
		return
	}
	p.Send(echo)
	answer.allow()
	if answer.met(started.Add(p.scene.replyTime())) {
		return
	}
	if p.end != nil {
		p.end.accounted = true
	}
	// A server that expired the session ended the stream: silence alone is not an end.
	if p.end == nil && !p.mayEnd || p.end != nil && !p.mayEndAt(silentSince, p.end.at) {
		answer.miss(started, 1)
	}
}

// mayEndAt reports whether the server was free to end a stream that had been silent
// since a moment, because its session expires (§3).
func (p *Peer) mayEndAt(silentSince, at time.Time) bool {
	t := p.conn.Transport()
	expiry := p.scene.Target.Modes[t].Expiry(t)
	return p.mayEnd || at.Sub(silentSince) >= expiry-p.scene.Tolerance
}

// expectNothingElse fails the case for anything that came without being asked for or
// allowed.
func (s *Scene) expectNothingElse() {
	known := map[*Peer]map[wire.Message]time.Time{} // the messages that came to a user, and the last arrival of each
	resent := map[*Peer]retransmissions{}
	for _, p := range s.peers {
		known[p.first()], resent[p.first()] = map[wire.Message]time.Time{}, retransmissions{}
	}
	for _, c := range s.inOrder() {
		p, a, before := c.peer, c.arrival, known[c.peer.first()]
		once, isCopy := s.once[a.message.Fingerprint.Value()], false
		switch {
		case a.accounted, p.isAllowed(a):
			resent[p.first()].note(a)
		case p.isRefusedLate(a), p.isPathCopy(a, before):
			isCopy = true // a path makes no copies of its copies
		case !once && resent[p.first()].use(a, s.settleTime()/2):
		default:
			_, copied := before[withoutServerTime(a)]
			after := a.at.Sub(s.Started).Round(time.Millisecond)
			suite.FailOn(s.anyLossy() && copied, "nothing further on "+p.label, fmt.Sprintf("after %v: %s", after, a))
		}
		if a.end == nil && !isCopy {
			before[withoutServerTime(a)] = a.at
		}
	}
}

// peerArrival is an arrival and the connection on which it came.
type peerArrival struct {
	peer    *Peer
	arrival *arrival
}

// inOrder merges the arrivals of all connections.
func (s *Scene) inOrder() (all []peerArrival) {
	for _, p := range s.peers {
		for _, a := range p.inbox {
			all = append(all, peerArrival{p, a})
		}
	}
	slices.SortStableFunc(all, func(x, y peerArrival) int { return x.arrival.at.Compare(y.arrival.at) })
	return all
}

// first returns the first connection of the peer's user: a message to the user may come
// on any of them.
func (p *Peer) first() *Peer {
	for _, other := range p.scene.peers {
		if p.User != "" && other.User == p.User {
			return other
		}
	}
	return p
}

// isAllowed reports whether an arrival is allowed, and uses the allowance up. A message
// to a user may come on whichever session is registered by then.
func (p *Peer) isAllowed(a *arrival) bool {
	if a.end != nil {
		return p.mayEndAt(p.lastSent, a.at)
	}
	for _, other := range p.scene.peers {
		if other.first() != p.first() {
			continue
		}
		for _, allowed := range other.allowances {
			if allowed.left > 0 && allowed.match(a) {
				allowed.left--
				return true
			}
		}
	}
	return false
}

// pathCopy bounds the time after a datagram within which a copy made by the path may
// come (§7).
const pathCopy = 1500 * time.Millisecond

// isRefusedLate reports whether a datagram came so late that its session was over
// by then: it is refused.
func (p *Peer) isRefusedLate(a *arrival) bool {
	if !p.lossy() || !p.mayEnd || a.invalid != nil || a.message.Type != wire.TypeErrorResponse {
		return false
	}
	body, err := wire.ParseErrorResponse(a.message.DataContent.Value())
	return err == nil && body.Code == wire.CodeServerNotLoggedIn
}

// isPathCopy reports whether the path may have doubled a datagram, or one that
// caused it.
func (p *Peer) isPathCopy(a *arrival, known map[wire.Message]time.Time) bool {
	last, copied := known[withoutServerTime(a)]
	return p.scene.anyLossy() && a.end == nil && copied && a.at.Sub(last) <= pathCopy
}

// withoutServerTime returns a message without what differs between the answers to
// copies of a message: the server's clock goes on between them.
func withoutServerTime(a *arrival) wire.Message {
	m := a.message
	m.ServerTime = 0
	if body, err := wire.ParseLoginResponse(m.DataContent.Value()); m.Type == wire.TypeLoginResponse && err == nil && body.Code == wire.CodeOK {
		m.DataContent = wire.Text{}
	}
	return m
}

// retransmissions are the QoS messages to a user that may come once more: the server
// makes one retransmission when it missed the ACK, or had none yet (§4, §7).
type retransmissions map[wire.Message][]time.Time

// note remembers a copy that is not itself a retransmission.
func (c retransmissions) note(a *arrival) {
	if m := withoutServerTime(a); a.end == nil && a.invalid == nil && m.Type == wire.TypeData && m.QoS {
		c[m] = append(c[m], a.at)
	}
}

// use reports whether an arrival is a retransmission of an earlier copy, and allows no
// second one. slack is by how much it may be late.
func (c retransmissions) use(a *arrival, slack time.Duration) bool {
	m := withoutServerTime(a)
	for i, at := range c[m] {
		if age := a.at.Sub(at); a.end == nil && age >= EarliestCopy-slack && age <= LatestCopy+slack {
			c[m] = slices.Delete(c[m], i, i+1)
			return true
		}
	}
	return false
}

// EarliestCopy and LatestCopy bound the time from the first copy of an unacknowledged
// message to the second (§4).
const (
	EarliestCopy = 2 * time.Second
	LatestCopy   = EarliestCopy + qos.SweepEvery
)
