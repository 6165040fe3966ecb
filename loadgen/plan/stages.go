package plan

import (
	"math"
	"slices"
	"time"
)

// Stage is a part of the time that counts, in which the load is another one. It has what
// there is at its end.
type Stage struct {
	For     time.Duration
	Rate    float64 // messages or turns a second, for the patterns that go by a rate
	Linear  bool    // the rate goes there evenly from that of the stage before, or of the pattern; else at once
	Clients int     // clients that are logged in; evenly spread, others log in or out during the stage
}

// stage is a stage of a schedule, or what comes before the first one.
type stage struct {
	from, to      time.Duration // since the start
	before, after int           // clients that are logged in at its begin and at its end
	changes       int           // number of its first change, see Change
	number        uint64        // first message or turn that is due in it
	there         int           // clients that have their turns
	order         []Client      // in which they have them
}

// settling is the time from the begin of a stage until the first client logs out, and from
// the last login to its end, half the stage at most: what was sent to those who go has
// arrived by then, or has been sent anew (§4), and those who come are there.
const settling = 10 * time.Second

// turnsOf returns a rate a second in turns in rateUnit seconds.
func turnsOf(rate float64) uint64 { return uint64(math.Round(rate * rateUnit)) }

// stagedCurve returns when the turns of a pattern with a rate are due.
func stagedCurve(spec Spec) *curve {
	c := newCurve(rateUnit*time.Second, turnsOf(spec.Pattern.rate))
	length := spec.Warmup
	for _, stage := range spec.Stages {
		c.add(length, turnsOf(stage.Rate), stage.Linear)
		length = stage.For
	}
	if len(spec.Stages) > 0 {
		c.close(length)
	}
	return c
}

// addStages adds stages, and before them the warm-up, in which as many clients have their
// turns as log in during the ramp.
func (s *Schedule) addStages(stages []Stage) {
	if len(stages) == 0 {
		return
	}
	before := stage{to: s.ramp + s.warmup, before: s.first, after: s.first}
	s.stages = append(s.stages, before)
	changes := 0
	for _, given := range stages {
		next := stage{from: before.to, to: before.to + given.For, before: before.after, after: given.Clients, changes: changes}
		changes += max(next.after-next.before, next.before-next.after)
		s.stages = append(s.stages, next)
		before = next
	}
	for i := range s.stages {
		added := &s.stages[i]
		added.number = s.DueBefore(added.from)
		added.there = s.throughout(added)
		added.order = s.orderOf(added.there)
	}
}

// throughout returns how many clients are logged in for the whole of a stage. Without the
// last one of an odd number, whose partner is not.
func (s *Schedule) throughout(of *stage) int {
	there := min(of.before, of.after)
	if there < s.clients {
		there &^= 1
	}
	return there
}

// orderOf returns the order in which the first clients have their turns.
func (s *Schedule) orderOf(clients int) []Client {
	if clients == s.clients || s.order == nil {
		return s.order
	}
	if i := slices.IndexFunc(s.stages, func(known stage) bool { return known.there == clients && known.order != nil }); i >= 0 {
		return s.stages[i].order
	}
	order := make([]Client, 0, clients)
	for _, client := range s.order {
		if int(client) < clients {
			order = append(order, client)
		}
	}
	return order
}

// StageAt returns the index of the stage in which something was due; ok is false outside
// of all.
func (s *Schedule) StageAt(due time.Duration) (index int, ok bool) {
	for i := range s.stages[min(1, len(s.stages)):] {
		if in := &s.stages[i+1]; due >= in.from && due < in.to {
			return i, true
		}
	}
	return 0, false
}

// StageTimes returns the begin and the end of a stage, since the start.
func (s *Schedule) StageTimes(index int) (from, to time.Duration) {
	return s.stages[index+1].from, s.stages[index+1].to
}

// Start returns when a client begins to log in for the first time.
func (s *Schedule) Start(client Client) time.Duration {
	if int(client) < s.first {
		return time.Duration(scaled(uint64(client), uint64(s.ramp), uint64(s.first)))
	}
	for i := range s.stages {
		if in := &s.stages[i]; int(client) >= in.before && int(client) < in.after {
			return in.login(int(client) - in.before)
		}
	}
	return math.MaxInt64 // not a client of the run
}

// First returns how many clients log in during the ramp.
func (s *Schedule) First() int { return s.first }

// Change is a client that logs in or out because its stage has more clients than the one
// before, or fewer.
type Change struct {
	At     time.Duration
	Client Client
	In     bool
}

// Changes returns how many changes of clients the stages have.
func (s *Schedule) Changes() int {
	if len(s.stages) == 0 {
		return 0
	}
	last := &s.stages[len(s.stages)-1]
	return last.changes + max(last.after-last.before, last.before-last.after)
}

// Change returns a change, from number 0 on in the order of their times.
func (s *Schedule) Change(n int) Change {
	i := len(s.stages) - 1
	for s.stages[i].changes > n {
		i--
	}
	in := &s.stages[i]
	nth := n - in.changes
	if in.after > in.before {
		return Change{At: in.login(nth), Client: Client(in.before + nth), In: true}
	}
	return Change{At: in.logout(nth), Client: Client(in.before - 1 - nth)}
}

// settles returns the part of the stage in which nobody logs in or out.
func (s *stage) settles() time.Duration { return min((s.to-s.from)/2, settling) }

// login returns when the n-th of the clients that come in a stage logs in.
func (s *stage) login(n int) time.Duration {
	return s.from + time.Duration(scaled(uint64(n), uint64(s.to-s.from-s.settles()), uint64(s.after-s.before)))
}

// logout returns when the n-th of the clients that go in a stage logs out.
func (s *stage) logout(n int) time.Duration {
	return s.from + s.settles() + time.Duration(scaled(uint64(n), uint64(s.to-s.from-s.settles()), uint64(s.before-s.after)))
}
