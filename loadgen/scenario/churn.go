package scenario

import (
	"fmt"
	"sync/atomic"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Churn has clients log out and in again, so many a second as the rate says.
type Churn struct{ common }

// Name implements Scenario.
func (Churn) Name() string { return "churn" }

// Uses implements Scenario.
func (Churn) Uses() []string { return []string{options.Rate, options.ChurnAway, options.Stages} }

// Adjust implements Scenario.
func (Churn) Adjust(o *options.Options) { o.Rate = 10 } // each of 100 clients leaves every 10 s

// Check makes sure that a client is back before it is to leave again.
func (Churn) Check(o *options.Options, _ *target.Target) error {
	if err := checkTurns(options.Rate, o.Rate, o); err != nil {
		return err
	}
	for i, s := range o.Stages {
		if s.Clients != 0 {
			return options.Refuse(fmt.Sprintf("%s.%d.clients", options.Stages, i), "a churn logs clients out and in by its rate, and keeps their number: leave it out")
		}
		if s.Rate == 0 {
			continue
		}
		if err := checkTurns(fmt.Sprintf("%s.%d.rate", options.Stages, i), s.Rate, o); err != nil {
			return err
		}
	}
	return nil
}

// checkTurns refuses a rate at which a client is not back long before it is to leave
// again. key says where the rate is from.
func checkTurns(key string, rate float64, o *options.Options) error {
	turn := time.Duration(float64(o.Clients) / rate * float64(time.Second))
	if turn < 2*o.Away {
		return options.Refuse(key, "at %v a second each of %d clients leaves again %v after it left, half of which has to be over %v (churn.away): use a lower rate or more clients",
			rate, o.Clients, turn, o.Away)
	}
	return nil
}

// Pattern implements Scenario.
func (Churn) Pattern(o *options.Options) plan.Pattern { return plan.Turns(o.Rate) }

// Latencies implements Scenario.
func (Churn) Latencies() []reports.LatencyKind { return []reports.LatencyKind{reports.KindRelogin} }

// Behave implements Scenario.
func (Churn) Behave(w Worker) Behaviour {
	r := w.Run()
	_, end := r.Schedule.Steady()
	c := &churn{
		worker: w, schedule: &r.Schedule, gone: r.Options.Away, total: r.Schedule.DueBefore(end), last: end,
		due: make([]time.Duration, w.Clients()), out: make([]bool, w.Clients()),
	}
	for i := range c.due {
		c.due[i] = none
	}
	c.leaving = c.own(0)
	c.back = c.leaving
	return c
}

// churn has a worker's clients log out and, a while later, log in again as new.
// Departure n is due when the n-th message of a steady load would be, of the
// client whose turn it is; its return follows later. Checked is that a
// client is back before its next turn.
type churn struct {
	Passive
	worker   Worker
	schedule *plan.Schedule
	gone     time.Duration // time between a departure and the return

	// Departures and returns are numbered together.
	total   uint64        // departures of all workers
	leaving uint64        // next departure of this worker
	back    uint64        // next return of this worker
	last    time.Duration // returns that are due later do not take place

	// By slot.
	due    []time.Duration // when a return was due that has not logged in; none without one
	out    []bool          // the client left
	coming atomic.Int64    // logins under way
}

// own is the first departure from n on that is one of this worker's clients'.
func (c *churn) own(n uint64) uint64 {
	for n < c.total {
		if _, ok := c.slot(n); ok {
			break
		}
		n++
	}
	return n
}

// slot returns the client of departure n; ok is false when another worker has it.
func (c *churn) slot(n uint64) (slot plan.Slot, ok bool) { return c.worker.Slot(c.schedule.Turn(n)) }

// leaves returns when departure n is due, and comes when that client is due to return.
func (c *churn) leaves(n uint64) time.Duration { return c.schedule.Due(n) }
func (c *churn) comes(n uint64) time.Duration  { return c.leaves(n) + c.gone }

// Next implements Behaviour.
func (c *churn) Next() (due time.Duration, ok bool) {
	if c.back < c.leaving && c.comes(c.back) < c.last {
		due, ok = c.comes(c.back), true
	}
	if c.leaving < c.total && (!ok || c.leaves(c.leaving) < due) {
		due, ok = c.leaves(c.leaving), true
	}
	return due, ok
}

// Step implements Behaviour.
func (c *churn) Step(now time.Duration) {
	for range batch {
		due, ok := c.Next()
		if !ok || due > now {
			return
		}
		if c.leaving < c.total && due == c.leaves(c.leaving) {
			c.leave(due)
			c.leaving = c.own(c.leaving + 1)
		} else {
			c.comeBack(due)
			c.back = c.own(c.back + 1)
		}
	}
}

func (c *churn) leave(due time.Duration) {
	slot, _ := c.slot(c.leaving)
	if !c.worker.Client(slot).Online && c.worker.KeptOut(slot, c.worker.Run().Now()) {
		c.worker.Books().Excuse(c.schedule.Counts(due))
		return
	}
	if !c.worker.Client(slot).Online {
		c.worker.Books().Fail(books.NotOnline, c.schedule.Counts(due))
		c.stage(due).Miss(books.NotOnline)
		return
	}
	now := c.late(due)
	c.out[slot] = true
	c.worker.Logout(slot, now)
}

// comeBack logs a client in anew, if it left.
func (c *churn) comeBack(due time.Duration) {
	slot, _ := c.slot(c.back)
	if !c.out[slot] {
		return
	}
	now := c.late(due)
	c.out[slot], c.due[slot] = false, due
	c.coming.Add(1)
	c.worker.Login(slot, now)
}

// late records how late something is done that was due, and returns the time.
func (c *churn) late(due time.Duration) (now time.Duration) {
	now = c.worker.Run().Now()
	if c.schedule.Counts(due) {
		c.worker.Books().Latencies.RecordLateness(now - due)
		c.stage(due).RecordLateness(now - due)
	}
	return now
}

// stage returns the books of the stage in which something was due.
func (c *churn) stage(due time.Duration) *books.Stage {
	return c.worker.Books().Stages.At(c.schedule, due)
}

// LoggedIn implements Behaviour.
func (c *churn) LoggedIn(l Login) {
	due := c.due[l.Slot]
	if due == none {
		return
	}
	c.due[l.Slot] = none
	c.coming.Add(-1)
	if c.schedule.Counts(due) {
		c.worker.Books().Latencies.Record(books.Relogin, l.Transport, l.Now-due, l.Now-l.DialBegan)
		c.stage(due).Record(books.Relogin, l.Now-due)
	}
}

// Stop implements Behaviour.
func (c *churn) Stop(at time.Duration) {
	c.total, c.last = min(c.total, c.schedule.DueBefore(at)), min(c.last, at)
}

// Busy implements Behaviour.
func (c *churn) Busy() bool { return c.coming.Load() > 0 }
