package host

import (
	"time"

	"imcheck/harness/transport"
)

// Alarm wakes who waits for channels as well. It may ring too often, never too seldom.
type Alarm interface {
	// Set makes it ring so much later, in place of what was set before.
	Set(wait time.Duration)
	// Rings returns the channel on which it does.
	Rings() <-chan time.Time
	// Stop releases it. It does not ring any more.
	Stop()
}

// NewAlarm returns the most exact alarm that the system has. On a network that is
// not the system's, time may be virtual, which only the runtime's own timers
// know of.
func NewAlarm(network transport.Network) Alarm {
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

func (a *timerAlarm) Set(wait time.Duration)  { a.timer.Reset(wait) }
func (a *timerAlarm) Rings() <-chan time.Time { return a.timer.C }
func (a *timerAlarm) Stop()                   { a.timer.Stop() }
