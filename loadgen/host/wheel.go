package host

import (
	"math"
	"math/bits"
	"time"
)

// Wheel is a hierarchical timing wheel with the due times of many clients, or of their
// connections, which it knows by numbers from 0. Setting a time and taking out what is due
// cost the same however many there are.
//
// Time is divided into ticks. A bucket lists the clients of one tick near the position of
// the wheel, of many ticks further away; those are distributed anew when the position
// reaches them. Every client keeps its exact due time and is not taken out before that.
type Wheel struct {
	entries []wheelEntry // by number
	heads   []int32      // first client of each bucket, or noEntry
	used    []uint64     // a bit for each bucket that is not empty
	// position is a tick: whatever was due in earlier ones is in the ready bucket.
	position  uint64
	lastReady int32 // last client of the ready bucket, or noEntry

	soonestDue time.Duration // of all clients that are not ready; neverDue without any
	stale      bool          // soonestDue has to be found anew
}

// wheelEntry is the place of one client in a wheel.
type wheelEntry struct {
	due  time.Duration
	next int32 // the one after it in its bucket, or noEntry
	prev int32 // the one before it; the complement of the bucket's number if it is the first; or notQueued
}

const (
	noEntry   = -1
	notQueued = math.MinInt32
	neverDue  = time.Duration(math.MaxInt64)

	// tickBits is the length of a tick: 2^16 ns or 66 µs.
	tickBits = 16
	lastTick = 1<<36 - 1 // after 52 days; what is due later waits in the bucket of that tick
)

// wheelLevel is a series of buckets, each for the same number of ticks.
type wheelLevel struct {
	shift uint  // a bucket is for 2^shift ticks
	width uint  // there are 2^width buckets
	first int32 // number of the first one
}

// wheelLevels cover 17 ms, 275 s and 52 days, which is longer than a load may last. A bucket of
// the second level is for 17 ms, so that few clients at a time are distributed anew. Every
// sense mode fits the second level.
var wheelLevels = [...]wheelLevel{{0, 8, 0}, {8, 14, 1 << 8}, {22, 14, 1<<8 + 1<<14}}

// readyBucket has the clients that are due.
const readyBucket = 1<<8 + 1<<14 + 1<<14

// NewWheel returns a wheel for so many clients, of whom nothing is due.
func NewWheel(clients int) Wheel {
	w := Wheel{
		entries: make([]wheelEntry, clients), heads: make([]int32, readyBucket+1), used: make([]uint64, readyBucket/64+1),
		lastReady: noEntry, soonestDue: neverDue,
	}
	for i := range w.entries {
		w.entries[i].prev = notQueued
	}
	for i := range w.heads {
		w.heads[i] = noEntry
	}
	return w
}

// Grow makes room for so many clients more, with the numbers after those there are.
func (w *Wheel) Grow(clients int) {
	for range clients {
		w.entries = append(w.entries, wheelEntry{prev: notQueued})
	}
}

// Set moves a client to its new time, or takes it out when it has none: ok is false then.
func (w *Wheel) Set(client int32, due time.Duration, ok bool) {
	e := &w.entries[client]
	queued := e.prev != notQueued
	if queued && ok && e.due == due || !queued && !ok {
		return
	}
	if queued {
		w.stale = w.stale || e.due == w.soonestDue
		w.unlink(client)
	}
	if !ok {
		return
	}
	e.due = due
	w.soonestDue = min(w.soonestDue, due)
	w.link(client, w.bucketOf(due))
}

// Soonest returns when something is due first; ok is false when nothing is.
func (w *Wheel) Soonest() (due time.Duration, ok bool) {
	if head := w.heads[readyBucket]; head != noEntry {
		return w.entries[head].due, true
	}
	if w.stale {
		w.soonestDue, w.stale = w.findSoonest(), false
	}
	return w.soonestDue, w.soonestDue != neverDue
}

// Pop takes out a client that is due, an earlier tick's before a later one's; ok is false
// when none is.
func (w *Wheel) Pop(now time.Duration) (client int32, due time.Duration, ok bool) {
	if w.heads[readyBucket] == noEntry && (w.stale || w.soonestDue <= now) {
		w.advance(now)
	}
	head := w.heads[readyBucket]
	if head == noEntry {
		return 0, 0, false
	}
	w.unlink(head)
	return head, w.entries[head].due, true
}

// Crowded reports whether more is due within a short time after the soonest one. It may
// miss what is not close to the wheel's position.
func (w *Wheel) Crowded(soonest, until time.Duration) bool {
	const looks = 4 // whole crowds may be due at the same moment
	tick := tickOf(soonest)
	if tick>>wheelLevels[0].width != w.position>>wheelLevels[0].width {
		return false
	}
	bucket := w.bucketOf(soonest)
	for i, n := w.heads[bucket], 0; i != noEntry && n < looks; i, n = w.entries[i].next, n+1 {
		if due := w.entries[i].due; due > soonest && due <= until {
			return true
		}
	}
	end := min(bucket+1+int32(tickOf(until)-tick), wheelLevels[1].first)
	return w.nextUsed(bucket+1, end) != noEntry
}

