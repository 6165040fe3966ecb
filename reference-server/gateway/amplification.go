package gateway

import (
	"slices"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Bounds of one answer to an address on UDP that has not logged in, in bytes: a multiple
// of what it sent, and a fixed part. An error response carries the message that it
// refuses, so that it cannot be shorter (docs/protocol.md §3 Login); for a message full
// of characters that have to be escaped it would be nine times as long.
const (
	answerFactor = 3
	answerExtra  = 256
)

// amplificationBudget bounds how many bytes more than what was sent to it the server
// answers to addresses on UDP that have not logged in. Such an address may be forged, and
// whoever it belongs to gets the answers. At most the budget of one second is saved up.
type amplificationBudget struct {
	perSecond int
	left      float64 // bytes
	at        time.Time
}

func newAmplificationBudget(perSecond int, now time.Time) amplificationBudget {
	return amplificationBudget{perSecond: perSecond, left: float64(perSecond), at: now}
}

// spend takes bytes from what is left, or nothing when that is not enough.
func (b *amplificationBudget) spend(now time.Time, bytes int) bool {
	earned := now.Sub(b.at).Seconds() * float64(b.perSecond)
	b.left, b.at = min(b.left+earned, float64(b.perSecond)), now
	if float64(bytes) > b.left {
		return false
	}
	b.left -= float64(bytes)
	return true
}

// limitAmplification drops answers that are too long for the bytes that an address on UDP
// has sent before its login: any datagram may be lost (docs/protocol.md §7 Loss). Nobody
// on another machine can forge a loopback address, so that those need no budget.
func (g *Gateway) limitAmplification(now time.Time, l transport.Link, to *server.Session, sent int, effects []server.Effect) []server.Effect {
	return slices.DeleteFunc(effects, func(e server.Effect) bool {
		if e.Kind != server.Send || e.Session != to || !g.amplifies(now, l, sent, e.Message) {
			return false
		}
		g.limited(now, server.LimitStrangers, sourceOf(l))
		return true
	})
}

// amplifies reports whether an answer is too long for the bytes that it answers.
func (g *Gateway) amplifies(now time.Time, l transport.Link, sent int, answer wire.Message) bool {
	g.scratch = answer.Append(g.scratch[:0])
	switch length := len(g.scratch); {
	case length <= sent:
		return false
	case length > answerFactor*sent+answerExtra:
		return true
	default:
		return !l.RemoteAddr().Addr().IsLoopback() && !g.budget.spend(now, length-sent)
	}
}
