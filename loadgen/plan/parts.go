package plan

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Part is a part of the clients of a run, which has a pattern of its own.
type Part struct {
	Weight  float64 // share of the clients, in proportion to the other parts
	Pattern Pattern
}

// Apportioned returns how many of so many clients each part has. Clients are dealt out
// two at a time, as partners stay together; an odd one out joins the largest part.
func Apportioned(clients int, weights []float64) []int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	pairs := clients / 2
	counts, order := make([]int, len(weights)), make([]int, len(weights))
	rest := make([]float64, len(weights))
	left := pairs
	for i, w := range weights {
		exact := float64(pairs) * w / total
		counts[i] = int(exact)
		rest[i], order[i] = exact-math.Floor(exact), i
		left -= counts[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rest[a] > rest[b]:
			return -1
		case rest[a] < rest[b]:
			return 1
		}
		return 0
	})
	for i := range max(left, 0) {
		counts[order[i%len(order)]]++
	}
	largest := 0
	for i := range counts {
		counts[i] *= 2
		if weights[i] > weights[largest] {
			largest = i
		}
	}
	counts[largest] += clients % 2
	return counts
}

// addParts draws the parts by lot, and makes a schedule of each.
func (s *Schedule) addParts(spec Spec) {
	weights := make([]float64, len(spec.Pattern.parts))
	for i, p := range spec.Pattern.parts {
		weights[i] = p.Weight
	}
	counts := Apportioned(spec.Clients, weights)
	s.partOf = drawnParts(spec, counts)
	locals := make([]Client, spec.Clients)
	members := make([][]Client, len(counts))
	for client, part := range s.partOf {
		locals[client] = Client(len(members[part]))
		members[part] = append(members[part], Client(client))
	}
	for i, p := range spec.Pattern.parts {
		part := Spec{Clients: counts[i], Ramp: spec.Ramp, Warmup: spec.Warmup, Duration: spec.Duration, Seed: spec.Seed, Pattern: p.Pattern}
		schedule := newSchedule(part, members[i], locals)
		s.parts = append(s.parts, schedule)
	}
}

// drawnParts returns the part of each client.
func drawnParts(spec Spec, counts []int) []uint8 {
	// A stream of its own: with one seed, the order of turns is another draw.
	random := rand.New(rand.NewPCG(uint64(spec.Seed), 1))
	var pairs []uint8
	odd := uint8(0)
	for i, count := range counts {
		for range count / 2 {
			pairs = append(pairs, uint8(i))
		}
		if count%2 != 0 {
			odd = uint8(i)
		}
	}
	random.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	parts := make([]uint8, spec.Clients)
	for client := range parts {
		if pair := client / 2; pair < len(pairs) {
			parts[client] = pairs[pair]
		} else {
			parts[client] = odd
		}
	}
	return parts
}

// Parts returns the schedules of the parts of a run; of one without parts its own.
func (s *Schedule) Parts() []Schedule {
	if len(s.parts) == 0 {
		return []Schedule{*s}
	}
	return s.parts
}

// PartOf returns the index of the part that a client belongs to.
func (s *Schedule) PartOf(client Client) int {
	if len(s.parts) == 0 {
		return 0
	}
	return int(s.partOf[client])
}

// part returns the schedule of the part that a client belongs to.
func (s *Schedule) part(client Client) *Schedule {
	if len(s.parts) == 0 {
		return s
	}
	return &s.parts[s.partOf[client]]
}

// local returns the number of a client within its part, in which the schedule counts.
func (s *Schedule) local(client Client) Client {
	if s.members == nil {
		return client
	}
	return s.locals[client]
}

// global returns the number in the run of a client that has a number within the part.
func (s *Schedule) global(local Client) Client {
	if s.members == nil || local < 0 {
		return local
	}
	return s.members[local]
}

// whole returns how many clients the run has, of which this may be the schedule of a part.
func (s *Schedule) whole() int {
	if s.members != nil {
		return len(s.locals)
	}
	return s.clients
}
