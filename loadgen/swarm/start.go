package swarm

import (
	"context"
	"time"
)

// startTime returns the time from which a run counts: now, unless a time is set. It keeps the
// monotonic clock's reading either way, so that a wall clock that is set
// meanwhile moves nothing.
func startTime(c Config, now time.Time) time.Time {
	if c.Start.IsZero() {
		return now
	}
	return now.Add(c.Start.Sub(now))
}

// awaitStart waits until the run begins. With ctx it begins at once, to be
// interrupted by it.
func (s *swarm) awaitStart(ctx context.Context) {
	timer := time.NewTimer(time.Until(s.Start))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		s.Start = time.Now()
	}
}
