package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Event is an event as it was received.
type Event struct {
	controlapi.EventLine
	Came time.Time `json:"-"` // when it was read
}

// At is when the server says that it happened.
func (e Event) At() time.Time { return time.Unix(0, e.AtNs) }

// IsCode reports whether the event carries this code.
func (e Event) IsCode(code wire.Code) bool { return e.Code != nil && wire.Code(*e.Code) == code }

// size is about how many bytes an event takes that is kept.
func (e Event) size() int {
	const fixed = 200
	return fixed + len(e.Event) + len(e.User) + len(e.Fingerprint) + len(e.Message)
}

// Events follows a server's events and keeps those that are asked for, up to
// MaxEvents of them. Make one with Control.Follow or Control.FollowOwn.
type Events struct {
	isOwn   func(Event) bool
	opened  chan struct{} // closed when the head of the stream has come, or cannot come any more
	refused error         // why it cannot; written before that

	mu      sync.Mutex
	seen    []Event
	bytes   int           // that they take
	foreign int           // events that were not kept
	err     error         // why the stream ended
	grown   chan struct{} // closed and replaced when seen or err changes
}

// Follow opens the stream of events, which ends with ctx, and keeps every event. It
// is for servers that send the head of their answer at once: one that has not come
// within CallTime is an error. Events from before come first, as far as the server
// still has them.
func (c *Control) Follow(ctx context.Context) (*Events, error) {
	events := c.FollowOwn(ctx, func(Event) bool { return true })
	if err := events.AwaitHead(ctx); err != nil {
		return nil, err
	}
	return events, nil
}

// FollowOwn starts to follow the stream of events, which ends with ctx, and returns
// at once: many servers send the head of the answer with the first event. Only what
// isOwn reports true for is kept; it is called from one goroutine. A run recognizes
// its own events by user ids and fingerprints that nobody else has.
func (c *Control) FollowOwn(ctx context.Context, isOwn func(Event) bool) *Events {
	events := &Events{isOwn: isOwn, opened: make(chan struct{}), grown: make(chan struct{})}
	go events.follow(ctx, c)
	return events
}

// ErrNoHead is returned when a server does not begin to answer the request for its
// events.
var ErrNoHead = fmt.Errorf("control API: GET %s: no answer within %v: it has to begin at once, or with the first event", controlapi.PathEvents, CallTime)

// AwaitHead waits until the server has begun to answer, up to CallTime. The error says
// why there is no stream.
func (e *Events) AwaitHead(ctx context.Context) error {
	timer := time.NewTimer(CallTime)
	defer timer.Stop()
	select {
	case <-e.opened:
		return e.refused
	case <-timer.C:
		return ErrNoHead
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// HasHead reports whether the server has begun to answer.
func (e *Events) HasHead() bool {
	select {
	case <-e.opened:
		return e.refused == nil
	default:
		return false
	}
}

// follow reads the stream until it ends.
func (e *Events) follow(ctx context.Context, c *Control) {
	response, err := c.request(ctx, http.MethodGet, controlapi.PathEvents+"?"+controlapi.ParameterSince+"=0", nil)
	if err == nil {
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d", response.StatusCode)
		}
	}
	if err != nil {
		e.refused = fmt.Errorf("control API: GET %s: %w", controlapi.PathEvents, err)
		close(e.opened)
		e.end(e.refused)
		return
	}
	close(e.opened)
	e.end(e.read(newBounded(response.Body, "an event", maxEvent)))
}

// read reads events until the stream ends, or has more than is read.
func (e *Events) read(from *bounded) error {
	lines := json.NewDecoder(from)
	for {
		var event Event
		from.left = maxEvent // what the decoder has read ahead comes on top
		if err := lines.Decode(&event); err != nil {
			return fmt.Errorf("the stream of events ended: %w", &saidError{said(err.Error(), maxErrorText), err})
		}
		event.Came = time.Now()
		if err := e.add(event); err != nil {
			return fmt.Errorf("the stream of events was given up: %w", err)
		}
	}
}

// Bounds of a stream of events. What is beyond them ends the stream.
const (
	// MaxEvents is how many events are kept, and maxEventBytes how many bytes they
	// take.
	MaxEvents     = 100_000
	maxEventBytes = 32 << 20
	// MaxForeignEvents is how many events come that are not kept: those from before,
	// and those of other users.
	MaxForeignEvents = 5_000_000
	// maxEvent is how many bytes an event has. The largest message fits, with every
	// character of it escaped.
	maxEvent = 1 << 20
)

// add keeps an event that is asked for. The error says that the server sends more
// than anybody asked for.
func (e *Events) add(event Event) error {
	own := e.isOwn(event)
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !own && e.foreign >= MaxForeignEvents:
		return fmt.Errorf("the control API sent more than %d events that nobody asked for", MaxForeignEvents)
	case !own:
		e.foreign++
		return nil
	case len(e.seen) >= MaxEvents, e.bytes+event.size() > maxEventBytes:
		return fmt.Errorf("the control API sent more events about this run than there can be: over %d, or over %d MiB", MaxEvents, maxEventBytes>>20)
	}
	e.bytes += event.size()
	e.seen = append(e.seen, event)
	e.wake()
	return nil
}

// end notes why the stream ended.
func (e *Events) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
	e.wake()
}

// wake wakes whoever waits; e.mu is held.
func (e *Events) wake() {
	close(e.grown)
	e.grown = make(chan struct{})
}

// ErrNoEvent is returned when no event came in time.
var ErrNoEvent = errors.New("no such event was reported")

// Wait returns the first event that matches, waiting for it until ctx is done.
func (e *Events) Wait(ctx context.Context, match func(Event) bool) (Event, error) {
	for from := 0; ; {
		fresh, grown, err := e.after(from)
		for _, event := range fresh {
			if match(event) {
				return event, nil
			}
		}
		if err != nil {
			return Event{}, err
		}
		from += len(fresh)
		select {
		case <-grown:
		case <-ctx.Done():
			return Event{}, ErrNoEvent
		}
	}
}

// Count is how many events so far match.
func (e *Events) Count(match func(Event) bool) (n int) {
	fresh, _, _ := e.after(0)
	for _, event := range fresh {
		if match(event) {
			n++
		}
	}
	return n
}

// Came is how many events have come so far, those that are not kept among them.
func (e *Events) Came() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.seen) + e.foreign
}

// Err is why the stream has ended; nil while it goes on.
func (e *Events) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *Events) after(from int) ([]Event, <-chan struct{}, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.seen[from:len(e.seen):len(e.seen)], e.grown, e.err
}
