package server

import (
	"fmt"
	"slices"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// Settle ends a case that went well so far. What must not happen may happen late
// (§7), so everything is watched for a while longer; then every connection has to
// answer once more, and all that came has to be something that the case asked for,
// or that the law explains.
func (s *Scene) Settle() {
	if len(s.peers)+len(s.counts) == 0 {
		return
	}
	s.LetEffectsCome()
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
}

// answersOnce shows that the server still answers on a connection, unless it ended
// it meanwhile. What the answer to the echo is like is the business of other cases.
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
	// A server that expired the session ended the stream: silence alone is no end.
	if p.end == nil && !p.mayEnd || p.end != nil && !p.mayEndAt(silentSince, p.end.at) {
		answer.miss(started, 1)
	}
}

// mayEndAt reports whether the server was free to end a stream that said nothing
// since a moment: it expires (§3).
func (p *Peer) mayEndAt(silentSince, at time.Time) bool {
	t := p.conn.Transport()
	expiry := p.scene.Target.Modes[t].Expiry(t)
	return p.mayEnd || at.Sub(silentSince) >= expiry-p.scene.Tolerance
}

// expectNothingElse holds everything that came to have been asked for, or to be
// something that may come.
func (s *Scene) expectNothingElse() {
	known := map[*Peer]map[wire.Message]time.Time{} // what came to a user, and when for the last time
	spare := map[*Peer]spareCopies{}
	for _, p := range s.peers {
		known[p.first()], spare[p.first()] = map[wire.Message]time.Time{}, spareCopies{}
	}
	for _, c := range s.inOrder() {
		p, a, before := c.peer, c.arrival, known[c.peer.first()]
		once, isCopy := s.once[a.message.Fingerprint.Value()], false
		switch {
		case a.accounted, p.isAllowed(a):
			spare[p.first()].note(a)
		case p.isRefusedLate(a), p.isPathCopy(a, before):
			isCopy = true // a path makes no copies of its copies
		case !once && spare[p.first()].use(a, s.settleTime()/2):
		default:
			_, copied := before[essence(a)]
			after := a.at.Sub(s.Started).Round(time.Millisecond)
			suite.FailOn(s.anyLossy() && copied, "nothing further on "+p.label, fmt.Sprintf("after %v: %s", after, a))
		}
		if a.end == nil && !isCopy {
			before[essence(a)] = a.at
		}
	}
}

// cameTo is an arrival and the connection on which it came.
type cameTo struct {
	peer    *Peer
	arrival *arrival
}

// inOrder merges what came on all connections.
func (s *Scene) inOrder() (all []cameTo) {
	for _, p := range s.peers {
		for _, a := range p.inbox {
			all = append(all, cameTo{p, a})
		}
	}
	slices.SortStableFunc(all, func(x, y cameTo) int { return x.arrival.at.Compare(y.arrival.at) })
	return all
}

// first is the first connection of the peer's user: what is sent to the user may
// come on any of them.
func (p *Peer) first() *Peer {
	for _, other := range p.scene.peers {
		if p.User != "" && other.User == p.User {
			return other
		}
	}
	return p
}

// isAllowed uses an allowance up. What is sent to a user may come on whichever
// session is registered by then.
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

// pathCopy is how long after a datagram a copy of it may come that the path
// made (§7).
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
	last, copied := known[essence(a)]
	return p.scene.anyLossy() && a.end == nil && copied && a.at.Sub(last) <= pathCopy
}

// essence is what all answers to copies of a message have in common: the server's
// clock goes on between them.
func essence(a *arrival) wire.Message {
	m := a.message
	m.ServerTime = 0
	if body, err := wire.ParseLoginResponse(m.DataContent.Value()); m.Type == wire.TypeLoginResponse && err == nil && body.Code == wire.CodeOK {
		m.DataContent = wire.Text{}
	}
	return m
}

// spareCopies knows, for the QoS messages that came to a user, which copies may come
// once more: the server makes one retransmission when it missed the ACK, or had none
// yet (§4, §7).
type spareCopies map[wire.Message][]time.Time

// note remembers a copy that is not itself a spare one.
func (c spareCopies) note(a *arrival) {
	if m := essence(a); a.end == nil && a.invalid == nil && m.Type == wire.TypeData && m.QoS {
		c[m] = append(c[m], a.at)
	}
}

// use reports whether an arrival is a retransmission of an earlier copy, which then
// is not made again. slack is how much later than on time it may come.
func (c spareCopies) use(a *arrival, slack time.Duration) bool {
	m := essence(a)
	for i, at := range c[m] {
		if age := a.at.Sub(at); a.end == nil && age >= EarliestCopy-slack && age <= LatestCopy+slack {
			c[m] = slices.Delete(c[m], i, i+1)
			return true
		}
	}
	return false
}

// When a server sends the second copy of an unacknowledged message, counted from the
// first (§4).
const (
	EarliestCopy = 2 * time.Second
	LatestCopy   = EarliestCopy + qos.SweepEvery
)
