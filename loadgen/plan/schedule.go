package plan

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"time"
)

// Spec describes a run for its schedule. Shards of a run have the same one.
type Spec struct {
	Clients int // clients of the whole run
	// Ramp is the time in which the clients log in, evenly spread. What Pattern
	// describes is due from its end on, and counts after Warmup for Duration.
	Ramp, Warmup, Duration time.Duration
	Seed                   int64 // seed for the order in which clients have their turns
	Pattern                Pattern
}

// Schedule computes when each login and message of a run is due, since its start.
type Schedule struct {
	clients                int
	ramp, warmup, duration time.Duration
	pattern                Pattern
	// steps turns are due in the time every, evenly spread; burst numbers are one
	// turn. steps is 0 when nothing is due.
	every time.Duration
	steps uint64
	burst uint64
	order []Client // in which the clients have their turns
}

// DropAfter is the lateness from which a send is left out: made up for, it would be a
// burst that nobody asked for.
const DropAfter = time.Second

// rateUnit makes rates whole numbers: of messages in so many seconds.
const rateUnit = 1000

// NewSchedule returns the schedule of a run.
func NewSchedule(spec Spec) Schedule {
	s := Schedule{
		clients: spec.Clients, ramp: spec.Ramp, warmup: spec.Warmup, duration: spec.Duration,
		pattern: spec.Pattern, burst: 1,
	}
	switch p := spec.Pattern; p.kind {
	case turns, pushes, alternating:
		s.every, s.steps = rateUnit*time.Second, uint64(math.Round(p.rate*rateUnit))
	case conversations:
		s.every, s.steps = p.every, uint64(spec.Clients)
		s.burst = uint64(s.largestGroup() - 1)
	case nothing:
		return s
	}
	s.order = make([]Client, spec.Clients)
	for i := range s.order {
		s.order[i] = Client(i)
	}
	random := rand.New(rand.NewPCG(uint64(spec.Seed), 0))
	random.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	return s
}

// Clients returns how many clients the run has.
func (s *Schedule) Clients() int { return s.clients }

// Ramp returns when the last client has begun to log in, and messages begin.
func (s *Schedule) Ramp() time.Duration { return s.ramp }

// Rate returns how many messages a second the schedule has, or how many turns.
func (s *Schedule) Rate() float64 {
	if s.pattern.kind != conversations {
		return s.pattern.rate
	}
	messages := 0
	for client := range s.clients {
		_, size := s.group(Client(client))
		messages += size - 1
	}
	return float64(messages) / s.every.Seconds()
}

// Start returns when a client begins to log in.
func (s *Schedule) Start(client Client) time.Duration {
	return time.Duration(scaled(uint64(client), uint64(s.ramp), uint64(s.clients)))
}

// Leave returns when a client logs out in a ramp down that begins at from.
func (s *Schedule) Leave(client Client, from, rampDown time.Duration) time.Duration {
	return from + time.Duration(scaled(uint64(client), uint64(rampDown), uint64(s.clients)))
}

// Due returns when the n-th message is to be sent, or the n-th turn taken; the first is
// number 0.
func (s *Schedule) Due(n uint64) time.Duration {
	return s.ramp + time.Duration(scaled(n/s.burst, uint64(s.every), s.steps))
}

// DueBefore returns how many messages or turns are due before the given time.
func (s *Schedule) DueBefore(before time.Duration) uint64 {
	if s.steps == 0 || before <= s.ramp {
		return 0
	}
	// Due rounds down, so the first number that is not due before may be one off.
	turns := scaled(uint64(before-s.ramp), s.steps, uint64(s.every))
	for s.Due(turns*s.burst) < before {
		turns++
	}
	return turns * s.burst
}

// SentBefore returns how many of them are messages that clients send.
func (s *Schedule) SentBefore(before time.Duration) uint64 {
	if s.pattern.kind == alternating || s.pattern.kind == conversations {
		return s.DueBefore(before)
	}
	return 0
}

// scaled returns n*by/per, rounded down, with the product in 128 bits: a rate in
// nanoseconds over a day exceeds 64.
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
// each of the others; in one that is smaller than the largest some numbers stay empty.
func (s *Schedule) Message(n uint64) (client Client, f Flow, place Place, ok bool) {
	if s.pattern.kind == conversations {
		client = s.Turn(n / s.burst)
		place = 1 + Place(n%s.burst)
		_, size := s.group(client)
		return client, ToClient, place, int(place) < size
	}
	turn, f := n/sentFlows, Flow(n%sentFlows)
	if f == ToServer {
		return s.Turn(turn), f, ServerPlace, true
	}
	return s.Turn(turn + uint64(s.clients/2)), f, 1, true
}

// Turn returns the client whose turn the n-th is.
func (s *Schedule) Turn(n uint64) Client { return s.order[n%uint64(s.clients)] }

// Drawn returns so many percent of the clients, drawn by lot, and at least one.
func (s *Schedule) Drawn(percent float64) []Client {
	count := int(math.Ceil(float64(s.clients) * percent / 100))
	return s.order[:min(max(count, 1), s.clients)]
}
