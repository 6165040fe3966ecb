package loadgen

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"time"
)

// flow is where a message goes.
type flow uint8

// Flows.
const (
	toServer   flow = iota // C → S
	toClient               // C → C
	fromServer             // S → C
	echoed                 // C → S and back
	flows      = 4
)

var flowNames = [flows]string{"c2s", "c2c", "s2c", "echo"}

// sentFlows is how many flows the messages of the schedule alternate between.
const sentFlows = 2

// schedule is when what happens, since the start of the run. It is arithmetic:
// nothing in it depends on what has happened so far, so nothing drifts.
type schedule struct {
	clients                int
	ramp, warmup, duration time.Duration
	// steps turns are due in the time every, evenly spread; burst numbers are one
	// turn. steps is 0 when nothing is due.
	every  time.Duration
	steps  uint64
	burst  uint64
	groups []int   // sizes of conversations; nil without any
	order  []int32 // in which the clients have their turns
	kind   string  // scenario
}

// rateUnit is how much finer than messages a second the rate is kept.
const rateUnit = 1000

func newSchedule(c Config) schedule {
	s := schedule{clients: c.Clients, ramp: c.Ramp, warmup: c.Warmup, duration: c.Duration, kind: c.Scenario, burst: 1}
	switch {
	case usesRate(c.Scenario):
		s.every, s.steps = rateUnit*time.Second, uint64(math.Round(c.Rate*rateUnit))
	case c.Scenario == ScenarioChat:
		s.every, s.steps, s.groups = c.ThinkTime, uint64(c.Clients), c.Groups
		s.burst = uint64(s.largestGroup() - 1)
	case c.Scenario != ScenarioStorm:
		return s
	}
	s.order = make([]int32, c.Clients)
	for i := range s.order {
		s.order[i] = int32(i)
	}
	random := rand.New(rand.NewPCG(uint64(c.Seed), 0))
	random.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	return s
}

// start is when a client begins to log in.
func (s *schedule) start(client int) time.Duration {
	return time.Duration(scaled(uint64(client), uint64(s.ramp), uint64(s.clients)))
}

// due is when the n-th message is to be sent, or in a churn the n-th client to
// leave; the first is number 0.
func (s *schedule) due(n uint64) time.Duration {
	return s.ramp + time.Duration(scaled(n/s.burst, uint64(s.every), s.steps))
}

// messages is how many are due before the given time.
func (s *schedule) messages(before time.Duration) uint64 {
	if s.steps == 0 || before <= s.ramp {
		return 0
	}
	// due rounds down, so the first number that is not due before may be one off.
	turns := scaled(uint64(before-s.ramp), s.steps, uint64(s.every))
	for s.due(turns*s.burst) < before {
		turns++
	}
	return turns * s.burst
}

// sent is how many of them clients send.
func (s *schedule) sent(before time.Duration) uint64 {
	if s.kind == ScenarioSteady || s.kind == ScenarioChat {
		return s.messages(before)
	}
	return 0
}

// scaled is n*by/per, rounded down, with the product in 128 bits: a rate in
// nanoseconds over a day leaves 64 behind.
func scaled(n, by, per uint64) uint64 {
	high, low := bits.Mul64(n, by)
	quotient, _ := bits.Div64(high, low, per)
	return quotient
}

// steady is the part of the run that counts, from the first time up to but not
// including the second.
func (s *schedule) steady() (from, to time.Duration) {
	from = s.ramp + s.warmup
	return from, from + s.duration
}

// counts reports whether what was due at this time is a part of the result.
func (s *schedule) counts(due time.Duration) bool {
	from, to := s.steady()
	return due >= from && due < to
}

// message says who sends the n-th message, and to which of its peers; ok is
// false when that number has no message.
//
// In a steady load the flows alternate. Clients take turns in each, half a round
// apart, so that one client's messages do not come in pairs. In a chat a turn is
// one message to each of the others; in a conversation that is smaller than the
// largest one some numbers stay empty.
func (s *schedule) message(n uint64) (client int, f flow, place int, ok bool) {
	if s.kind == ScenarioChat {
		client = s.turn(n / s.burst)
		place = 1 + int(n%s.burst)
		_, size := s.group(client)
		return client, toClient, place, place < size
	}
	turn, f := n/sentFlows, flow(n%sentFlows)
	if f == toServer {
		return s.turn(turn), f, serverPlace, true
	}
	return s.turn(turn + uint64(s.clients/2)), f, 1, true
}

// turn is whose turn it is.
func (s *schedule) turn(n uint64) int { return int(s.order[n%uint64(s.clients)]) }

// partner is whom a client of a steady load writes to, always the same one: its neighbour. An
// odd one out writes to the first client.
func (s *schedule) partner(client int) int {
	if other := client ^ 1; other < s.clients {
		return other
	}
	return 0
}