// tickOf returns the tick of a time.
func tickOf(at time.Duration) uint64 { return min(uint64(max(at, 0))>>tickBits, lastTick) }

// bucketOf returns the bucket of a due time. What is due before the position has the
// bucket of the position.
func (w *Wheel) bucketOf(due time.Duration) int32 {
	tick := max(tickOf(due), w.position)
	apart := tick ^ w.position
	for _, l := range wheelLevels[:len(wheelLevels)-1] {
		if apart>>(l.shift+l.width) == 0 {
			return l.bucket(tick)
		}
	}
	return wheelLevels[len(wheelLevels)-1].bucket(tick)
}

func (l wheelLevel) bucket(tick uint64) int32 {
	return l.first + int32(tick>>l.shift&(1<<l.width-1))
}

// end returns the number after that of the last bucket.
func (l wheelLevel) end() int32 { return l.first + 1<<l.width }

// link puts a client at the front of a bucket.
func (w *Wheel) link(i, bucket int32) {
	e, head := &w.entries[i], w.heads[bucket]
	e.next, e.prev = head, ^bucket
	if head != noEntry {
		w.entries[head].prev = i
	}
	w.heads[bucket] = i
	w.used[bucket/64] |= 1 << (bucket % 64)
}

// unlink takes a client out of its bucket.
func (w *Wheel) unlink(i int32) {
	e := &w.entries[i]
	if i == w.lastReady {
		w.lastReady = max(e.prev, noEntry)
	}
	if e.next != noEntry {
		w.entries[e.next].prev = e.prev
	}
	if e.prev >= 0 {
		w.entries[e.prev].next = e.next
	} else {
		bucket := ^e.prev
		if w.heads[bucket] = e.next; e.next == noEntry {
			w.used[bucket/64] &^= 1 << (bucket % 64)
		}
	}
	e.prev = notQueued
}

// nextUsed returns the first bucket from one on and before end that is not empty, or
// noEntry.
func (w *Wheel) nextUsed(from, end int32) int32 {
	for from < end {
		if word := w.used[from/64] >> (from % 64); word != 0 {
			if found := from + int32(bits.TrailingZeros64(word)); found < end {
				return found
			}
			return noEntry
		}
		from = from/64*64 + 64
	}
	return noEntry
}

// nextBucket returns the bucket of what is due first and is not ready, or noEntry. What is
// on one level is due before what is on the next one.
func (w *Wheel) nextBucket() (level wheelLevel, bucket int32) {
	for _, l := range wheelLevels {
		if found := w.nextUsed(l.bucket(w.position), l.end()); found != noEntry {
			return l, found
		}
	}
	return wheelLevel{}, noEntry
}

func (w *Wheel) findSoonest() time.Duration {
	soonest := neverDue
	if _, bucket := w.nextBucket(); bucket != noEntry {
		for i := w.heads[bucket]; i != noEntry; i = w.entries[i].next {
			soonest = min(soonest, w.entries[i].due)
		}
	}
	return soonest
}

// advance moves the position to a time, and what is due by then to the ready bucket.
func (w *Wheel) advance(now time.Duration) {
	to := max(tickOf(now), w.position)
	for {
		level, bucket := w.nextBucket()
		if bucket == noEntry {
			break
		}
		// The first tick of the bucket: the position's, but for the digits of this level and
		// those below.
		tick := w.position>>(level.shift+level.width)<<(level.shift+level.width) | uint64(bucket-level.first)<<level.shift
		if tick > to {
			break
		}
		w.position = tick
		if level.shift > 0 {
			w.distribute(bucket)
			continue
		}
		w.collect(bucket, now)
		if tick == to {
			break // the rest of this bucket is due later
		}
	}
	w.position = to
	w.stale = true
}

// distribute moves the clients of a bucket that the position has reached to buckets of
// lower levels.
func (w *Wheel) distribute(bucket int32) {
	for i := w.heads[bucket]; i != noEntry; i = w.heads[bucket] {
		w.unlink(i)
		w.link(i, w.bucketOf(w.entries[i].due))
	}
}

// collect moves the clients of a bucket that are due to the end of the ready bucket.
func (w *Wheel) collect(bucket int32, now time.Duration) {
	for i := w.heads[bucket]; i != noEntry; {
		e := &w.entries[i]
		next := e.next
		if e.due <= now {
			w.unlink(i)
			if w.lastReady == noEntry {
				w.link(i, readyBucket)
			} else {
				w.entries[w.lastReady].next = i
				e.next, e.prev = noEntry, w.lastReady
			}
			w.lastReady = i
		}
		i = next
	}
}
