package gateway

import (
	"slices"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
)

// The longest answer to a stranger on UDP, in bytes: a multiple of what it sent and
// a fixed part. An error response carries the message that it refuses, so that it
// cannot be shorter (docs/protocol.md §3 Login); of one that is full of characters
// to be escaped it would be nine times as long.
const (
	answerFactor = 3
	answerExtra  = 256
)

// excess counts by how much answers to strangers on UDP may be longer in all than
// what they sent. Their address may be forged, and whoever it belongs to gets the
// answers. At most the budget of one second is saved up.
type excess struct {
	perSecond int
	left      float64 // bytes
	at        time.Time
}

func newExcess(perSecond int, now time.Time) excess {
	return excess{perSecond: perSecond, left: float64(perSecond), at: now}
}

// spend takes bytes from what is left, or nothing when that is not enough.
func (e *excess) spend(now time.Time, bytes int) bool {
	earned := now.Sub(e.at).Seconds() * float64(e.perSecond)
	e.left, e.at = min(e.left+earned, float64(e.perSecond)), now
	if float64(bytes) > e.left {
		return false
	}
	e.left -= float64(bytes)
	return true
}

// answers leaves out what a stranger on UDP who sent some bytes is not to get: any
// datagram may be lost (docs/protocol.md §7 Loss). Nobody on another machine can
// forge a loopback address, so that those have no budget.
func (g *Gateway) answers(now time.Time, l transport.Link, to *server.Session, sent int, effects []server.Effect) []server.Effect {
	return slices.DeleteFunc(effects, func(e server.Effect) bool {
		if e.Kind != server.Send || e.Session != to {
			return false
		}
		g.scratch = e.Message.Append(g.scratch[:0])
		switch length := len(g.scratch); {
		case length <= sent:
			return false
		case length > answerFactor*sent+answerExtra:
			return true
		default:
			return !l.RemoteAddr().Addr().IsLoopback() && !g.excess.spend(now, length-sent)
		}
	})
}
