package swarm

import (
	"time"
)

// end closes the books and logs everybody out.
func (w *worker) end() {
	w.takeLosses()
	now := w.run.Now()
	w.closeBooks(now)
	if w.run.config.RampDown > 0 && !w.run.interrupted {
		w.rampDown(now)
		now = w.run.Now()
	}
	for i := range w.roster.members {
		if w.run.Now()-now < logoutTime {
			w.driver.logout(&w.roster.members[i], w.run.Now())
		}
		if i%batch == batch-1 {
			w.driver.engine.Flush()
		}
	}
	w.driver.engine.Flush()
}

// closeBooks counts what is there at the end, and what is still missing.
func (w *worker) closeBooks(now time.Duration) {
	for i := range w.roster.members {
		m := &w.roster.members[i]
		if m.online {
			w.books.Sessions.AtEnd++
		}
		w.messages.waiting(m)
	}
	w.behaviour.End()
	for _, s := range w.senders {
		s.end()
	}
	if !w.run.interrupted {
		w.driver.countUnserved(now)
	}
}

// rampDown logs the worker's clients out one after the other; the others keep
// their heartbeat meanwhile. An interrupt cuts it short.
func (w *worker) rampDown(from time.Duration) {
	for i := 0; i < len(w.roster.members); {
		m := &w.roster.members[i]
		wait := w.run.Schedule.Leave(m.index, from, w.run.config.RampDown) - w.run.Now()
		if wait <= 0 {
			w.driver.logout(m, w.run.Now())
			i++
			continue
		}
		if soonest, ok := w.step(); ok {
			wait = min(wait, soonest)
		}
		select {
		case <-w.run.interrupt:
			return
		default:
		}
		if w.driver.engine.Wait(max(0, wait)) != nil {
			return // the engine has failed, and with it the rest
		}
	}
}
