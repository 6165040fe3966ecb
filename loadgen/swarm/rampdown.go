package swarm

import (
	"time"
)

// rampDown logs the worker's clients out one after the other; the others keep
// their heartbeat meanwhile. An interrupt cuts it short.
func (w *worker) rampDown(from time.Duration) {
	for i := 0; i < len(w.members); {
		m := &w.members[i]
		wait := w.swarm.Schedule.Leave(m.index, from, w.swarm.config.RampDown) - w.now()
		if wait <= 0 {
			w.logout(m)
			i++
			continue
		}
		if soonest, any := w.step(); any {
			wait = min(wait, soonest)
		}
		select {
		case <-w.swarm.interrupt:
			return
		default:
		}
		if w.engine.Wait(max(0, wait)) != nil {
			return // the engine has failed, and with it the rest
		}
	}
}

func (w *worker) logout(m *member) {
	if m.begun && !m.rules.Over() {
		w.apply(m, eventContext{now: w.now(), ours: true}, m.rules.Logout(w.effects[:0]))
	}
}

// stop lets a worker begin nothing new that is due after the swarm was cut; the
// heartbeat goes on, and what is under way is waited for.
func (w *worker) stop() {
	at := w.swarm.cutAt()
	w.startable = w.started
	w.total = min(w.total, w.swarm.Schedule.SentBefore(at))
	if w.next >= w.total {
		w.next = w.total
		w.allSent.Store(true)
	}
	w.behaviour.Stop(at)
}

// cutShort ends the sending part of a run before its time.
func (s *swarm) cutShort(at time.Duration) {
	s.cutTime.Store(int64(at))
	close(s.cut)
	s.wakeAll()
}

func (s *swarm) cutAt() time.Duration { return time.Duration(s.cutTime.Load()) }
