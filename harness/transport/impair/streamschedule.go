package impair

import (
	"math/rand/v2"
	"slices"
	"time"
)

// bytestream schedules the bytes of one direction of a stream.
type bytestream struct {
	queue
	delays
	random *rand.Rand
	stalls stalls
	count  *counter
}

func newBytestream(i Impairment, random *rand.Rand, s stalls, count *counter) *bytestream {
	return &bytestream{delays: delays{impairment: i}, random: random, stalls: s, count: count}
}

// add schedules a copy of bytes. Those of one write arrive at once.
func (s *bytestream) add(now time.Time, data []byte) {
	due := s.due(now)
	if due.After(now) {
		s.count.bytes.Add(int64(len(data)))
	}
	s.push(item{due: due, data: slices.Clone(data)})
}

// addError schedules the end of the stream, which is delayed like bytes.
func (s *bytestream) addError(now time.Time, err error) { s.push(item{due: s.due(now), err: err}) }

// addEvent schedules a FIN or a reset of this end, and returns when that is due.
func (s *bytestream) addEvent(now time.Time, e event) time.Time {
	due := s.due(now)
	s.push(item{due: due, event: e})
	return due
}

// due returns the arrival of what is sent now, stalls included.
func (s *bytestream) due(now time.Time) time.Time {
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
func (s *bytestream) waiting() int { return s.bytes }

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
