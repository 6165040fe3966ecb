package suite

import (
	"context"
	"sync"
	"time"

	"imcheck/harness/machine"
)

// lagPeriod is how often the lag monitor asks to be woken.
const lagPeriod = 10 * time.Millisecond

// LagMonitor keeps by how much something was late, such as this process, which asks to
// be woken at known times. On a machine that is too busy, a measured time is off by
// about as much.
type LagMonitor struct {
	period time.Duration // between two samples

	mu     sync.Mutex
	worst  []lagSample // lags worth noting, in the order of time
	latest time.Time   // last wake-up

	pauses machine.Pauses
}

type lagSample struct {
	at  time.Time
	lag time.Duration
}

// noteworthy is the lag below which a wake-up is not kept.
const noteworthy = time.Millisecond

// watch measures until ctx is done.
func (l *LagMonitor) watch(ctx context.Context) {
	due := time.Now().Add(lagPeriod)
	timer := time.NewTimer(lagPeriod)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		l.noteWake(due, now)
		due = now.Add(lagPeriod)
		timer.Reset(lagPeriod)
	}
}

// noteWake notes when something happened, and when that was due.
func (l *LagMonitor) noteWake(due, now time.Time) {
	l.pauses.Note(due, now, l.period)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest = now
	if lag := now.Sub(due); lag >= noteworthy {
		l.worst = append(l.worst, lagSample{now, lag})
	}
}

// NewLagMonitor returns a monitor of something that is noted once a period.
func NewLagMonitor(period time.Duration) *LagMonitor { return &LagMonitor{period: period} }

// Note notes by how much something that happened at a time was late.
func (l *LagMonitor) Note(at time.Time, lag time.Duration) { l.noteWake(at.Add(-lag), at) }

// Between returns the worst lag by which a time between two moments, or one of the
// moments, may have been noted late. A wake-up that is overdue at the end counts
// as well, and so does one that came late shortly before the start.
func (l *LagMonitor) Between(from, to time.Time) (worst time.Duration) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.worst) - 1; i >= 0; i-- {
		sample := l.worst[i]
		if sample.at.Before(from.Add(-machine.Recovery)) {
			break
		}
		if !sample.at.Add(-sample.lag).After(to) {
			worst = max(worst, sample.lag)
		}
	}
	if overdue := to.Sub(l.latest) - l.period; !l.latest.IsZero() && overdue > noteworthy {
		worst = max(worst, overdue)
	}
	return worst
}
