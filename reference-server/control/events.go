package control

import (
	"maps"
	"slices"
	"sync"
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Bounds of the past events that are kept for callers. A gap in seq shows that older
// ones are gone.
const (
	MaxEvents     = 1 << 16  // number of events
	MaxEventBytes = 64 << 20 // size of all events with their texts

	// eventOverhead estimates what an event takes besides its texts, in bytes: itself,
	// its message, and its place in a slice that may be half empty.
	eventOverhead = 512
)

// Log keeps the latest events and wakes those who wait for more.
type Log struct {
	mu     sync.Mutex
	kept   []entry // oldest first, without a gap
	last   uint64  // seq of the newest; the first ever is 1
	bytes  int     // size of the events that are kept
	counts map[controlapi.EventName]uint64
	grown  chan struct{} // closed and replaced when an event is added
	idle   bool          // nobody has asked for grown since it was made
}

type entry struct {
	seq   uint64
	at    time.Time
	event server.Event
}

// size estimates the memory that an event takes, in bytes.
func (e *entry) size() int { return eventOverhead + e.event.TextBytes() }

// NewLog makes an empty log.
func NewLog() *Log {
	return &Log{counts: map[controlapi.EventName]uint64{}, grown: make(chan struct{}), idle: true}
}

// Add appends an event. It never waits for a reader.
func (l *Log) Add(at time.Time, e server.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.counts[e.Kind]++
	added := entry{l.last, at, e.Clone()}
	l.kept = append(l.kept, added)
	l.bytes += added.size()
	for len(l.kept) > MaxEvents || l.bytes > MaxEventBytes && len(l.kept) > 1 {
		l.forgetOldest()
	}
	if !l.idle {
		close(l.grown)
		l.grown, l.idle = make(chan struct{}), true
	}
}

// forgetOldest drops the oldest event and leaves the rest in place: appending moves it
// from time to time.
func (l *Log) forgetOldest() {
	l.bytes -= l.kept[0].size()
	l.kept[0] = entry{}
	l.kept = l.kept[1:]
}

// since copies the events after seq, up to a batch of them, and returns the channel that
// is closed when an event is added.
func (l *Log) since(seq uint64) (events []entry, grown <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = false
	fresh := l.kept
	if forgotten := l.last - uint64(len(l.kept)); seq > forgotten {
		fresh = fresh[min(seq-forgotten, uint64(len(fresh))):]
	}
	return slices.Clone(fresh[:batch(fresh)]), l.grown
}

// Latest returns up to limit of the latest events after a sequence number, oldest first, and
// the sequence number of the newest.
func (l *Log) Latest(after uint64, limit int) (lines []controlapi.EventLine, last uint64) {
	events, last := l.latest(after, limit)
	lines = make([]controlapi.EventLine, 0, len(events))
	for _, e := range events {
		lines = append(lines, e.line())
	}
	return lines, last
}

func (l *Log) latest(after uint64, limit int) ([]entry, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := min(l.last-min(after, l.last), uint64(len(l.kept)), uint64(max(limit, 0)))
	return slices.Clone(l.kept[uint64(len(l.kept))-fresh:]), l.last
}

// Counts returns the number of events by name, those that are gone included.
func (l *Log) Counts() map[controlapi.EventName]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.counts)
}

// batch counts the events that are written between two looks at the log. They stay in
// memory for a slow reader, however many the log drops meanwhile.
func batch(events []entry) int {
	bytes := 0
	for i := range events {
		if bytes += events[i].size(); i == maxBatch || i > 0 && bytes > maxBatchBytes {
			return i
		}
	}
	return len(events)
}

// line is the event as it is written.
func (e entry) line() controlapi.EventLine {
	out := controlapi.EventLine{
		Seq: e.seq, AtNs: e.at.UnixNano(), Event: e.event.Kind,
		User: e.event.User, Fingerprint: e.event.Fingerprint.Value(),
	}
	switch e.event.Kind {
	case server.EventVerify, server.EventLogout, server.EventOffline:
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
