package server

import "time"

// kept is what a BoundedLanes holds: it can be cut out of the body that it came in.
type kept[T any] interface {
	Clone() T
	TextBytes() int
}

// BoundedLanes are Lanes that hold no more than a Bound: what is too much is due at
// once, the first of it first. Make one with NewBoundedLanes.
type BoundedLanes[K comparable, T kept[T]] struct {
	lanes Lanes[K, T]
	bound Bound
	bytes int // of the texts in it
}

// NewBoundedLanes makes lanes that are empty.
func NewBoundedLanes[K comparable, T kept[T]](bound Bound) BoundedLanes[K, T] {
	return BoundedLanes[K, T]{bound: bound}
}

// Empty reports whether nothing waits in a lane.
func (l *BoundedLanes[K, T]) Empty(lane K) bool { return l.lanes.Empty(lane) }

// Push puts a copy of something off, as Lanes do.
func (l *BoundedLanes[K, T]) Push(at time.Time, lane K, what T) {
	what = what.Clone()
	l.lanes.Push(at, lane, what)
	l.bytes += what.TextBytes()
}

// Exceeded reports whether Pop takes the first without waiting for its time.
func (l *BoundedLanes[K, T]) Exceeded() bool { return l.bound.Exceeded(l.lanes.Len(), l.bytes) }

// Next is when something is due, the zero time when nothing waits.
func (l *BoundedLanes[K, T]) Next() time.Time { return l.lanes.Next() }

// Pop takes what is due first, or the first of all while there is too much; ok is
// false when nothing is due yet.
func (l *BoundedLanes[K, T]) Pop(now time.Time) (what T, ok bool) {
	if l.Exceeded() {
		now = l.lanes.Next()
	}
	if what, ok = l.lanes.Pop(now); ok {
		l.bytes -= what.TextBytes()
	}
	return what, ok
}
