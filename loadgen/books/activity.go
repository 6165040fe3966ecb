package books

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// ErrorCause is the cause of an error that the timeline counts.
type ErrorCause uint8

// Causes of errors. Those of sends that were not made are in the order of Obstacle.
const (
	SendTooLate      ErrorCause = iota // a send was not made: see TooLate
	SendOffline                        // see NotOnline
	SendBlocked                        // see Blocked
	SessionLost                        // a session ended too soon, or a client never got in
	ConnectionFailed                   // a connection did not come about, or ended before its login
	ErrorResponse                      // the server answered a client with an error
	MessageLost                        // a message, an echo or a push was given up or refused
	ErrorCauses      = 7
)

// ErrorCauseNames are their names in metrics.
var ErrorCauseNames = [ErrorCauses]string{
	"send too late", "send while offline", "send blocked", "session lost", "connection failed", "error response", "message lost",
}

// Activity counts what a worker has done so far, warm-up included, for the timeline and
// for whoever looks on. Its methods may be called from any goroutine.
type Activity struct {
	Sent      atomic.Int64
	Delivered atomic.Int64
	LoggedIn  atomic.Int64
	LastLogin atomic.Int64 // nanoseconds since the start
	Lost      atomic.Int64 // sessions
	errors    [ErrorCauses]atomic.Int64

	mu       sync.Mutex
	Delivery *hdrhistogram.Histogram // C → C, since it was due, since the last exchange
	losses   map[string]int64        // sessions, by cause, as in Sessions
}

// Exchange takes the histogram away and leaves an empty one in its place.
func (a *Activity) Exchange(empty *hdrhistogram.Histogram) *hdrhistogram.Histogram {
	a.mu.Lock()
	defer a.mu.Unlock()
	full := a.Delivery
	a.Delivery = empty
	return full
}

// Deliver counts an arrival.
func (a *Activity) Deliver(sinceDue time.Duration) {
	a.Delivered.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	reports.Record(a.Delivery, sinceDue)
}

// Fail counts an error.
func (a *Activity) Fail(cause ErrorCause) { a.errors[cause].Add(1) }

// Lose counts a session that ended too soon, by its cause. That is an error, unless the run
// has impaired the path itself.
func (a *Activity) Lose(cause string) {
	if cause != reports.CauseImpaired {
		a.Fail(SessionLost)
		a.Lost.Add(1)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.losses == nil {
		a.losses = map[string]int64{}
	}
	if a.losses[cause] == 0 && len(a.losses) >= MaxCauses {
		cause = CauseOther
	}
	a.losses[cause]++
}

// Errors returns the number of errors of a cause.
func (a *Activity) Errors(cause ErrorCause) int64 { return a.errors[cause].Load() }

// AllErrors returns the number of errors of all causes.
func (a *Activity) AllErrors() (n int64) {
	for cause := range a.errors {
		n += a.errors[cause].Load()
	}
	return n
}

// Losses returns how many sessions were lost, by cause.
func (a *Activity) Losses() map[string]int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.losses)
}
