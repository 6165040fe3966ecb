package suite

import (
	"context"
	"errors"
	"sync"
	"time"

	"imcheck/harness/machine"
)

// probesUntilGone is the number of consecutive probes that have to fail before the
// target is taken for gone: a server that has just started on a busy machine may answer nothing for
// seconds.
const probesUntilGone = 4

// ProbeTime bounds one try of a probe.
const ProbeTime = time.Second

// watchdog checks whether the target is still there while cases wait, so that a
// run against a dead server ends at once instead of after its longest wait.
type watchdog struct {
	mu     sync.Mutex
	alive  time.Time
	probed chan struct{} // closed and replaced after each probe
}

func newWatchdog() *watchdog { return &watchdog{probed: make(chan struct{})} }

// lastAlive returns when the last probe that every transport answered was sent.
func (w *watchdog) lastAlive() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alive
}

// watch probes until ctx is done, and gives the run up when the target is gone. A probe
// for which this process was late, or had no file or port, says nothing.
func (w *watchdog) watch(ctx context.Context, world World, every time.Duration, lag *LagMonitor, giveUp context.CancelCauseFunc) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		asked := time.Now()
		err := world.Probe(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failed = 0
			w.note(asked)
		case machine.LocalCause(err) != "":
		case lag.Between(asked, time.Now()) > ProbeTime/2:
		default:
			if failed++; failed >= probesUntilGone {
				giveUp(&TargetLostError{err})
				return
			}
		}
		timer.Reset(every)
	}
}

// note notes that every transport has answered a probe.
func (w *watchdog) note(asked time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alive = asked
	close(w.probed)
	w.probed = make(chan struct{})
}

// confirmTimeout bounds confirm: a target that is gone is known to be by then.
const confirmTimeout = 2 * probesUntilGone * ProbeTime

// confirm waits until the target has shown that it was still there after a moment, or
// until it is taken for gone, which ends ctx. What failed just before a run is over
// would else be a failure of a target that has gone.
func (w *watchdog) confirm(ctx context.Context, moment time.Time) {
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	for {
		w.mu.Lock()
		alive, probed := w.alive, w.probed
		w.mu.Unlock()
		if alive.After(moment) {
			return
		}
		select {
		case <-probed:
		case <-ctx.Done():
			return
		}
	}
}

func isTargetLost(err error) bool {
	var lost *TargetLostError
	return errors.As(err, &lost)
}
