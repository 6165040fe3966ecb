package control

import (
	"encoding/json"
	"sync"
	"time"

	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// MaxEvents bounds how many past events are kept for a caller that asks for
// them. Older ones are gone, which a gap in seq shows.
const MaxEvents = 1 << 16

// Log keeps the latest events and wakes those who wait for more.
type Log struct {
	mu    sync.Mutex
	ring  []entry
	last  uint64        // seq of the newest event; the first is 1
	grown chan struct{} // closed and replaced when an event is added
	idle  bool          // nobody has asked for grown since it was made
}

type entry struct {
	seq   uint64
	at    time.Time
	event rules.Event
}

// NewLog is an empty log.
func NewLog() *Log { return &Log{grown: make(chan struct{}), idle: true} }

// Add notes an event. It never waits for a reader.
func (l *Log) Add(at time.Time, e rules.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	record := entry{l.last, at, e}
	if len(l.ring) < MaxEvents {
		l.ring = append(l.ring, record)
	} else {
		l.ring[int((l.last-1)%MaxEvents)] = record
	}
	if !l.idle {
		close(l.grown)
		l.grown, l.idle = make(chan struct{}), true
	}
}

// since copies up to limit events after seq, and gives the channel that is
// closed when there are more than that.
func (l *Log) since(seq uint64, limit int) (events []entry, grown <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.last - uint64(len(l.ring)) // seq before the oldest that is kept
	seq = max(seq, oldest)
	for n := seq; n < l.last && len(events) < limit; n++ {
		events = append(events, l.ring[int(n%MaxEvents)])
	}
	l.idle = false
	return events, l.grown
}

// jsonEvent is one line of GET /v1/events.
type jsonEvent struct {
	Seq         uint64          `json:"seq"`
	At          int64           `json:"at"` // ns since the Unix epoch
	Event       string          `json:"event"`
	User        string          `json:"user,omitempty"`
	Code        *int32          `json:"code,omitempty"`
	Fingerprint string          `json:"fp,omitempty"`
	Message     json.RawMessage `json:"message,omitempty"` // the message as on the wire
}

func (e entry) json() jsonEvent {
	out := jsonEvent{
		Seq: e.seq, At: e.at.UnixNano(), Event: string(e.event.Kind),
		User: e.event.User, Fingerprint: e.event.Fingerprint.Value(),
	}
	switch e.event.Kind {
	case rules.EventVerify, rules.EventLogout, rules.EventOffline:
		out.Code = codeOf(e.event.Code)
	}
	if e.event.Message != nil {
		out.Message = e.event.Message.Append(nil)
	}
	return out
}

func codeOf(code wire.Code) *int32 {
	n := int32(code)
	return &n
}
