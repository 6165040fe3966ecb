package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Event is an event as it was received.
type Event struct {
	controlapi.EventLine
	ReadAt time.Time `json:"-"` // by our clock
}

// At returns when the event happened by the server's clock.
func (e Event) At() time.Time { return time.Unix(0, e.AtNs) }

// IsCode reports whether the event carries this code.
func (e Event) IsCode(code wire.Code) bool { return e.Code != nil && wire.Code(*e.Code) == code }

// size estimates the memory that an event takes, in bytes.
func (e Event) size() int {
	const fixed = 200
	return fixed + len(e.Event) + len(e.User) + len(e.Fingerprint) + len(e.Message)
}

// Events follows a server's events and keeps those that are asked for, up to
// MaxEvents of them. Make one with Control.Follow or Control.FollowOwn.
type Events struct {
	isOwn   func(Event) bool
	opened  chan struct{} // closed when the head of the answer is there, or cannot come any more
	refused error         // reason that the stream is missing; written before opened is closed

	mu      sync.Mutex
	seen    []Event
	bytes   int           // size of seen
	foreign int           // number of events that were not kept
	err     error         // reason for the stream's end
	grown   chan struct{} // closed and replaced when seen or err changes
}

// Follow opens the stream of events, which ends with ctx, and keeps every event. It is for
// servers that send the head of their answer at once: the error is ErrNoHead when there is
// none within CallTimeout. Past events come first, as far as the server still has them.
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
// its own events by user IDs and fingerprints that nobody else has.
func (c *Control) FollowOwn(ctx context.Context, isOwn func(Event) bool) *Events {
	events := &Events{isOwn: isOwn, opened: make(chan struct{}), grown: make(chan struct{})}
	go events.follow(ctx, c)
	return events
}

// ErrNoHead is returned when a server does not begin to answer the request for its
// events.
var ErrNoHead = fmt.Errorf("control API: GET %s: no answer within %v: it has to begin at once, or with the first event", controlapi.PathEvents, CallTimeout)

// AwaitHead waits until the server has begun to answer, up to CallTimeout. The error names
// the reason that the stream is missing.
func (e *Events) AwaitHead(ctx context.Context) error {
	timer := time.NewTimer(CallTimeout)
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
	stream, err := c.openEvents(ctx)
	e.refused = err
	close(e.opened)
	if err != nil {
		e.end(err)
		return
	}
	defer stream.Close()
	e.end(e.read(newBounded(stream, "an event", maxEvent)))
}

// openEvents opens the stream of events, which ends with ctx; past ones come first, as far as
// the server still has them.
func (c *Control) openEvents(ctx context.Context) (io.ReadCloser, error) {
	response, err := c.request(ctx, http.MethodGet, controlapi.PathEvents+"?"+controlapi.ParameterSince+"=0", nil)
	if err == nil && response.StatusCode != http.StatusOK {
		response.Body.Close()
		err = fmt.Errorf("status %d", response.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("control API: GET %s: %w", controlapi.PathEvents, err)
	}
	return response.Body, nil
}

// read reads events until the stream ends or exceeds a bound.
func (e *Events) read(from *bounded) error {
	lines := json.NewDecoder(from)
	for {
		var event Event
		from.left = maxEvent // besides what the decoder has read ahead
		if err := lines.Decode(&event); err != nil {
			return fmt.Errorf("the stream of events ended: %w", &sanitizedError{sanitize(err.Error(), maxErrorText), err})
		}
		event.ReadAt = time.Now()
		if err := e.add(event); err != nil {
			return fmt.Errorf("the stream of events was given up: %w", err)
		}
	}
}

// Bounds of a stream of events. A stream that exceeds one is given up.
const (
	// MaxEvents bounds the number of events that are kept, and maxEventBytes their size.
	MaxEvents     = 100_000
	maxEventBytes = 32 << 20
	// MaxForeignEvents bounds the number of events that are not kept: those from before
	// the run, and those of other users.
	MaxForeignEvents = 5_000_000
	// maxEvent bounds the size of one event in bytes. The largest message fits with every
	// character escaped.
	maxEvent = 1 << 20
)

// add keeps an event that isOwn asks for. It fails when the server sends more than the
// bounds allow.
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

// end records why the stream ended.
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

// Count returns how many of the events so far match.
func (e *Events) Count(match func(Event) bool) (n int) {
	fresh, _, _ := e.after(0)
	for _, event := range fresh {
		if match(event) {
			n++
		}
	}
	return n
}

// Total returns how many events have arrived so far, those that are not kept included.
func (e *Events) Total() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.seen) + e.foreign
}

// Err returns why the stream has ended, nil while it goes on.
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
