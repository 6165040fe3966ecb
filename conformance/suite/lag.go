package suite

import (
	"context"
	"sync"
	"time"

	"imcheck/harness/machine"
)

// lagPeriod is the interval at which the lag monitor asks to be woken.
const lagPeriod = 10 * time.Millisecond

// LagMonitor records how late something was. For this process it is noted at wake-ups
// that were asked for at known times. On a machine that is too busy, a measured time is
// off by about as much.
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

// minLag is the smallest lag that is kept.
const minLag = time.Millisecond

// watch measures until ctx is done.
func (l *LagMonitor) watch(ctx context.Context) { machine.EachWake(ctx, lagPeriod, l.noteWake) }

// noteWake records when something happened and when it was due.
func (l *LagMonitor) noteWake(due, now time.Time) {
	l.pauses.Note(due, now, l.period)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest = now
	if lag := now.Sub(due); lag >= minLag {
		l.worst = append(l.worst, lagSample{now, lag})
	}
}

// NewLagMonitor returns a monitor of something that is noted once per period.
func NewLagMonitor(period time.Duration) *LagMonitor { return &LagMonitor{period: period} }

// Note records that something which happened at a time was late by lag.
func (l *LagMonitor) Note(at time.Time, lag time.Duration) { l.noteWake(at.Add(-lag), at) }

// Between returns the worst lag by which a time between two moments, or one of the
// moments, may have been noted late. It counts a wake-up that is overdue at the end,
// and one that was late shortly before the start. A nil monitor has no lag.
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
	if overdue := to.Sub(l.latest) - l.period; !l.latest.IsZero() && overdue > minLag {
		worst = max(worst, overdue)
	}
	return worst
}
