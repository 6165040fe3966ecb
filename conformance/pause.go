package conformance

import (
	"context"
	"fmt"
	"time"

	"imcheck/reports"
)

// leastPause is how long this process did not run when it is taken to have been
// stopped: by a signal, with the whole machine, or by one that is far too busy.
// Sessions expire meanwhile, and answers are late that came in time.
const leastPause = 3 * time.Second

// stoppage is a time during which this process did not run.
type stoppage struct {
	from, until time.Time     // by the monotonic clock, which may stand still meanwhile
	length      time.Duration // by the wall clock where that went further
}

func (p stoppage) String() string {
	return fmt.Sprintf("this process was stopped for %v from %s on (by a signal, or with the machine)",
		p.length.Round(100*time.Millisecond), p.from.Format("15:04:05"))
}

// noteWake notes when the monitor was woken and when that was due. A suspended
// machine shows by the wall clock only.
func (l *lagMonitor) noteWake(due, now time.Time) {
	lag := now.Sub(due)
	l.note(now, lag)
	if wall := now.Round(0).Sub(due.Round(0)); lag < leastPause && wall >= leastPause {
		l.notePause(stoppage{due, now, wall})
	}
}

func (l *lagMonitor) notePause(p stoppage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pauses = append(l.pauses, p)
}

// pauseDuring is the longest pause that overlapped a time, or ended so shortly before
// that what it held up came meanwhile. One that has just ended may not be noted yet.
func (l *lagMonitor) pauseDuring(from, to time.Time) (longest stoppage, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pauses := l.pauses
	if due := l.latest.Add(l.period); !l.latest.IsZero() && to.Sub(due) >= leastPause {
		pauses = append(pauses[:len(pauses):len(pauses)], stoppage{due, to, to.Sub(due)})
	}
	for _, p := range pauses {
		if p.length > longest.length && !p.from.After(to) && !p.until.Add(recovery).Before(from) {
			longest, found = p, true
		}
	}
	return longest, found
}

// excuse takes the verdict of a case back that ran while this process did not: it
// says nothing of the target.
func (r *run) excuse(f *Finished) {
	result := &f.Result
	if result.Verdict == reports.Skipped || result.Verdict == reports.NotSupported {
		return
	}
	from := r.started.Add(duration(result.StartedMs))
	pause, found := r.lag.pauseDuring(from, from.Add(duration(result.DurationMs)))
	if !found {
		return
	}
	f.Trouble = pause.String()
	result.Verdict, result.Reason = reports.Inconclusive, f.Trouble
	result.Expected, result.Actual = "", ""
	r.soften(result, f.Item.Level)
}

// duration is the inverse of milliseconds.
func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// triesAfterPauses bounds AgainAfterPause.
const triesAfterPauses = 3

// AgainAfterPause calls try, and calls it again when it failed while this process was
// stopped: what ran out of time then did not have it.
func AgainAfterPause(ctx context.Context, try func() error) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	lag := &lagMonitor{period: lagPeriod}
	go lag.watch(watching)
	return againAfterPause(ctx, lag, try)
}

func againAfterPause(ctx context.Context, lag *lagMonitor, try func() error) error {
	for tries := 1; ; tries++ {
		started := time.Now()
		err := try()
		_, paused := lag.pauseDuring(started, time.Now())
		if err == nil || !paused || tries == triesAfterPauses || ctx.Err() != nil {
			return err
		}
	}
}
