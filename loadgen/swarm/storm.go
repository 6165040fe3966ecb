package swarm

import (
	"math"
	"slices"
	"sync/atomic"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/reports"
)

// storm drops a share of a worker's clients at once and waits for them to come
// back by their own rules (§3).
type storm struct {
	plain
	worker   *worker
	due      time.Duration
	targets  []plan.Slot        // places among the worker's members, which are to be dropped
	out      map[plan.Slot]bool // those that are not back yet
	dropped  int                // so many were online
	took     time.Duration      // until the last of them was dropped
	returned []time.Duration    // since the drop was due
	away     atomic.Int64       // len(out), for others to see
}

func newStorm(w *worker) *storm {
	s := &storm{worker: w, due: scenario.StormDue(&w.swarm.config.Options), out: map[plan.Slot]bool{}}
	for _, client := range w.swarm.schedule.Drawn(w.swarm.config.StormShare) {
		if w.has(client) {
			s.targets = append(s.targets, w.swarm.slotOf(client))
		}
	}
	return s
}

func (s *storm) next() (due time.Duration, any bool) { return s.due, len(s.targets) > 0 }

// step drops clients, a batch at a time: those that are back early are heard
// meanwhile.
func (s *storm) step(now time.Duration) {
	if now < s.due {
		return
	}
	batched := min(batch, len(s.targets))
	for _, slot := range s.targets[:batched] {
		s.drop(&s.worker.members[slot], slot)
	}
	s.targets = s.targets[batched:]
}

// drop takes the connection from a client. What it does then is up to its rules.
func (s *storm) drop(m *member, slot plan.Slot) {
	if !m.online {
		return
	}
	s.dropped++
	s.out[slot] = true
	s.away.Store(int64(len(s.out)))
	s.worker.drop(m)
	now := s.worker.now()
	s.took = now - s.due
	event := eventContext{now: now, ours: true}
	s.worker.apply(m, event, m.rules.Disconnected(s.worker.at(m, now), s.worker.effects[:0]))
}

func (s *storm) loggedIn(m *member, event eventContext) {
	slot := s.worker.slot(m)
	if !s.out[slot] {
		return
	}
	delete(s.out, slot)
	s.away.Store(int64(len(s.out)))
	s.returned = append(s.returned, event.now-s.due)
	s.worker.books.Latencies.Record(books.Relogin, m.transport, event.now-s.due, event.now-m.dialBegan)
}

func (s *storm) stop(at time.Duration) {
	if at <= s.due {
		s.targets = nil
	}
}

func (s *storm) busy() bool { return s.away.Load() > 0 }

// recovery puts together how the clients of all workers came back; nil without
// a storm.
func (s *swarm) recovery() *reports.Recovery {
	if !s.config.scenario().Recovers() {
		return nil
	}
	r := &reports.Recovery{AtMs: scenario.StormDue(&s.config.Options).Milliseconds()}
	var returned []time.Duration
	for _, w := range s.workers {
		part := w.script.(*storm)
		r.Dropped += int64(part.dropped)
		r.TookMs = max(r.TookMs, float64(part.took.Microseconds())/1000)
		returned = append(returned, part.returned...)
	}
	r.Returned = int64(len(returned))
	slices.Sort(returned)
	for i, into := range [...]*float64{&r.P50Ms, &r.P99Ms, &r.P100Ms} {
		*into = timeUntil(returned, int(r.Dropped), reports.RecoveryPercentiles[i])
	}
	return r
}

// timeUntil is the time in milliseconds until a share of so many was back, -1
// when it never was.
func timeUntil(returned []time.Duration, dropped int, percent float64) float64 {
	needed := int(math.Ceil(float64(dropped) * percent / 100))
	if needed == 0 || len(returned) < needed {
		return -1
	}
	return float64(returned[needed-1].Microseconds()) / 1000
}
