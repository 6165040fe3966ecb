package impair

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"time"
)

// item is traffic in flight in one direction.
type item[T any] struct {
	due   time.Time
	data  T
	size  int   // of data in bytes, where the schedule counts them
	err   error // the end of the traffic, or a refused datagram
	event event // a stream's event, after the data
	held  bool  // a datagram waiting for the next one to overtake it
}

// event is a step in which this end closes a stream.
type event uint8

const (
	none      event = iota
	closeSide       // CloseWrite: a FIN
	closeBoth       // Close: a FIN, or a reset
)

// queue has the traffic in flight, in the order of its arrival. It reads no clock and has
// no goroutine.
type queue[T any] struct {
	items []item[T]
	bytes int // in items
}

func (q *queue[T]) push(i item[T]) {
	q.items = append(q.items, i)
	q.bytes += i.size
}

// take removes the first item if it is due.
func (q *queue[T]) take(now time.Time) (item[T], bool) {
	if len(q.items) == 0 || q.items[0].due.After(now) {
		return item[T]{}, false
	}
	first := q.items[0]
	q.items[0] = item[T]{}
	q.items = q.items[1:]
	q.bytes -= first.size
	return first, true
}

// next returns when the first item is due; ok is false if nothing is in flight.
func (q *queue[T]) next() (due time.Time, ok bool) {
	if len(q.items) == 0 {
		return time.Time{}, false
	}
	return q.items[0].due, true
}

// delays computes arrivals with a delay of Delay ± Jitter. Nothing is reordered: what
// would arrive before its predecessor arrives with it.
type delays struct {
	impairment Impairment
	changing   func() Impairment // reads that of the moment; nil if it stays
	newest     time.Time
}

// refresh takes over the impairment of the moment.
func (d *delays) refresh() {
	if d.changing != nil {
		d.impairment = d.changing()
	}
}

// after returns the arrival of traffic that is sent now; draw is a random number from 0
// to 1.
func (d *delays) after(now time.Time, draw float64) time.Time {
	jitter := time.Duration((2*draw - 1) * float64(d.impairment.Jitter))
	due := now.Add(d.impairment.Delay + jitter)
	if due.Before(d.newest) {
		due = d.newest
	}
	d.newest = due
	return due
}

// randomOf returns the random numbers of one connection, which depend only on the seed,
// its name and the purpose.
func randomOf(seed int64, name, purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "%d %s %q", seed, purpose, name))))
}

// datagrams schedules the datagrams of one direction.
type datagrams[T any] struct {
	queue[T]
	delays
	random  *rand.Rand
	count   *counter
	observe func(Effect, T) // nil if nobody observes
}

func newDatagrams[T any](i Impairment, random *rand.Rand, count *counter) *datagrams[T] {
	return &datagrams[T]{delays: delays{impairment: i}, random: random, count: count}
}

// add schedules a datagram once, or twice, or not at all, and keeps it. It draws the same number of random
// numbers for each datagram, so that its outcome does not depend on the others, and a change
// of one probability does not affect the other decisions.
func (s *datagrams[T]) add(now time.Time, data T) Outcome {
	s.refresh()
	hit := func(p Percent) bool { return s.random.Float64()*100 < float64(p) }
	drop, duplicate, reorder := hit(s.impairment.Drop), hit(s.impairment.Duplicate), hit(s.impairment.Reorder)
	jitter := s.random.Float64()
	if drop {
		s.count.dropped.Add(1)
		s.tell(Dropped, data)
		return Outcome{Dropped: true}
	}
	s.count.passed.Add(1)
	datagram := item[T]{due: s.after(now, jitter), data: data}
	arriving := []item[T]{datagram}
	if duplicate {
		s.count.doubled.Add(1)
		s.tell(Doubled, data)
		arriving = append(arriving, datagram)
	}
	last := len(s.items) - 1
	switch {
	case last >= 0 && s.items[last].held && !datagram.due.After(s.items[last].due):
		s.count.reordered.Add(1)
		passed := s.items[last]
		s.tell(Reordered, passed.data)
		passed.held, passed.due = false, datagram.due
		s.items = s.items[:last]
		arriving = append(arriving, passed)
	case reorder: // the second of two copies
		held := &arriving[len(arriving)-1]
		held.held, held.due = true, held.due.Add(ReorderWait)
	}
	for _, i := range arriving {
		s.push(i)
	}
	return Outcome{Doubled: duplicate, At: datagram.due}
}

// tell tells who observes what became of a datagram.
func (s *datagrams[T]) tell(e Effect, data T) {
	if s.observe != nil {
		s.observe(e, data)
	}
}

// addError schedules an error.
func (s *datagrams[T]) addError(now time.Time, err error) { s.addEnd(now, item[T]{err: err}) }

// addEnd schedules what is delayed like a datagram, but neither lost nor overtaken.
func (s *datagrams[T]) addEnd(now time.Time, end item[T]) {
	due := s.after(now, 0.5)
	if last := len(s.items) - 1; last >= 0 {
		if due.Before(s.items[last].due) {
			due = s.items[last].due
		}
		s.items[last].held = false
	}
	s.newest, end.due = due, due
	s.push(end)
}

// waiting returns the number of datagrams in flight.
func (s *datagrams[T]) waiting() int { return len(s.items) }
