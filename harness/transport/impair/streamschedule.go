package impair

import (
	"math/rand/v2"
	"time"
)

// bytestream schedules the bytes of one direction of a stream.
type bytestream[T any] struct {
	queue[T]
	delays
	random *rand.Rand
	stalls stalls
	count  *counter
	size   func(T) int // in bytes
}

func newBytestream[T any](i Impairment, random *rand.Rand, s stalls, count *counter, size func(T) int) *bytestream[T] {
	return &bytestream[T]{delays: delays{impairment: i}, random: random, stalls: s, count: count, size: size}
}

// lengthOf is the size of bytes.
func lengthOf(b []byte) int { return len(b) }

// add schedules bytes, and keeps them. Those of one write arrive at once.
func (s *bytestream[T]) add(now time.Time, data T) Outcome {
	due, size := s.due(now), s.size(data)
	if due.After(now) {
		s.count.bytes.Add(int64(size))
	}
	s.push(item[T]{due: due, data: data, size: size})
	return Outcome{At: due}
}

// addError schedules the end of the stream, which is delayed like bytes.
func (s *bytestream[T]) addError(now time.Time, err error) {
	s.push(item[T]{due: s.due(now), err: err})
}

// addEvent schedules a FIN or a reset of this end, and returns when that is due.
func (s *bytestream[T]) addEvent(now time.Time, e event) time.Time {
	due := s.due(now)
	s.push(item[T]{due: due, event: e})
	return due
}

// due returns the arrival of what is sent now, stalls included.
func (s *bytestream[T]) due(now time.Time) time.Time {
	if s.refresh(); s.impairment.Stall != s.stalls.Stall {
		s.stalls = stalls{s.impairment.Stall, now} // others begin with a stall
	}
	due, stalled := s.stalls.end(s.after(now, s.random.Float64()))
	if stalled {
		s.count.stalls.Add(1) // once: what follows is due at its end at the earliest
	}
	s.newest = due
	return due
}

// waiting returns the number of bytes in flight.
func (s *bytestream[T]) waiting() int { return s.bytes }

// stalls are the stalls of a stream: for Length from first on, and again in every Period.
type stalls struct {
	Stall
	first time.Time
}

// newStalls places the first stall at random within a period before the start, so that a
// stream can begin in one.
func newStalls(s Stall, start time.Time, random *rand.Rand) stalls {
	return stalls{s, start.Add(-time.Duration(random.Float64() * float64(s.Period)))}
}

// end returns the end of the stall at a time, or the time itself if there is none.
func (s stalls) end(at time.Time) (end time.Time, stalled bool) {
	if s.Length == 0 {
		return at, false
	}
	into := at.Sub(s.first) % s.Period
	if into < 0 || into >= s.Length {
		return at, false
	}
	return at.Add(s.Length - into), true
}
