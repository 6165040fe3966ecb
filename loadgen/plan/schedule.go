package plan

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"sort"
	"time"
)

// Spec describes a run for its schedule. Shards of a run have the same one.
type Spec struct {
	Clients int // clients of the whole run, those that log in later included
	First   int // clients that log in during the ramp; 0 for all
	// Ramp is the time in which the clients log in, evenly spread. What Pattern
	// describes is due from its end on, and counts after Warmup for Duration.
	Ramp, Warmup, Duration time.Duration
	Stages                 []Stage // stages of what counts, which take Duration together; may be nil
	Seed                   int64   // seed for the order in which clients have their turns
	Pattern                Pattern
}

// Schedule computes when each login and message of a run is due, since its start.
type Schedule struct {
	clients, first         int
	ramp, warmup, duration time.Duration
	stages                 []stage
	pattern                Pattern
	// due is when turns are due, since the end of the ramp; burst numbers are one turn. It is
	// nil when nothing is due.
	due   *curve
	burst uint64
	order []Client // in which the clients have their turns

	// Of a run with parts: their schedules, and the part of each client. The schedule of a part
	// counts its clients from 0 on.
	parts   []Schedule
	partOf  []uint8
	members []Client // of a part: its clients; nil where they are those of the run
	locals  []Client // of a part: by client of the run, the number within the client's part
}

// DropAfter is the lateness from which a send is left out: made up for, it would be a
// burst that nobody asked for.
const DropAfter = time.Second

// rateUnit makes rates whole numbers: of messages in so many seconds.
const rateUnit = 1000

// NewSchedule returns the schedule of a run.
func NewSchedule(spec Spec) Schedule { return newSchedule(spec, nil, nil) }

// newSchedule returns the schedule of a run or of a part of one; see Schedule.
func newSchedule(spec Spec, members, locals []Client) Schedule {
	s := Schedule{
		clients: spec.Clients, first: spec.First, ramp: spec.Ramp, warmup: spec.Warmup, duration: spec.Duration,
		pattern: spec.Pattern, burst: 1, members: members, locals: locals,
	}
	if s.first == 0 {
		s.first = s.clients
	}
	switch p := spec.Pattern; p.kind {
	case turns, pushes, alternating:
		s.due = stagedCurve(spec)
	case fanOuts:
		s.due = stagedCurve(spec)
		s.burst = uint64(s.largestGroup() - 1)
	case conversations:
		s.due = newCurve(p.every, uint64(spec.Clients))
		s.burst = uint64(s.largestGroup() - 1)
	}
	if spec.Pattern.kind == mixed {
		s.addParts(spec)
		return s
	}
	if spec.Pattern.kind != nothing {
		s.order = make([]Client, spec.Clients)
		for i := range s.order {
			s.order[i] = s.global(Client(i))
		}
		random := rand.New(rand.NewPCG(uint64(spec.Seed), 0))
		random.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	}
	s.addStages(spec.Stages)
	return s
}

// Clients returns how many clients the run has, or the part of one.
func (s *Schedule) Clients() int { return s.clients }

// Ramp returns when the last client has begun to log in, and messages begin.
func (s *Schedule) Ramp() time.Duration { return s.ramp }

// Rate returns how many messages a second the schedule has, or how many turns; with
// stages on average of what counts. Of parts it is the sum, without turns, which are no messages.
func (s *Schedule) Rate() (rate float64) {
	for i := range s.parts {
		if part := &s.parts[i]; len(s.parts) == 1 || part.pattern.kind != turns {
			rate += part.Rate()
		}
	}
	if len(s.parts) > 0 {
		return rate
	}
	rate = s.pattern.rate
	if s.due != nil && len(s.stages) > 0 {
		from, to := s.Steady()
		rate = float64((s.DueBefore(to)-s.DueBefore(from))/s.burst) / s.duration.Seconds()
	}
	switch s.pattern.kind {
	case fanOuts:
		return rate * float64(s.messagesEach()) / float64(s.clients)
	case conversations:
		return float64(s.messagesEach()) / s.pattern.every.Seconds()
	}
	return rate
}

// messagesEach returns how many messages there are when each client has had its turn in its
// group.
func (s *Schedule) messagesEach() (messages int) {
	for client := range s.clients {
		_, size := s.group(Client(client))
		messages += size - 1
	}
	return messages
}

