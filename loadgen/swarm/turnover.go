package swarm

import (
	"time"

	"imcheck/loadgen/plan"
)

// turnover has clients of one worker log in and out, where a stage has more of them than
// the one before, or fewer. Those of the ramp are the roster's.
type turnover struct {
	roster *roster
	driver *driver

	// Progress through the changes of the schedule.
	next  int // change that concerns this worker next
	total int
}

func newTurnover(d *driver) *turnover {
	t := &turnover{roster: d.roster, driver: d, total: d.run.Schedule.Changes()}
	t.skip()
	return t
}

// skip passes over the changes of other workers' clients.
func (t *turnover) skip() {
	for t.next < t.total && !t.roster.has(t.change().Client) {
		t.next++
	}
}

func (t *turnover) change() plan.Change { return t.driver.run.Schedule.Change(t.next) }

// nextDue returns when a change is due; ok is false when none is.
func (t *turnover) nextDue() (due time.Duration, ok bool) {
	if t.next == t.total {
		return 0, false
	}
	return t.change().At, true
}

// step makes the changes that are due, a batch at most.
func (t *turnover) step(now time.Duration) {
	for range batch {
		if due, ok := t.nextDue(); !ok || due > now {
			return
		}
		t.apply(t.change())
		t.next++
		t.skip()
	}
}

// apply logs a client in or out.
func (t *turnover) apply(c plan.Change) {
	m, now := t.roster.of(c.Client), t.driver.run.Now()
	switch {
	case !c.In:
		t.driver.logout(m, now)
	case !m.begun:
		t.driver.begin(m)
	default:
		t.roster.returning[t.driver.run.slotOf(m.index)] = c.At
		t.driver.login(m, now)
	}
}

// stop lets nobody log in or out any more.
func (t *turnover) stop() { t.next = t.total }
