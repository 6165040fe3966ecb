package client

import (
	"context"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/driver"
)

// world is a client under test, as the cases of a run reach it.
type world struct {
	target   *Target
	timeouts suite.Timeouts
	nonce    string
	slowness *suite.LagMonitor // how long clients take to report a login
	clients  *driver.Pool
}

// Run runs items against a client that has been discovered, as suite.Run does.
func Run(ctx context.Context, t *Target, items []suite.Item, o suite.Options) ([]suite.Finished, error) {
	return suite.Run(ctx, &world{target: t}, items, patient(o))
}

// Repeat runs items several times against a client that has been discovered, as
// suite.Repeat does.
func Repeat(ctx context.Context, t *Target, items []suite.Item, rounds int, o suite.Options) ([]suite.Finished, error) {
	return suite.Repeat(ctx, &world{target: t}, items, rounds, patient(o))
}

// unwatched is longer than any run: that no client has reported a login for a while does not
// mean that they are slow.
const unwatched = 24 * time.Hour

// caseTime bounds one case: in mode 120S one that lets a client give up and come back takes
// a quarter of an hour.
const caseTime = 30 * time.Minute

// patient returns options with the timeouts of cases against a client.
func patient(o suite.Options) suite.Options {
	if o.Timeouts == (suite.Timeouts{}) {
		o.Timeouts = suite.DefaultTimeouts
		o.Timeouts.Case = caseTime
	}
	return o
}

// Func turns a function on a Scene into the function of a case.
func Func(run func(*Scene)) func(suite.Scene) {
	return func(s suite.Scene) { run(s.(*Scene)) }
}

// Start notes what the scenes need: each has a client to itself, which may have played
// another case before.
func (w *world) Start(_ context.Context, nonce string, timeouts suite.Timeouts) error {
	w.nonce, w.timeouts = nonce, timeouts
	w.slowness = suite.NewLagMonitor(unwatched)
	w.clients = driver.NewPool(w.target.Launcher)
	return nil
}

// Stop ends the clients that wait for another case, and waits for what is under way on an
// impaired path; everything else a scene takes with it.
func (w *world) Stop() {
	w.clients.Close()
	w.target.Path.Settle()
}

// Has is false: a client under test has no capabilities beyond the driver contract.
func (w *world) Has(string) bool { return false }

// Probe has nothing to ask: each case has a client of its own, and says what became of it.
func (w *world) Probe(context.Context) error { return nil }

// NewScene returns a scene whose client is not started yet.
func (w *world) NewScene(a *suite.Attempt) suite.Scene {
	a.Tolerance, a.Slowness = w.target.Tolerance, w.slowness
	a.PathDelay, a.AnyLost = w.target.Path.Delay(a.Transport), w.target.Path.Loses(a.Transport)
	s := &Scene{Attempt: a, world: w, changed: make(chan struct{}), unfollowed: make(chan struct{}), Token: "token-" + w.nonce}
	s.answering.Store(true)
	return s
}