// RateEach returns the highest rate for each client: of the part, and in the stage, with
// the most for the fewest clients.
func (s *Schedule) RateEach() (rate float64) {
	for i := range s.parts {
		rate = max(rate, s.parts[i].RateEach())
	}
	if len(s.parts) > 0 {
		return rate
	}
	rate, fewest := s.Rate(), s.clients
	for i := range s.stages {
		fewest = min(fewest, max(s.stages[i].there, 1))
	}
	if s.pattern.kind != conversations && s.due != nil && len(s.stages) > 0 {
		rate *= float64(s.due.highest()) / rateUnit / (float64(s.due.between(s.warmup, s.warmup+s.duration)) / s.duration.Seconds())
	}
	return rate / float64(fewest)
}

// Leave returns when a client logs out in a ramp down that begins at from.
func (s *Schedule) Leave(client Client, from, rampDown time.Duration) time.Duration {
	return from + time.Duration(scaled(uint64(client), uint64(rampDown), uint64(s.clients)))
}

// Due returns when the n-th message is to be sent, or the n-th turn taken; the first is
// number 0.
func (s *Schedule) Due(n uint64) time.Duration { return s.ramp + s.due.due(n/s.burst) }

// DueBefore returns how many messages or turns are due before the given time.
func (s *Schedule) DueBefore(before time.Duration) uint64 {
	if s.due == nil {
		return 0
	}
	return s.due.dueBefore(before-s.ramp) * s.burst
}

// SentBefore returns how many of them are messages that clients send.
func (s *Schedule) SentBefore(before time.Duration) uint64 {
	if s.pattern.kind == alternating || s.pattern.inGroups() {
		return s.DueBefore(before)
	}
	return 0
}

// scaled returns n*by/per, rounded down, with the product in 128 bits: a rate in
// nanoseconds over a month exceeds 64.
func scaled(n, by, per uint64) uint64 {
	high, low := bits.Mul64(n, by)
	quotient, _ := bits.Div64(high, low, per)
	return quotient
}

// Steady returns the part of the run that counts, from the first time up to but not
// including the second.
func (s *Schedule) Steady() (from, to time.Duration) {
	from = s.ramp + s.warmup
	return from, from + s.duration
}

// Counts reports whether what was due at this time is a part of the result.
func (s *Schedule) Counts(due time.Duration) bool {
	from, to := s.Steady()
	return due >= from && due < to
}

// sentFlows is the number of flows of an alternating load.
const sentFlows = 2

// Message returns the sender of the n-th message, and its place among the peers; ok is
// false when that number has no message.
//
// In an alternating load clients take turns in each flow, half a round apart, so that
// one client's messages do not come in pairs. In conversations a turn is one message to
// each of the others; in one that is smaller than the largest some numbers stay empty, and
// all of one whose members are not all logged in for the whole stage.
func (s *Schedule) Message(n uint64) (client Client, f Flow, place Place, ok bool) {
	order, there := s.turnsAt(n)
	if s.pattern.inGroups() {
		client = turnIn(s.order, n/s.burst)
		place = 1 + Place(n%s.burst)
		first, size := s.group(s.local(client))
		return client, ToClient, place, int(place) < size && int(first)+size <= there
	}
	turn, f := n/sentFlows, Flow(n%sentFlows)
	if f == ToServer {
		return turnIn(order, turn), f, ServerPlace, true
	}
	return turnIn(order, turn+uint64(len(order)/2)), f, 1, true
}

// Turn returns the client whose turn the n-th is.
func (s *Schedule) Turn(n uint64) Client {
	order, _ := s.turnsAt(n)
	return turnIn(order, n)
}

func turnIn(order []Client, n uint64) Client { return order[n%uint64(len(order))] }

// turnsAt returns the order of the clients that have their turns when the n-th message or
// turn is due, and how many these are: those that are logged in throughout the stage.
func (s *Schedule) turnsAt(n uint64) (order []Client, there int) {
	i := sort.Search(len(s.stages), func(i int) bool { return s.stages[i].number > n }) - 1
	if i < 0 {
		return s.order, s.clients
	}
	return s.stages[i].order, s.stages[i].there
}

// Drawn returns so many percent of the clients, drawn by lot, and at least one.
func (s *Schedule) Drawn(percent float64) []Client { return s.order[:s.drawn(percent)] }

// NotDrawn returns the other clients.
func (s *Schedule) NotDrawn(percent float64) []Client { return s.order[s.drawn(percent):] }

func (s *Schedule) drawn(percent float64) int {
	count := int(math.Ceil(float64(s.clients) * percent / 100))
	return min(max(count, 1), s.clients)
}

// TurnsBetween returns how many turns are due from one time until before another.
func (s *Schedule) TurnsBetween(from, to time.Duration) int64 {
	return int64((s.DueBefore(to) - s.DueBefore(from)) / s.burst)
}
