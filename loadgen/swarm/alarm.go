package swarm

import (
	"time"

	"imcheck/harness/transport"
)

// alarm wakes who waits for channels as well. It may ring too often, never too seldom.
type alarm interface {
	// set makes it ring so much later, in place of what was set before.
	set(wait time.Duration)
	// rings returns the channel on which it does.
	rings() <-chan time.Time
	stop()
}

// newAlarm is the most exact alarm that the system has. On a network that is
// not the system's, time may be virtual, which only the runtime's own timers
// know of.
func newAlarm(network transport.Network) alarm {
	if _, real := network.(transport.OS); real {
		if a, err := newExactAlarm(); err == nil {
			return a
		}
	}
	return &timerAlarm{time.NewTimer(time.Hour)}
}

// timerAlarm is a timer of the runtime. Where nothing else is to be done the
// runtime waits in steps of a millisecond on some systems.
type timerAlarm struct{ timer *time.Timer }

func (a *timerAlarm) set(wait time.Duration)  { a.timer.Reset(wait) }
func (a *timerAlarm) rings() <-chan time.Time { return a.timer.C }
func (a *timerAlarm) stop()                   { a.timer.Stop() }
