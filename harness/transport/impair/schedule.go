package impair

import (
	"math/rand/v2"
	"slices"
	"time"
)

// schedule decides what becomes of the messages of one direction, and when. It
// reads no clock and has no goroutine.
type schedule struct {
	impairment Impairment
	random     *rand.Rand
	queue      []item    // in the order in which they come out
	newest     time.Time // when the latest message comes out: none overtakes by jitter
}

// item is a message under way, or an error, such as the end of the connection.
type item struct {
	due  time.Time
	body []byte
	err  error
	held bool // waits for the next message to pass it
}

// The streams of random numbers of the two directions.
const (
	sendStream    = 1
	receiveStream = 2
)

func newSchedule(i Impairment, seed, stream uint64) *schedule {
	return &schedule{impairment: i, random: rand.New(rand.NewPCG(seed, stream))}
}

// add takes a message and keeps a copy, or two, or none. It draws the same
// count of random numbers for every message, so that a change of one
// probability leaves the other decisions as they were.
func (s *schedule) add(now time.Time, body []byte) {
	drop := s.random.Float64() < s.impairment.Drop
	duplicate := s.random.Float64() < s.impairment.Duplicate
	reorder := s.random.Float64() < s.impairment.Reorder
	jitter := time.Duration(s.random.Float64() * float64(s.impairment.Jitter))
	if drop {
		return
	}
	message := item{due: s.dueTime(now, jitter), body: slices.Clone(body)}
	arriving := []item{message}
	if duplicate {
		arriving = append(arriving, message)
	}
	if last := len(s.queue) - 1; last >= 0 && s.queue[last].held {
		passed := s.queue[last]
		passed.held, passed.due = false, message.due
		s.queue = append(append(s.queue[:last], arriving...), passed)
		return
	}
	if reorder { // of two copies the second one
		held := &arriving[len(arriving)-1]
		held.held, held.due = true, held.due.Add(ReorderWait)
	}
	s.queue = append(s.queue, arriving...)
}

// addError takes an error, which is delayed as a message is, but neither lost
// nor passed.
func (s *schedule) addError(now time.Time, err error) {
	due := s.dueTime(now, 0)
	if last := len(s.queue) - 1; last >= 0 {
		if due.Before(s.queue[last].due) {
			due = s.queue[last].due
		}
		s.queue[last].held = false
	}
	s.queue = append(s.queue, item{due: due, err: err})
}

func (s *schedule) dueTime(now time.Time, jitter time.Duration) time.Time {
	due := now.Add(s.impairment.Delay + jitter)
	if due.Before(s.newest) {
		due = s.newest
	}
	s.newest = due
	return due
}

// take returns the next item when its time has come.
func (s *schedule) take(now time.Time) (item, bool) {
	if len(s.queue) == 0 || s.queue[0].due.After(now) {
		return item{}, false
	}
	next := s.queue[0]
	s.queue = slices.Delete(s.queue, 0, 1)
	return next, true
}

// next is when take has something to return; ok is false when nothing waits.
func (s *schedule) next() (due time.Time, ok bool) {
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	return s.queue[0].due, true
}
