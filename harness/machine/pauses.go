// Package machine observes what the machine that a test or a load runs on gives to this
// process: time to run, processors, open files. What is missing there is never the
// target's failure.
package machine

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// LeastPause is the shortest time without running that counts as a pause: stopped by a
// signal, suspended with the whole machine, or on one that is far too busy. Sessions
// expire meanwhile, and answers that came in time are read late.
const LeastPause = 3 * time.Second

// Recovery is how long after a late wake-up what it held up may still come late.
const Recovery = 500 * time.Millisecond

// pausePeriod is how often Watch asks to be woken.
const pausePeriod = 10 * time.Millisecond

// Pause is a time during which this process did not run.
type Pause struct {
	From, Until time.Time     // by the monotonic clock, which may stand still meanwhile
	Length      time.Duration // by the wall clock where that went further
}

func (p Pause) String() string {
	return fmt.Sprintf("this process was stopped for %v from %s on (by a signal, or with the machine)",
		p.Length.Round(100*time.Millisecond), p.From.Format("15:04:05"))
}

// Pauses collects the pauses of this process. The zero value is ready; it may be used by
// many goroutines at once.
type Pauses struct {
	mu     sync.Mutex
	latest time.Time     // wake-up
	period time.Duration // until the next one
	all    []Pause       // in the order of time
}

// Watch notes pauses until ctx is done.
func (p *Pauses) Watch(ctx context.Context) {
	due := time.Now().Add(pausePeriod)
	timer := time.NewTimer(pausePeriod)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		p.Note(due, now, pausePeriod)
		due = now.Add(pausePeriod)
		timer.Reset(pausePeriod)
	}
}

// Note takes when this process was woken, when that was due, and after which time it
// will be again. A suspended machine shows by the wall clock only.
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
// Recovery before it. One that has just ended may not be noted yet.
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
