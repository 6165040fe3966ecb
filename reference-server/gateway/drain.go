package gateway

import (
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Drain refuses new connections, logins and data from now on. Data is not acknowledged, so
// that its sender knows that nobody has it. What is under way goes on.
func (g *Gateway) Drain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.draining = true
}

// drained reports whether a message is not taken any more.
func (g *Gateway) drained(m wire.Message) bool {
	return g.draining && (m.Type == wire.TypeLogin || m.Type == wire.TypeData)
}

// Unconfirmed returns the number of messages that wait for the confirmation of the broker.
func (g *Gateway) Unconfirmed() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rules.Unconfirmed()
}

// EndAll ends every session and stream, as a server that goes does.
func (g *Gateway) EndAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for _, session := range g.streams {
		g.carryOut(now, g.rules.Abort(now, session, server.CauseGoingAway))
	}
	for session := range g.packets.all() {
		g.carryOut(now, g.rules.Abort(now, session, server.CauseGoingAway))
	}
}
