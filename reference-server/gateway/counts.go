package gateway

import (
	"maps"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// otherKind counts the messages of types that the protocol does not have.
const otherKind = wire.TypeKickout + 1

// Traffic counts what went in one direction on one transport. Bytes are those of bodies,
// without framing and TLS.
type Traffic struct {
	Bytes    uint64
	Bad      uint64 // bodies that were no message
	Messages [otherKind + 1]uint64
}

// Of returns the number of messages of a type.
func (t *Traffic) Of(kind wire.Type) uint64 { return t.Messages[kind] }

// Others returns the number of messages of types that the protocol does not have.
func (t *Traffic) Others() uint64 { return t.Messages[otherKind] }

func (t *Traffic) add(kind wire.Type, bytes int) {
	if !kind.Known() {
		kind = otherKind
	}
	t.Messages[kind]++
	t.Bytes += uint64(bytes)
}

// Counts are the counters of a gateway since its start, and what there is now.
type Counts struct {
	// Now, by transport.
	Connections [len(wire.Transports)]int // open streams, with a login or without
	Sessions    [len(wire.Transports)]int // with a login

	// Since the start.
	In, Out         [len(wire.Transports)]Traffic
	Opened          [len(wire.Transports)]uint64 // streams that were accepted
	Logins          [len(wire.Transports)]uint64
	Retransmissions [len(wire.Transports)]uint64 // of Out, messages that were sent again
	Ended           map[server.Cause]uint64      // sessions, and streams without a login
	RefusedLogins   map[wire.Code]uint64         // by verdict of the application
	Errors          map[wire.Code]uint64         // error responses by code
	Limited         map[server.Limit]uint64      // how often a limit was in force
}

func newCounts() Counts {
	return Counts{
		Ended: map[server.Cause]uint64{}, RefusedLogins: map[wire.Code]uint64{},
		Errors: map[wire.Code]uint64{}, Limited: map[server.Limit]uint64{},
	}
}

// maxCodes bounds the codes that are counted apart, as a login can name any; further ones
// count as otherCode.
const (
	maxCodes  = 64
	otherCode = wire.Code(-1)
)

// countCode counts a code.
func countCode(of map[wire.Code]uint64, code wire.Code) {
	if _, known := of[code]; !known && len(of) >= maxCodes {
		code = otherCode
	}
	of[code]++
}

// Counts returns a copy of the counters.
func (g *Gateway) Counts() Counts {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.counts
	for _, t := range wire.Transports {
		c.Sessions[t] = g.rules.LoggedIn(t)
	}
	c.Ended, c.RefusedLogins = maps.Clone(c.Ended), maps.Clone(c.RefusedLogins)
	c.Errors, c.Limited = maps.Clone(c.Errors), maps.Clone(c.Limited)
	return c
}

// countReceived counts what arrived on a transport.
func (g *Gateway) countReceived(t wire.Transport, in *server.Inbound) {
	traffic := &g.counts.In[t]
	if in.Bad {
		traffic.Bad++
		traffic.Bytes += uint64(len(in.Body))
		return
	}
	traffic.add(in.Message.Type, len(in.Body))
}

// countSent counts a message that is sent.
func (g *Gateway) countSent(e *server.Effect, bytes int) {
	t := e.Session.Transport
	g.counts.Out[t].add(e.Message.Type, bytes)
	if e.Again {
		g.counts.Retransmissions[t]++
	}
	if e.Message.Type == wire.TypeErrorResponse {
		if refusal, err := wire.ParseErrorResponse(e.Message.DataContent.Value()); err == nil {
			countCode(g.counts.Errors, refusal.Code)
		}
	}
}
