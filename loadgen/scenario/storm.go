package scenario

import (
	"math"
	"slices"
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Storm drops a share of the clients at once and measures how they come back.
type Storm struct{ common }

// Name implements Scenario.
func (Storm) Name() string { return "storm" }

// Uses implements Scenario.
func (Storm) Uses() []string { return []string{options.StormShare, options.StormAt} }

// Pattern implements Scenario.
func (Storm) Pattern(*options.Options) plan.Pattern { return plan.Shuffled() }

// Latencies implements Scenario.
func (Storm) Latencies() []reports.LatencyKind { return []reports.LatencyKind{reports.KindRelogin} }

// Recovers implements Scenario.
func (Storm) Recovers() bool { return true }

// Behave implements Scenario.
func (Storm) Behave(w Worker) Behaviour {
	r := w.Run()
	s := &storm{worker: w, due: stormDue(r.Options), out: map[plan.Slot]bool{}}
	for _, client := range r.Schedule.Drawn(r.Options.StormShare) {
		if slot, ok := w.Slot(client); ok {
			s.targets = append(s.targets, slot)
		}
	}
	return s
}

// Report implements Scenario: it puts together how the clients of all workers came back.
func (Storm) Report(run *Run, parts []Behaviour, into *reports.Load) {
	r := &reports.Recovery{AtMs: stormDue(run.Options).Milliseconds()}
	var returned []time.Duration
	for _, part := range parts {
		s := part.(*storm)
		r.Dropped += int64(s.dropped)
		r.TookMs = max(r.TookMs, float64(s.took.Microseconds())/1000)
		returned = append(returned, s.returned...)
		for slot := range s.out {
			if s.worker.KeptOut(slot, s.worker.Run().Now()) {
				r.KeptOut++
			}
		}
	}
	r.Returned = int64(len(returned))
	slices.Sort(returned)
	for i, into := range [...]*float64{&r.P50Ms, &r.P99Ms, &r.P100Ms} {
		*into = timeUntil(returned, int(r.Dropped), reports.RecoveryPercentiles[i])
	}
	into.Recovery = r
}

// stormDue returns when a storm comes, since the start of the run.
func stormDue(o *options.Options) time.Duration {
	at := o.StormAt
	if at == 0 {
		at = o.Duration / 4
	}
	return o.Ramp + o.Warmup + at
}

// storm drops a share of a worker's clients at once and waits for them to come
// back by their own rules (§3).
type storm struct {
	Passive
	worker Worker

	due     time.Duration
	targets []plan.Slot        // clients that are to be dropped
	out     map[plan.Slot]bool // those that are not back yet
	away    atomic.Int64       // len(out), for others to see

	// What came of it.
	dropped  int             // so many were online
	took     time.Duration   // until the last of them was dropped
	returned []time.Duration // since the drop was due
}

// Next implements Behaviour.
func (s *storm) Next() (due time.Duration, ok bool) { return s.due, len(s.targets) > 0 }

// Step drops clients, a batch at a time: those that are back early are heard
// meanwhile.
func (s *storm) Step(now time.Duration) {
	if now < s.due {
		return
	}
	batched := min(batch, len(s.targets))
	for _, slot := range s.targets[:batched] {
		if s.worker.Client(slot).Online {
			s.drop(slot)
		}
	}
	s.targets = s.targets[batched:]
}

func (s *storm) drop(slot plan.Slot) {
	s.dropped++
	s.out[slot] = true
	s.away.Store(int64(len(s.out)))
	now := s.worker.Run().Now()
	s.took = now - s.due
	s.worker.Disconnect(slot, now)
}

// LoggedIn implements Behaviour.
func (s *storm) LoggedIn(l Login) {
	if !s.out[l.Slot] {
		return
	}
	delete(s.out, l.Slot)
	s.away.Store(int64(len(s.out)))
	s.returned = append(s.returned, l.Now-s.due)
	s.worker.Books().Latencies.Record(books.Relogin, l.Transport, l.Now-s.due, l.Now-l.DialBegan)
}

// Stop implements Behaviour.
func (s *storm) Stop(at time.Duration) {
	if at <= s.due {
		s.targets = nil
	}
}

// Busy implements Behaviour.
func (s *storm) Busy() bool { return s.away.Load() > 0 }

// timeUntil is the time in milliseconds until a share of so many was back, -1
// when it never was.
func timeUntil(returned []time.Duration, dropped int, percent float64) float64 {
	needed := int(math.Ceil(float64(dropped) * percent / 100))
	if needed == 0 || len(returned) < needed {
		return -1
	}
	return float64(returned[needed-1].Microseconds()) / 1000
}
