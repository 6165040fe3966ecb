package impair

import (
	"time"

	"imcheck/protocol/wire"
)

// Outcome says what becomes of traffic that is sent over an impaired path.
type Outcome struct {
	Dropped, Doubled bool
	// At is the time of arrival at the far end, unless it is dropped. What is held back until
	// the next datagram has overtaken it arrives up to ReorderWait later.
	At time.Time
}

// Lane schedules the traffic of one connection in one direction, for a caller that has timers
// of its own and works on messages rather than on a transport.Network. A message counts as a
// datagram or, on a stream, as one write: with the same seed and name it meets the same
// outcome. A lane reads no clock and has no goroutine, and is not safe for concurrent use.
type Lane[T any] struct {
	datagrams *datagrams[T]  // nil on a stream
	stream    *bytestream[T] // nil on UDP
}

// NewLane returns one direction of a connection that opens now. size returns the size of a
// message in bytes.
func NewLane[T any](p *Path, kind wire.Transport, d Direction, name string, now time.Time, size func(T) int) Lane[T] {
	seed := p.Policy().Seed
	if kind.Connected() {
		return Lane[T]{stream: bytestreamOf(p, kind, d, seed, name, now, size)}
	}
	return Lane[T]{datagrams: datagramsOf[T](p, kind, d, seed, name)}
}

// Add schedules a message, which the lane keeps.
func (l Lane[T]) Add(now time.Time, message T) Outcome {
	if l.stream != nil {
		return l.stream.add(now, message)
	}
	return l.datagrams.add(now, message)
}

// AddEnd schedules what is neither lost nor overtaken, such as the end of the connection.
func (l Lane[T]) AddEnd(now time.Time, end T) {
	if l.stream != nil {
		l.stream.push(item[T]{due: l.stream.due(now), data: end})
		return
	}
	l.datagrams.addEnd(now, item[T]{data: end})
}

// queue has what is in flight.
func (l Lane[T]) queue() *queue[T] {
	if l.stream != nil {
		return &l.stream.queue
	}
	return &l.datagrams.queue
}

// Take removes what arrives first, if that is due; at is the time at which it was.
func (l Lane[T]) Take(now time.Time) (message T, at time.Time, ok bool) {
	first, ok := l.queue().take(now)
	return first.data, first.due, ok
}

// Next returns when something arrives next; ok is false when nothing is in flight.
func (l Lane[T]) Next() (due time.Time, ok bool) { return l.queue().next() }

// Hurry lets everything that is in flight arrive at once.
func (l Lane[T]) Hurry(now time.Time) {
	items := l.queue().items
	for i := range items {
		items[i].held = false
		if items[i].due.After(now) {
			items[i].due = now
		}
	}
	if l.stream != nil {
		l.stream.newest = now
	} else {
		l.datagrams.newest = now
	}
}
