package impair

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// item is traffic under way in one direction.
type item struct {
	due   time.Time
	data  []byte
	err   error // the end of the traffic, or a refused datagram
	event event // of a stream, after its data
	held  bool  // a datagram that waits for the next one to pass it
}

// event is a step by which this end closes a stream.
type event uint8

const (
	none      event = iota
	closeSide       // CloseWrite: a FIN
	closeBoth       // Close: a FIN, or a reset
)

// queue is traffic under way, in the order in which it comes out. It reads no
// clock and has no goroutine.
type queue struct {
	items []item
	bytes int // in items
}

func (q *queue) push(i item) {
	q.items = append(q.items, i)
	q.bytes += len(i.data)
}

// take returns the first item when it is due.
func (q *queue) take(now time.Time) (item, bool) {
	if len(q.items) == 0 || q.items[0].due.After(now) {
		return item{}, false
	}
	first := q.items[0]
	q.items[0] = item{}
	q.items = q.items[1:]
	q.bytes -= len(first.data)
	return first, true
}

// next returns when the first item is due; ok is false when nothing is under way.
func (q *queue) next() (due time.Time, ok bool) {
	if len(q.items) == 0 {
		return time.Time{}, false
	}
	return q.items[0].due, true
}

// delays computes when traffic arrives that takes Delay ± Jitter. Nothing
// overtakes: what would arrive before its predecessor arrives with it.
type delays struct {
	impairment Impairment
	newest     time.Time
}

// after computes the arrival of traffic that sets out now; draw is from 0 to 1.
func (d *delays) after(now time.Time, draw float64) time.Time {
	jitter := time.Duration((2*draw - 1) * float64(d.impairment.Jitter))
	due := now.Add(d.impairment.Delay + jitter)
	if due.Before(d.newest) {
		due = d.newest
	}
	d.newest = due
	return due
}

// randomOf gives the random numbers of one connection, which depend on nothing
// but the seed, its name and the purpose.
func randomOf(seed int64, name, purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "%d %s %q", seed, purpose, name))))
}

// datagrams schedules the datagrams of one direction.
type datagrams struct {
	queue
	delays
	random *rand.Rand
	count  *counter
}

func newDatagrams(i Impairment, random *rand.Rand, count *counter) *datagrams {
	return &datagrams{delays: delays{impairment: i}, random: random, count: count}
}

// add takes a datagram and keeps a copy, or two, or none. It draws as many
// random numbers for each one, so that what becomes of the k-th depends on no
// other, and a change of one probability leaves the other decisions alone.
func (s *datagrams) add(now time.Time, data []byte) {
	hit := func(p Percent) bool { return s.random.Float64()*100 < float64(p) }
	drop, duplicate, reorder := hit(s.impairment.Drop), hit(s.impairment.Duplicate), hit(s.impairment.Reorder)
	jitter := s.random.Float64()
	if drop {
		s.count.dropped.Add(1)
		return
	}
	s.count.passed.Add(1)
	datagram := item{due: s.after(now, jitter), data: slices.Clone(data)}
	arriving := []item{datagram}
	if duplicate {
		s.count.doubled.Add(1)
		arriving = append(arriving, datagram)
	}
	last := len(s.items) - 1
	switch {
	case last >= 0 && s.items[last].held && !datagram.due.After(s.items[last].due):
		s.count.reordered.Add(1)
		passed := s.items[last]
		passed.held, passed.due = false, datagram.due
		s.items, s.bytes = s.items[:last], s.bytes-len(passed.data)
		arriving = append(arriving, passed)
	case reorder: // of two copies the second one
		held := &arriving[len(arriving)-1]
		held.held, held.due = true, held.due.Add(ReorderWait)
	}
	for _, i := range arriving {
		s.push(i)
	}
}

// addError takes an error, which is delayed as a datagram is, but neither lost
// nor passed.
func (s *datagrams) addError(now time.Time, err error) {
	due := s.after(now, 0.5)
	if last := len(s.items) - 1; last >= 0 {
		if due.Before(s.items[last].due) {
			due = s.items[last].due
		}
		s.items[last].held = false
	}
	s.newest = due
	s.push(item{due: due, err: err})
}

// waiting counts the datagrams under way.
func (s *datagrams) waiting() int { return len(s.items) }
