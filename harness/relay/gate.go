package relay

import (
	"context"
	"sync"
	"time"
)

// gate holds up all traffic during a stall, and that of streams during an outage. The zero
// value is open.
type gate struct {
	mu             sync.Mutex
	stalled, outed time.Time // end of the stall and of the outage
}

// stall holds up everything until a time.
func (g *gate) stall(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stalled = later(g.stalled, until)
}

// outage takes the network away until a time.
func (g *gate) outage(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.outed = later(g.outed, until)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// isOut reports whether the network is away.
func (g *gate) isOut(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.outed.After(now)
}

// opens returns when what comes now may pass; a stream waits for the end of an outage too.
func (g *gate) opens(stream bool) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	if stream {
		return later(g.stalled, g.outed)
	}
	return g.stalled
}

// pass waits until the gate is open; false if ctx ends first.
func (g *gate) pass(ctx context.Context, stream bool) bool {
	for {
		wait := time.Until(g.opens(stream))
		if wait <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}
