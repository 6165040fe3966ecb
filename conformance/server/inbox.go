package server

import (
	"slices"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// arrival is a message, or the end of the connection, and when it came.
type arrival struct {
	at        time.Time
	number    int // among all on its connection
	body      []byte
	message   wire.Message
	invalid   error                 // reason that the body is not a message
	end       *transport.CloseError // the connection ended; the last arrival
	accounted bool                  // the case asked for it, or the law explains it
}

// String describes an arrival for a report.
func (a *arrival) String() string {
	switch {
	case a.end != nil:
		return a.end.Error()
	case a.invalid != nil:
		return quoted(a.body) + ", which is not a message: " + a.invalid.Error()
	}
	return describe(a.message)
}

// allowance permits messages that need not come, such as answers to repeated requests.
type allowance struct {
	match func(*arrival) bool
	left  int
}

// allow permits up to n further arrivals that match.
func (p *Peer) allow(n int, match func(*arrival) bool) *allowance {
	a := &allowance{match, n}
	p.allowances = append(p.allowances, a)
	return a
}

// Allow permits up to n copies of a message that the case does not ask for.
func (p *Peer) Allow(n int, m wire.Message) { p.allow(n, p.matches(m)) }

// AllowEnd permits the target to end the connection.
func (p *Peer) AllowEnd() { p.mayEnd = true }

// matches returns a matcher for one message.
func (p *Peer) matches(want wire.Message) func(*arrival) bool {
	return func(a *arrival) bool { return a.end == nil && a.invalid == nil && p.isSame(a.message, want) }
}

// find returns the first arrival that matches and that nobody has asked for yet,
// and waits for it until the deadline. It returns nil when there is none, or when
// the connection ended first.
func (p *Peer) find(deadline time.Time, match func(*arrival) bool) *arrival {
	for next := 0; ; {
		for ; next < len(p.inbox); next++ {
			if a := p.inbox[next]; !a.accounted && match(a) {
				a.accounted = true
				return a
			}
		}
		if !p.fetch(deadline) {
			return nil
		}
	}
}

// fetch moves the next arrival into the inbox, waiting for it until the deadline.
// It reports false when none came, or none can come any more.
func (p *Peer) fetch(deadline time.Time) bool {
	if p.end != nil || p.closed {
		return false
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	var a *arrival
	select {
	case a = <-p.arrivals:
	case <-timer.C:
		select {
		case a = <-p.arrivals: // it came while this goroutine was late
		default:
			return false
		}
	case <-p.scene.Context().Done():
		p.scene.CheckAlive()
	}
	if a.end != nil {
		p.end = a
		p.scene.Note(a.end)
	}
	p.take(a)
	return true
}

// drain moves everything that has come into the inbox, without waiting.
func (p *Peer) drain() {
	for now := time.Now(); p.fetch(now); {
	}
}

// unaccounted returns the first arrival that the case has neither asked for nor
// allowed, or nil.
func (p *Peer) unaccounted() *arrival {
	for _, a := range p.inbox {
		if !a.accounted && !p.allows(a) {
			return a
		}
	}
	return nil
}

// allows reports whether an arrival on this connection is allowed, without using
// the allowance up.
func (p *Peer) allows(a *arrival) bool {
	return slices.ContainsFunc(p.allowances, func(allowed *allowance) bool { return allowed.left > 0 && allowed.match(a) })
}
