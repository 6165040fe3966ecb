package driver

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"imcheck/protocol/driverapi"
)

// Bounds of clients that come over HTTP.
const (
	// comeTime bounds the wait of a case for a client while no other case has one.
	comeTime = time.Minute
	// comeTimeAgain is that time once a case has waited in vain.
	comeTimeAgain = 5 * time.Second
	// silentTime is the time after which a client that does not ask for commands is gone:
	// before a case would miss its answer.
	silentTime = 4 * time.Second
	// closeTime bounds the wait for clients that have not asked yet, and so do not know
	// that the run is over.
	closeTime = time.Second
	// maxWaiting bounds the clients that wait for a case.
	maxWaiting = 256
)

// Web is a Launcher of clients that are not started, but come: those that can hold no pipe,
// such as a page in a browser or an app on a phone. It is an http.Handler, which they ask
// for commands and tell events (docs/contracts.md, part B). Make one with NewWeb.
type Web struct {
	token string

	mu      sync.Mutex
	count   int                // clients that have come
	remotes map[string]*remote // by their numbers
	waiting []*remote          // in the order in which they came
	playing int                // remotes that a case has
	sign    time.Time          // when something last changed
	missed  bool               // a case waited in vain, and no client has come since
	closed  bool
	changed chan struct{}
}

// NewWeb returns a launcher of the clients that know a token, which is the first part of
// the paths that it answers.
func NewWeb(token string) *Web {
	return &Web{token: token, remotes: map[string]*remote{}, changed: make(chan struct{})}
}

// Launch waits for a client. The error says when none has come for a minute, in which no
// other was at work.
func (w *Web) Launch(ctx context.Context) (*Driver, error) {
	started := time.Now()
	for {
		d, wait, changed := w.take(started)
		if d != nil {
			return d, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
			if err := w.miss(started); err != nil {
				return nil, &LaunchError{Err: err}
			}
		case <-ctx.Done():
			timer.Stop()
			return nil, &LaunchError{Err: context.Cause(ctx)}
		}
		timer.Stop()
	}
}

// take returns the driver of a client that waits for a case, or how long to wait for one
// and a channel that is closed when something changes.
func (w *Web) take(started time.Time) (*Driver, time.Duration, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) > 0 {
		r := w.waiting[0]
		w.waiting = w.waiting[1:]
		if d := r.drive(w.release); d != nil {
			w.playing++
			return d, 0, nil
		}
		delete(w.remotes, r.number) // it has gone while it waited
	}
	return nil, time.Until(w.overdue(started)), w.changed
}

// overdue is when a case that began to wait at a time has waited long enough, as far as is
// known; the lock is held.
func (w *Web) overdue(started time.Time) time.Time {
	if w.missed {
		return started.Add(comeTimeAgain)
	}
	if w.sign.After(started) {
		started = w.sign
	}
	return started.Add(comeTime)
}

// miss returns the error of a case that has waited in vain, nil for one that is to go on.
func (w *Web) miss(started time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch now := time.Now(); {
	case w.playing > 0:
		w.sign = now // its client may come back
		return nil
	case now.Before(w.overdue(started)):
		return nil
	}
	w.missed = true
	return fmt.Errorf("no client came within %v: open the page, or start the app, with the address that was printed", comeTime)
}

// add takes a client in that says what it is. The error says that there are too many.
func (w *Web) add(ready driverapi.Event) (number string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) >= maxWaiting {
		return "", fmt.Errorf("%d clients wait for a case already", maxWaiting)
	}
	w.count++
	r := newRemote(strconv.Itoa(w.count), ready)
	w.remotes[r.number] = r
	w.waiting = append(w.waiting, r)
	w.missed = false
	w.wake()
	return r.number, nil
}

// find returns the client with a number, nil when there is none.
func (w *Web) find(number string) *remote {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.remotes[number]
}

// release notes that a case gave its client up.
func (w *Web) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.playing--
	w.wake()
}

// wake tells those that wait that something has changed; the lock is held.
func (w *Web) wake() {
	w.sign = time.Now()
	close(w.changed)
	w.changed = make(chan struct{})
}

// isClosed reports whether the run is over.
func (w *Web) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// Close tells the clients that wait for a case to exit, and waits a moment until all that
// still ask know. Those that come later are told that the run is over.
func (w *Web) Close() {
	w.mu.Lock()
	w.closed, w.waiting = true, nil
	var all []*remote
	for _, r := range w.remotes {
		all = append(all, r)
	}
	w.mu.Unlock()
	for _, r := range all {
		r.exit()
	}
	overdue := time.NewTimer(closeTime)
	defer overdue.Stop()
	for _, r := range all {
		select {
		case <-r.told:
		case <-overdue.C:
			return
		}
	}
}
