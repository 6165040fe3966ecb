package server

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// Delay is a random delay between Min and Max; it is Min unless Max is larger.
type Delay struct{ Min, Max time.Duration }

// None reports whether all delays are zero.
func (d Delay) None() bool { return d == Delay{} }

// Draw picks a delay.
func (d Delay) Draw(random *rand.Rand) time.Duration {
	if d.Max <= d.Min {
		return d.Min
	}
	return d.Min + time.Duration(random.Int64N(int64(d.Max-d.Min)+1))
}

// Larger returns the delay that can be longer. Two delays do not add up.
func (d Delay) Larger(other Delay) Delay {
	if max(other.Min, other.Max) > max(d.Min, d.Max) {
		return other
	}
	return d
}

// Lanes is a queue of delayed elements, ordered by the times at which they are due.
// Those of one lane keep their order. The zero value is ready for use.
type Lanes[K comparable, T any] struct {
	lanes  map[K]laneState
	due    dueHeap[K, T]
	pushed uint64
}

// laneState is the state of a lane that is not empty.
type laneState struct {
	last    time.Time // due time of its last element
	waiting int
}

// Empty reports whether a lane is empty.
func (l *Lanes[K, T]) Empty(lane K) bool { return l.lanes[lane].waiting == 0 }

// Len returns the number of elements in all lanes.
func (l *Lanes[K, T]) Len() int { return len(l.due) }

// Push delays an element until at, or until its predecessor in the lane is due.
func (l *Lanes[K, T]) Push(at time.Time, lane K, what T) {
	if l.lanes == nil {
		l.lanes = map[K]laneState{}
	}
	before := l.lanes[lane]
	if before.last.After(at) {
		at = before.last
	}
	l.lanes[lane] = laneState{at, before.waiting + 1}
	l.pushed++
	heap.Push(&l.due, dueItem[K, T]{at, l.pushed, lane, what})
}

// Next returns when the first element is due, or the zero time if there is none.
func (l *Lanes[K, T]) Next() time.Time {
	if len(l.due) == 0 {
		return time.Time{}
	}
	return l.due[0].at
}

// Pop removes the element that is due first; ok is false if none is due yet.
func (l *Lanes[K, T]) Pop(now time.Time) (what T, ok bool) {
	if len(l.due) == 0 || l.due[0].at.After(now) {
		return what, false
	}
	first := heap.Pop(&l.due).(dueItem[K, T])
	state := l.lanes[first.lane]
	if state.waiting--; state.waiting == 0 {
		delete(l.lanes, first.lane)
	} else {
		l.lanes[first.lane] = state
	}
	return first.what, true
}

type dueItem[K comparable, T any] struct {
	at     time.Time
	pushed uint64 // orders elements that are due at the same time
	lane   K
	what   T
}

// dueHeap is a container/heap ordered by due time.
type dueHeap[K comparable, T any] []dueItem[K, T]

func (h dueHeap[K, T]) Len() int { return len(h) }

func (h dueHeap[K, T]) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].pushed < h[j].pushed
}

func (h dueHeap[K, T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *dueHeap[K, T]) Push(x any) { *h = append(*h, x.(dueItem[K, T])) }

func (h *dueHeap[K, T]) Pop() any {
	last := len(*h) - 1
	item := (*h)[last]
	(*h)[last] = dueItem[K, T]{}
	*h = (*h)[:last]
	return item
}
