package gateway

import (
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
)

// Message handles the body of a message that arrived on a link.
func (g *Gateway) Message(l transport.Link, body []byte) {
	one := [1]transport.Arrival{transport.ArrivalOn(l, body)}
	g.Messages(one[:])
}

// Messages handles messages that arrived together. They are decoded without the lock, which
// is taken once for all of them, and all of them have arrived now.
func (g *Gateway) Messages(arrived []transport.Arrival) {
	decoded := decodings.Get().(*[]server.Inbound)
	for i := range arrived {
		*decoded = append(*decoded, server.Read(arrived[i].Body))
	}
	g.receive(arrived, *decoded)
	clear(*decoded)
	*decoded = (*decoded)[:0]
	decodings.Put(decoded)
}

// decodings has room for decoded messages, by the caller of Messages.
var decodings = sync.Pool{New: func() any { return &[]server.Inbound{} }}

func (g *Gateway) receive(arrived []transport.Arrival, decoded []server.Inbound) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for i := range arrived {
		if a := &arrived[i]; !a.Closed() {
			g.receiveOne(now, a, &decoded[i])
		}
	}
	g.rearm(now)
}

func (g *Gateway) receiveOne(now time.Time, a *transport.Arrival, in *server.Inbound) {
	connected := a.Transport.Connected()
	if !connected && g.lostAfterEnd > 0 && g.ended.contains(now, a.Remote) {
		return
	}
	g.countReceived(a.Transport, in)
	session, known := g.sessionOf(now, a)
	if session == nil || g.drained(in.Message) || !session.LoggedIn() && g.refusesLogin(now, session, *in) {
		return
	}
	spoofable := !connected && !session.LoggedIn()
	effects := g.rules.Receive(now, session, *in)
	if spoofable {
		effects = g.limitAmplification(now, a.Link(), session, len(a.Body), effects)
	}
	g.carryOutAll(now, effects)
	if connected {
		return
	}
	if !known {
		g.keep(a, session)
	}
	if session.Ended() && g.lostAfterEnd > 0 {
		g.ended.add(now.Add(g.lostAfterEnd), a.Remote)
	}
}

// sessionOf finds the session of a message's link, and reports whether it was known. A UDP
// address that has not logged in gets one for the duration of a call, so that it takes no
// memory.
func (g *Gateway) sessionOf(now time.Time, a *transport.Arrival) (session *server.Session, known bool) {
	if a.Transport.Connected() {
		return g.streams[a.Link()], true
	}
	if session := g.packets.of(a.Remote); session != nil {
		return session, true
	}
	return g.rules.Open(now, a.Transport, nil, a.Link()), false
}

// keep remembers a UDP session from its login on.
func (g *Gateway) keep(a *transport.Arrival, session *server.Session) {
	if session.LoggedIn() && g.packets.of(a.Remote) == nil {
		g.packets.add(a.Remote, session)
		g.perSource[sourceOf(a.Link())]++
	}
}

// release forgets a UDP session.
func (g *Gateway) release(l transport.Link, session *server.Session) {
	if g.packets.of(l.RemoteAddr()) != session {
		return
	}
	g.packets.remove(l.RemoteAddr())
	source := sourceOf(l)
	if g.perSource[source]--; g.perSource[source] == 0 {
		delete(g.perSource, source)
	}
}
