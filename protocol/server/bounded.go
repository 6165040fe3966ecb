package server

import "time"

// kept is an element of a BoundedLanes. Its copy does not share the memory of the
// body that it arrived in.
type kept[T any] interface {
	Clone() T
	TextBytes() int
}

// BoundedLanes are Lanes within a Bound: while they hold more, the first element is
// due at once. Make one with NewBoundedLanes.
type BoundedLanes[K comparable, T kept[T]] struct {
	lanes Lanes[K, T]
	bound Bound
	bytes int // total size of the texts
}

// NewBoundedLanes returns empty lanes.
func NewBoundedLanes[K comparable, T kept[T]](bound Bound) BoundedLanes[K, T] {
	return BoundedLanes[K, T]{bound: bound}
}

// Empty reports whether a lane is empty.
func (l *BoundedLanes[K, T]) Empty(lane K) bool { return l.lanes.Empty(lane) }

// Push delays a copy of an element, see Lanes.Push.
func (l *BoundedLanes[K, T]) Push(at time.Time, lane K, what T) {
	what = what.Clone()
	l.lanes.Push(at, lane, what)
	l.bytes += what.TextBytes()
}

// Exceeded reports whether the bound is exceeded, so that Pop does not wait.
func (l *BoundedLanes[K, T]) Exceeded() bool { return l.bound.Exceeded(l.lanes.Len(), l.bytes) }

// Next returns when the first element is due, or the zero time if there is none.
func (l *BoundedLanes[K, T]) Next() time.Time { return l.lanes.Next() }

// Pop removes the element that is due first, whether its time has come or the bound
// is exceeded. ok is false if nothing is due yet.
func (l *BoundedLanes[K, T]) Pop(now time.Time) (what T, ok bool) {
	if l.Exceeded() {
		now = l.lanes.Next()
	}
	if what, ok = l.lanes.Pop(now); ok {
		l.bytes -= what.TextBytes()
	}
	return what, ok
}
