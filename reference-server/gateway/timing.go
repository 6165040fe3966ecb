package gateway

import (
	"math/rand/v2"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Timing puts off what the rules have decided on its way to the links and to the
// observer, as the threads of a real server do (docs/protocol.md §7). The zero
// value does everything at once. What is sent on a session keeps its order, the
// close included, except for ACKs of C → C messages, which have an order of their
// own. Events of one user keep their order too. Data is delayed by the rules, as
// retransmissions count from when it was written.
//
// Delays count from when the cause arrived, so that they do not add up with those of
// the rules.
type Timing struct {
	Answers        server.Delay  // delays what a session is sent, except data and ACKs of C → C messages
	LoginResponses server.Delay  // delays login responses; the larger of it and Answers counts
	ACKs           server.Delay  // delays ACKs of C → C messages
	Closes         server.Delay  // delays closes of streams that did not expire
	KickCloses     server.Delay  // delays closes of streams after a kick-out; the larger of it and Closes counts
	Events         server.Delay  // delays events for the observer
	EventBursts    time.Duration // events are reported only at multiples of it after the start
	OnlineFor      time.Duration // time for which the same list of users is given out
}

// Observed has the delay of the observed server, which writes the ACKs of C → C messages
// on another thread (docs/protocol.md §7).
var Observed = Timing{ACKs: server.Delay{Min: 2 * time.Millisecond}}

// delays reports whether effects are put off.
func (t Timing) delays() bool {
	t.OnlineFor = 0
	return t != Timing{}
}

// lane is a sequence of effects that keep their order.
type lane struct {
	link any    // on UDP an address, which may have several sessions; nil for events
	user string // whose events these are; "" for links
	kind laneKind
}

type laneKind uint8

const (
	own  laneKind = iota // everything else that a session is sent, and its close
	acks                 // ACKs of C → C messages
	data                 // data
)

// schedule holds effects until they are due. It has no clock and no lock.
type schedule struct {
	timing Timing
	start  time.Time
	random *rand.Rand
	kicked *server.Session // the last that was sent a kick-out
	due    server.BoundedLanes[lane, server.Effect]
}

func newSchedule(timing Timing, bound server.Bound, seed uint64, now time.Time) *schedule {
	return &schedule{timing: timing, start: now, random: rand.New(rand.NewPCG(seed, 1)), due: server.NewBoundedLanes[lane, server.Effect](bound)}
}

// putOff keeps an effect for later; false reports that it is due now.
func (s *schedule) putOff(now time.Time, e server.Effect) bool {
	if e.Kind == server.Publish {
		return false // the broker takes its time by itself
	}
	if e.Kind == server.Close && (e.Expired() || !e.Session.Transport.Connected()) {
		return false // the time of the first is fixed (§3), the second shows nothing
	}
	if e.Kind == server.Send && e.Message.Type == wire.TypeKickout {
		s.kicked = e.Session
	}
	in, at := laneOf(e), s.dueAt(now, e)
	if !at.After(now) && s.due.Empty(in) {
		return false
	}
	s.due.Push(at, in, e)
	return true
}

func (s *schedule) dueAt(now time.Time, e server.Effect) time.Time {
	since := e.Since
	if since.IsZero() {
		since = now
	}
	at := since.Add(s.delayOf(e).Draw(s.random))
	if every := s.timing.EventBursts; every > 0 && e.Kind == server.Report {
		return s.burst(since, at, every)
	}
	return at
}

// burst returns the last burst before at, or the first after since.
func (s *schedule) burst(since, at time.Time, every time.Duration) time.Time {
	burst := at.Add(-(at.Sub(s.start) % every))
	if burst.Before(since) {
		return burst.Add(every)
	}
	return burst
}

func laneOf(e server.Effect) lane {
	if e.Kind == server.Report {
		return lane{user: e.Event.User}
	}
	in := lane{link: e.Session.Link}
	switch {
	case e.Kind != server.Send:
	case e.Message.Type == wire.TypeData:
		in.kind = data
	case e.Message.Type == wire.TypeReceived && !e.Message.From.Is(wire.ServerID):
		in.kind = acks
	}
	return in
}

func (s *schedule) delayOf(e server.Effect) server.Delay {
	switch kind := laneOf(e).kind; {
	case e.Kind == server.Report:
		return s.timing.Events
	case e.Kind == server.Close && e.Session == s.kicked:
		return s.timing.Closes.Larger(s.timing.KickCloses)
	case e.Kind == server.Close:
		return s.timing.Closes
	case kind == acks:
		return s.timing.ACKs
	case kind == data:
		return server.Delay{}
	case e.Message.Type == wire.TypeLoginResponse:
		return s.timing.LoginResponses.Larger(s.timing.Answers)
	}
	return s.timing.Answers
}
