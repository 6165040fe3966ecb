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
	toServer flow = iota // C → S
	toClient             // C → C
	flows    = 2
)

var flowNames = [flows]string{"c2s", "c2c"}

// sentFlows is how many flows the messages of the schedule alternate between.
const sentFlows = 2

// schedule is when what happens, since the start of the run. It is arithmetic:
// nothing in it depends on what has happened so far, so nothing drifts.
type schedule struct {
	clients                int
	ramp, warmup, duration time.Duration
	rate                   uint64  // messages in 1000 s; 0 for none
	order                  []int32 // in which the clients send
}

// rateUnit is how much finer than messages a second the rate is kept.
const rateUnit = 1000

func newSchedule(c Config) schedule {
	s := schedule{clients: c.Clients, ramp: c.Ramp, warmup: c.Warmup, duration: c.Duration}
	if c.Scenario == ScenarioIdle {
		return s
	}
	s.rate = uint64(math.Round(c.Rate * rateUnit))
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

// due is when the n-th message is to be sent; the first is number 0.
func (s *schedule) due(n uint64) time.Duration {
	return s.ramp + time.Duration(scaled(n, uint64(rateUnit*time.Second), s.rate))
}

// messages is how many are due before the given time.
func (s *schedule) messages(before time.Duration) uint64 {
	if s.rate == 0 || before <= s.ramp {
		return 0
	}
	// due rounds down, so the first number that is not due before may be one off.
	n := scaled(uint64(before-s.ramp), s.rate, uint64(rateUnit*time.Second))
	for s.due(n) < before {
		n++
	}
	return n
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

// message says who sends the n-th message, and where to. The flows alternate.
// Clients take turns in each, half a round apart, so that one client's messages
// do not come in pairs.
func (s *schedule) message(n uint64) (client int, f flow) {
	turn, f := n/sentFlows, flow(n%sentFlows)
	if f == toClient {
		turn += uint64(s.clients / 2)
	}
	return int(s.order[turn%uint64(s.clients)]), f
}

// partner is whom a client writes to, always the same one: its neighbour. An
// odd one out writes to the first client.
func (s *schedule) partner(client int) int {
	if other := client ^ 1; other < s.clients {
		return other
	}
	return 0
}
