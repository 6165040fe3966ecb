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

// Storm drops a share of the clients at once, or takes the network away from all, and
// measures how they come back.
type Storm struct{ common }

// Name implements Scenario.
func (Storm) Name() string { return "storm" }

// Uses implements Scenario.
func (Storm) Uses() []string {
	return []string{options.StormShare, options.StormAt, options.StormHow, options.StormLogin, options.StormAway}
}

// Pattern implements Scenario.
func (Storm) Pattern(*options.Options) plan.Pattern { return plan.Shuffled() }

// Latencies implements Scenario.
func (Storm) Latencies() []reports.LatencyKind { return []reports.LatencyKind{reports.KindRelogin} }

// Recovers implements Scenario.
func (Storm) Recovers() bool { return true }

// Outage implements Scenario.
func (Storm) Outage(o *options.Options) (never plan.Outage) {
	absence := o.StormAbsence()
	if absence == 0 {
		return never
	}
	return plan.Outage{From: stormDue(o), To: stormDue(o) + absence}
}

// Abandons implements Scenario.
func (Storm) Abandons(o *options.Options, s *plan.Schedule) []plan.Client {
	if o.StormHow != options.StormSilent {
		return nil
	}
	return s.Drawn(o.StormShare)
}

// Behave implements Scenario.
func (Storm) Behave(w Worker) Behaviour {
	r := w.Run()
	if r.Options.StormHow == options.StormGone {
		return Passive{} // the network is the engines', and what becomes of it the swarm's
	}
	s := &storm{worker: w, due: stormDue(r.Options), out: map[plan.Slot]bool{}}
	if r.Options.StormHow == options.StormSilent {
		s.silent = newSilent(w)
	}
	for i, client := range r.Schedule.Drawn(r.Options.StormShare) {
		if slot, ok := w.Slot(client); ok {
			s.targets = append(s.targets, stormTarget{slot, returnsAsNew(r.Options.StormLogin, i)})
		}
	}
	return s
}

// returnsAsNew reports whether the i-th of the drawn clients forgets its first login time.
func returnsAsNew(login string, i int) bool {
	switch login {
	case options.LoginKept:
		return false
	case options.LoginNew:
		return true
	}
	return i%2 == 1
}

// Report implements Scenario: it puts together how the clients of all workers came back.
func (Storm) Report(run *Run, parts []Behaviour, into *reports.Load) {
	if run.Options.StormHow == options.StormGone {
		return
	}
	r := &reports.Recovery{AtMs: stormDue(run.Options).Milliseconds()}
	var returned []time.Duration
	var all []*zombie
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
		if s.silent != nil {
			all = append(all, s.silent.all...)
		}
	}
	EnterReturns(r, returned)
	if run.Options.StormHow == options.StormSilent {
		r.Silent = reportSilent(run, all)
	}
	into.Recovery = r
}

// EnterReturns enters how long it took the clients to come back that did.
func EnterReturns(r *reports.Recovery, returned []time.Duration) {
	r.Returned = int64(len(returned))
	slices.Sort(returned)
	for i, into := range [...]*float64{&r.P50Ms, &r.P99Ms, &r.P100Ms} {
		*into = timeUntil(returned, int(r.Dropped), reports.RecoveryPercentiles[i])
	}
}

// stormDue returns when a storm comes, since the start of the run.
func stormDue(o *options.Options) time.Duration { return o.Ramp + o.Warmup + o.StormBegin() }

// storm drops a share of a worker's clients at once and waits for them to come
// back by their own rules (§3).
type storm struct {
	Passive
	worker Worker
	silent *silent // nil when connections are closed

	due     time.Duration
	targets []stormTarget      // clients that are to be dropped
	out     map[plan.Slot]bool // those that are not back yet
	away    atomic.Int64       // len(out), for others to see

	// What came of it.
	dropped  int             // so many were online
	took     time.Duration   // until the last of them was dropped
	returned []time.Duration // since the drop was due
}

// stormTarget is a client that is to be dropped.
type stormTarget struct {
	slot  plan.Slot
	asNew bool // it comes back without its first login time
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
	for _, target := range s.targets[:batched] {
		if s.worker.Client(target.slot).Online {
			s.drop(target)
		}
	}
	s.targets = s.targets[batched:]
}

func (s *storm) drop(t stormTarget) {
	s.dropped++
	s.out[t.slot] = true
	s.away.Store(int64(len(s.out)))
	now := s.worker.Run().Now()
	s.took = now - s.due
	if s.silent != nil {
		s.silent.abandon(t, now)
	} else {
		s.worker.Disconnect(t.slot, now)
	}
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
	if s.silent != nil {
		s.silent.back(l)
	}
}

// Stop implements Behaviour.
func (s *storm) Stop(at time.Duration) {
	if at <= s.due {
		s.targets = nil
	}
}

// Busy implements Behaviour.
func (s *storm) Busy() bool { return s.away.Load() > 0 || s.silent.busy() }

// End implements Behaviour.
func (s *storm) End() { s.silent.end(s.worker.Run().Now()) }

// timeUntil is the time in milliseconds until a share of so many was back, -1
// when it never was.
func timeUntil(returned []time.Duration, dropped int, percent float64) float64 {
	needed := int(math.Ceil(float64(dropped) * percent / 100))
	if needed == 0 || len(returned) < needed {
		return -1
	}
	return float64(returned[needed-1].Microseconds()) / 1000
}
