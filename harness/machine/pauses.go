// Package machine observes the resources that this process gets from its machine: time
// to run, processors, open files. A lack of them must not be blamed on the target.
package machine

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// LeastPause is the shortest time without running that counts as a pause. A process is
// paused by a signal, by the suspension of the machine, or by overload. Sessions
// expire meanwhile, and answers that arrived in time are read late.
const LeastPause = 3 * time.Second

// Recovery is the time after a pause within which its effects can still be late.
const Recovery = 500 * time.Millisecond

// pausePeriod is the interval at which Watch asks to be woken.
const pausePeriod = 10 * time.Millisecond

// Pause is a time during which this process did not run.
type Pause struct {
	From, Until time.Time     // by the monotonic clock, which may stop during a pause
	Length      time.Duration // by the wall clock if that advanced further
}

func (p Pause) String() string {
	return fmt.Sprintf("this process was stopped for %v from %s on (by a signal, or with the machine)",
		p.Length.Round(100*time.Millisecond), p.From.Format("15:04:05"))
}

// Pauses collects the pauses of this process. The zero value is ready for use, by
// several goroutines at once.
type Pauses struct {
	mu     sync.Mutex
	latest time.Time     // the last wake-up
	period time.Duration // from that to the next
	all    []Pause       // oldest first
}

// Watch records pauses until ctx is done.
func (p *Pauses) Watch(ctx context.Context) {
	EachWake(ctx, pausePeriod, func(due, now time.Time) { p.Note(due, now, pausePeriod) })
}

// EachWake asks to be woken after each period until ctx is done, and passes on when that
// was due and when it happened.
func EachWake(ctx context.Context, period time.Duration, note func(due, now time.Time)) {
	due := time.Now().Add(period)
	timer := time.NewTimer(period)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		note(due, now)
		due = now.Add(period)
		timer.Reset(period)
	}
}

// Note records when this process was woken, when that was due, and the time to the next
// wake-up. The suspension of a machine shows on the wall clock only.
func (p *Pauses) Note(due, now time.Time, period time.Duration) {
	length := max(now.Sub(due), now.Round(0).Sub(due.Round(0)))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest, p.period = now, period
	if length >= LeastPause {
		p.all = append(p.all, Pause{due, now, length})
	}
}

// Longest returns the longest pause of all.
func (p *Pauses) Longest() (longest Pause, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pause := range p.all {
		if pause.Length > longest.Length {
			longest, found = pause, true
		}
	}
	return longest, found
}

// During returns the longest pause that overlapped a time, or that ended at most
// Recovery before it. One that has just ended may not be recorded yet.
func (p *Pauses) During(from, to time.Time) (longest Pause, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.all
	if due := p.latest.Add(p.period); !p.latest.IsZero() && to.Sub(due) >= LeastPause {
		all = append(all[:len(all):len(all)], Pause{due, to, to.Sub(due)})
	}
	for _, pause := range all {
		if pause.Length > longest.Length && !pause.From.After(to) && !pause.Until.Add(Recovery).Before(from) {
			longest, found = pause, true
		}
	}
	return longest, found
}
