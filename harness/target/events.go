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

	"imcheck/harness/wire"
)

// Event is one line of GET /v1/events.
type Event struct {
	Seq         uint64          `json:"seq"`
	AtNs        int64           `json:"at"` // server clock, ns since the Unix epoch
	Event       string          `json:"event"`
	User        string          `json:"user"`
	Code        *int32          `json:"code"`
	Fingerprint string          `json:"fp"`
	Message     json.RawMessage `json:"message"`
	Came        time.Time       `json:"-"` // when it was read
}

// Names of events.
const (
	EventVerify   = "verify"
	EventLogin    = "login"
	EventLogout   = "logout"
	EventC2S      = "c2s"
	EventC2C      = "c2c"
	EventOffline  = "offline"
	EventLost     = "lost"
	EventReceived = "received"
)

// At is when the server says that it happened.
func (e Event) At() time.Time { return time.Unix(0, e.AtNs) }

// IsCode reports whether the event carries this code.
func (e Event) IsCode(code wire.Code) bool { return e.Code != nil && wire.Code(*e.Code) == code }

// Events follows a server's events and keeps them. Make one with
// Control.Follow.
type Events struct {
	mu    sync.Mutex
	seen  []Event
	err   error         // why the stream ended
	grown chan struct{} // closed and replaced when seen or err changes
}

// Follow opens the stream of events, which ends with ctx. Events from before
// come first, as far as the server still has them; a run tells its own by user
// ids and fingerprints that nobody else has.
func (c *Control) Follow(ctx context.Context) (*Events, error) {
	response, err := c.request(ctx, http.MethodGet, "/v1/events?since=0", nil)
	if err != nil {
		return nil, fmt.Errorf("control API: GET /v1/events: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("control API: GET /v1/events: status %d", response.StatusCode)
	}
	events := &Events{grown: make(chan struct{})}
	go events.read(response.Body)
	return events, nil
}

func (e *Events) read(body io.ReadCloser) {
	defer body.Close()
	lines := json.NewDecoder(body)
	for {
		var event Event
		err := lines.Decode(&event)
		e.mu.Lock()
		if err != nil {
			e.err = fmt.Errorf("the stream of events ended: %w", err)
		} else {
			event.Came = time.Now()
			e.seen = append(e.seen, event)
		}
		close(e.grown)
		e.grown = make(chan struct{})
		e.mu.Unlock()
		if err != nil {
			return
		}
	}
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

func (e *Events) after(from int) ([]Event, <-chan struct{}, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.seen[from:len(e.seen):len(e.seen)], e.grown, e.err
}
