package server

import (
	"context"
	"sync"
	"sync/atomic"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
)

// world is a server under test, as the cases of a run reach it.
type world struct {
	target   *target.Target
	timeouts suite.Timeouts
	nonce    string // in every user ID that is made up, and every fingerprint
	users    *users

	triesLogins bool        // before the first case begins
	caughtUp    atomic.Bool // the stream of events has reached the present

	control  *target.Control   // nil without a control API
	events   *target.Events    // nil without the capability
	bridge   *farEnd           // nil without the capability, or without its broker
	slowness *suite.LagMonitor // lag of the target's answers, silence included
	answered *suite.LagMonitor // lag of the answers that came
	path     pathCheck
	readers  sync.WaitGroup // goroutines of peers
	asking   sync.WaitGroup // goroutines that ask how slow the target is
}

// Run runs items against a server that has been discovered, as suite.Run does. Without a
// connection to its control API it returns nothing but the error.
func Run(ctx context.Context, t *target.Target, items []suite.Item, o suite.Options) ([]suite.Finished, error) {
	w := &world{target: t, users: newUsers(t, items, o.Parallel)}
	finished, err := suite.Run(ctx, w, items, o)
	return w.hideSecrets(finished), err
}

// Repeat runs items several times against a server that has been discovered, as
// suite.Repeat does.
func Repeat(ctx context.Context, t *target.Target, items []suite.Item, rounds int, o suite.Options) ([]suite.Finished, error) {
	w := &world{target: t, users: newUsers(t, items, o.Parallel), triesLogins: true}
	finished, err := suite.Repeat(ctx, w, items, rounds, o)
	return w.hideSecrets(finished), err
}

// Func turns a function on a Scene into the function of a case.
func Func(run func(*Scene)) func(suite.Scene) {
	return func(s suite.Scene) { run(s.(*Scene)) }
}

// Start follows the events before anything happens, and begins to ask how slowly the
// target answers.
func (w *world) Start(ctx context.Context, nonce string, timeouts suite.Timeouts) error {
	w.nonce, w.timeouts = nonce, timeouts
	w.slowness, w.answered = suite.NewLagMonitor(answerInterval), suite.NewLagMonitor(unwatched)
	w.path = pathCheck{turn: make(chan struct{}, 1)}
	w.caughtUp.Store(false)
	if w.triesLogins {
		w.triesLogins = false // once is enough for all rounds
		if err := w.tryLogins(ctx); err != nil {
			return err
		}
	}
	if err := w.connectControl(ctx); err != nil {
		return err
	}
	if err := w.connectBridge(ctx); err != nil {
		return err
	}
	for _, kind := range w.target.Transports() {
		w.asking.Go(func() { w.watchAnswers(ctx, kind) })
	}
	return nil
}

func (w *world) connectControl(ctx context.Context) error {
	w.control, w.events = nil, nil
	if w.target.Control == "" {
		return nil
	}
	w.control = target.NewControl(w.target.Network, w.target.Control)
	if !w.target.Has(controlapi.CapabilityEvents) {
		return nil
	}
	w.events = w.control.FollowOwn(ctx, w.isOwnEvent)
	return w.catchUp(ctx)
}

// Stop waits for the readers of connections, and for what is under way on the path.
func (w *world) Stop() {
	w.readers.Wait()
	w.asking.Wait()
	w.target.Path.Settle()
	if w.control != nil {
		w.control.Close()
	}
}

// Has reports whether the target's control API has a capability.
func (w *world) Has(capability string) bool { return w.target.Has(controlapi.Capability(capability)) }

// Probe asks on every transport whether the target is still there.
func (w *world) Probe(ctx context.Context) error {
	for _, kind := range w.target.Transports() {
		if err := w.target.Probe(ctx, kind, suite.ProbeTime); err != nil {
			return err
		}
	}
	return nil
}

// NewScene returns a scene without connections.
func (w *world) NewScene(a *suite.Attempt) suite.Scene {
	a.Tolerance, a.Slowness, a.Answered = w.target.Tolerance, w.slowness, w.answered
	for _, t := range w.target.Transports() {
		a.PathDelay = max(a.PathDelay, w.target.PathDelay(t))
	}
	if w.Lends() {
		a.Transcript.Hide(w.users.secrets.Message)
	}
	return &Scene{Attempt: a, Target: w.target, world: w, numbers: map[string]int{}, labels: map[string]string{}}
}
