package gateway

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// Timing puts off what the rules have decided on its way to the links and to the
// observer, as the threads of a real server do (docs/protocol.md §7). The zero
// value does everything at once. What is sent on a session keeps its order, the
// close included, but for ACKs of C → C messages, which have an order of their
// own. Events of one user keep their order too.
//
// Delays count from when the cause came in, so that they do not add up with
// those of the rules.
type Timing struct {
	Answers        Delay // what a session is sent, other than data and ACKs of C → C messages
	LoginResponses Delay // the larger of it and Answers counts
	ACKs           Delay // of C → C messages
	Closes         Delay // of a session that did not expire
	Events         Delay
}

// Observed is how late the observed server is with the ACKs of C → C messages,
// which another thread writes (docs/protocol.md §7).
var Observed = Timing{ACKs: Delay{Min: 2 * time.Millisecond}}

// Delay is drawn for each effect from Min to Max, or is Min when Max is not larger. With Every it is prolonged to
// the next multiple of that time after the gateway's start.
type Delay struct{ Min, Max, Every time.Duration }

func (d Delay) none() bool { return d == Delay{} }

// lane is a sequence of effects that keep their order.
type lane struct {
	session *rules.Session // nil for events
	user    string         // of events
	kind    laneKind
}

type laneKind uint8

const (
	own  laneKind = iota // what a session is sent otherwise, and its close
	acks                 // of C → C messages
	data
)

// laneState is a lane in which something waits.
type laneState struct {
	last    time.Time // when the last of it is due
	waiting int
}

// schedule holds effects until they are due. It has no clock and no lock.
type schedule struct {
	timing Timing
	start  time.Time
	random *rand.Rand
	lanes  map[lane]laneState
	due    dueHeap
	count  uint64 // of effects that were held
}

func newSchedule(timing Timing, seed uint64, now time.Time) *schedule {
	return &schedule{timing: timing, start: now, random: rand.New(rand.NewPCG(seed, 1)), lanes: map[lane]laneState{}}
}

// dueEffect is an effect that waits.
type dueEffect struct {
	at    time.Time
	count uint64 // orders effects of the same time
	lane  lane
	rules.Effect
}

// hold keeps an effect for later; false says that it is due now.
func (s *schedule) hold(now time.Time, e rules.Effect) bool {
	if e.Kind == rules.Close && (e.Expired || !e.Session.Transport.Connected()) {
		return false // the time of the first is fixed (§3), the second shows nothing
	}
	in := laneOf(e)
	at := now
	if d := s.delayOf(e, in); !d.none() {
		at = s.after(e, now, d)
	}
	before := s.lanes[in]
	if before.last.After(at) {
		at = before.last
	}
	if !at.After(now) && before.waiting == 0 {
		return false
	}
	s.lanes[in] = laneState{at, before.waiting + 1}
	s.count++
	heap.Push(&s.due, dueEffect{at, s.count, in, e})
	return true
}

// after is when an effect is due that has a delay.
func (s *schedule) after(e rules.Effect, now time.Time, d Delay) time.Time {
	since := e.Since
	if since.IsZero() {
		since = now
	}
	wait := d.Min
	if d.Max > d.Min {
		wait += time.Duration(s.random.Int64N(int64(d.Max-d.Min) + 1))
	}
	at := since.Add(wait)
	if d.Every > 0 {
		if over := at.Sub(s.start) % d.Every; over > 0 {
			at = at.Add(d.Every - over)
		}
	}
	return at
}

func laneOf(e rules.Effect) lane {
	if e.Kind == rules.Report {
		return lane{user: e.Event.User}
	}
	in := lane{session: e.Session}
	switch {
	case e.Kind != rules.Send:
	case e.Message.Type == wire.TypeData:
		in.kind = data
	case e.Message.Type == wire.TypeReceived && !e.Message.From.Is(wire.ServerID):
		in.kind = acks
	}
	return in
}

func (s *schedule) delayOf(e rules.Effect, in lane) Delay {
	switch {
	case e.Kind == rules.Report:
		return s.timing.Events
	case e.Kind == rules.Close:
		return s.timing.Closes
	case in.kind == acks:
		return s.timing.ACKs
	case in.kind == data:
		return Delay{} // the rules delay it: they count from when it was written
	case e.Message.Type == wire.TypeLoginResponse:
		return Larger(s.timing.LoginResponses, s.timing.Answers)
	}
	return s.timing.Answers
}

// Larger combines two delays without adding them up.
func Larger(a, b Delay) Delay {
	every := max(a.Every, b.Every)
	if max(b.Min, b.Max) > max(a.Min, a.Max) {
		a = b
	}
	a.Every = every
	return a
}

// next is when the first effect is due; ok is false when none waits.
func (s *schedule) next() (at time.Time, ok bool) {
	if len(s.due) == 0 {
		return at, false
	}
	return s.due[0].at, true
}

// pop takes the first effect when it is due.
func (s *schedule) pop(now time.Time) (first dueEffect, ok bool) {
	if at, waits := s.next(); !waits || at.After(now) {
		return first, false
	}
	first = heap.Pop(&s.due).(dueEffect)
	in := s.lanes[first.lane]
	if in.waiting--; in.waiting == 0 {
		delete(s.lanes, first.lane)
	} else {
		s.lanes[first.lane] = in
	}
	return first, true
}

// dueHeap is a container/heap with what is due first in front.
type dueHeap []dueEffect

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].count < h[j].count
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(dueEffect)) }
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = dueEffect{}
	*h = (*h)[:last]
	return e
}
