package capacity

import (
	"math"

	"imcheck/reports"
)

// Step is one run at one load.
type Step struct {
	Load float64
	Why  reports.Why
}

// Bounds are the limits of a search.
type Bounds struct {
	From, To float64 // lowest and highest load; over 0
	// Within is the largest distance between the load that holds and the one that does
	// not, as a share of the first; over 0.
	Within float64
	Whole  bool // a load is a whole number
}

// agreement is how many steps at a load have to agree before it counts as one that gives
// way, or as a result: one hiccup must not decide. Of three steps two agree.
const agreement = 2

// patience is how many steps at a load may say nothing about the target before the load
// generator counts as what limits it.
const patience = 3

// Search looks for the highest load that holds. It doubles the load until one does not
// hold, and then halves the distance between the two, by ratio. A load gives way when two
// of at most three steps say so, and the load that holds in the end has to do so twice;
// when it does not, it gives way as well, and the search goes on below it.
type Search struct {
	bounds  Bounds
	tallies map[float64]*tally
	steps   int
	reached bool           // a client has logged in
	now     float64        // load of the step in progress
	ending  reports.Ending // "" while it goes on
}

// tally counts what the steps at one load came to.
type tally struct{ held, gaveWay, unusable, unreachable int }

// holds reports whether the load holds, as far as is known.
func (t tally) holds() bool { return t.held > 0 && t.gaveWay == 0 || t.held >= agreement }

// fails reports whether the load does not hold.
func (t tally) fails() bool { return t.gaveWay >= agreement }

// NewSearch begins a search.
func NewSearch(b Bounds) *Search { return &Search{bounds: b, tallies: map[float64]*tally{}} }

// Next returns the step that comes next; false ends the search. The steps have to be told
// one by one.
func (s *Search) Next() (Step, bool) {
	if s.ending != "" {
		return Step{}, false
	}
	step := s.next()
	if s.ending == "" && s.steps >= s.bounds.MaxSteps() {
		s.ending = reports.EndingExhausted
	}
	if s.ending != "" {
		return Step{}, false
	}
	s.now = step.Load
	return step, true
}

func (s *Search) next() Step {
	lower, upper := s.known()
	current := s.tallies[s.now]
	switch {
	case current == nil:
		return Step{s.bounds.From, reports.WhyDoubling}
	case !current.holds() && !current.fails():
		return Step{s.now, reports.WhyAgain}
	case lower == 0:
		s.ending = reports.EndingBelow
	case upper == 0 && lower < s.bounds.To:
		return Step{min(2*lower, s.bounds.To), reports.WhyDoubling}
	case upper > 0 && !s.bounds.close(lower, upper):
		return Step{s.bounds.between(lower, upper), reports.WhyNarrowing}
	case s.tallies[lower].held < agreement:
		return Step{lower, reports.WhyConfirming}
	case upper == 0:
		s.ending = reports.EndingReached
	default:
		s.ending = reports.EndingFound
	}
	return Step{}
}

// known returns the lowest load that does not hold, and the highest one below it that
// does; 0 for none.
func (s *Search) known() (lower, upper float64) {
	for load, t := range s.tallies {
		if t.fails() && (upper == 0 || load < upper) {
			upper = load
		}
	}
	for load, t := range s.tallies {
		if t.holds() && load > lower && (upper == 0 || load < upper) {
			lower = load
		}
	}
	return lower, upper
}

// Tell enters what the step that Next has returned came to.
func (s *Search) Tell(came reports.Came) {
	t := s.tallies[s.now]
	if t == nil {
		t = &tally{}
		s.tallies[s.now] = t
	}
	s.steps++
	switch came {
	case reports.CameHeld:
		t.held++
	case reports.CameGaveWay:
		t.gaveWay++
	case reports.CameUnusable:
		if t.unusable++; t.unusable >= patience {
			s.ending = reports.EndingLimited
		}
	case reports.CameUnreachable:
		t.gaveWay++
		if t.unreachable++; t.unreachable >= agreement || !s.reached {
			s.ending = reports.EndingGone
		}
	case reports.CameInterrupted:
		s.ending = reports.EndingInterrupted
	}
	s.reached = s.reached || came == reports.CameHeld || came == reports.CameGaveWay || came == reports.CameUnusable
}

// Interrupt ends the search between two steps.
func (s *Search) Interrupt() { s.ending = reports.EndingInterrupted }

// Result is what a search has found so far.
type Result struct {
	Ending    reports.Ending // "" while it goes on
	Lower     float64        // highest load that holds below Upper; 0 for none
	Upper     float64        // lowest load that does not hold; 0 for none
	Confirmed bool           // two steps have held at Lower
}

// Result returns what is known.
func (s *Search) Result() Result {
	lower, upper := s.known()
	r := Result{Ending: s.ending, Lower: lower, Upper: upper}
	if lower > 0 {
		r.Confirmed = s.tallies[lower].held >= agreement
	}
	return r
}

// MaxSteps bounds the steps of a search: one for each doubling, three for each load after
// the first that does not hold, and as many as one halving more takes when the load that
// holds in the end does not do so again.
func (b Bounds) MaxSteps() int {
	halvings := int(math.Ceil(math.Log2(math.Ln2 / math.Log1p(b.Within))))
	const each, spare = 3, 4
	return b.doublings() + each*(max(halvings, 0)+2) + spare
}

// doublings counts the loads that are tried until one does not hold.
func (b Bounds) doublings() int { return int(math.Ceil(math.Log2(b.To/b.From))) + 1 }

// close reports whether two loads are as close as asked for, or whole numbers with none
// between them.
func (b Bounds) close(lower, upper float64) bool {
	middle := b.between(lower, upper)
	return upper <= lower*(1+b.Within) || middle <= lower || middle >= upper
}

// between returns a load in the middle of two, by ratio: a round one, as people read it.
func (b Bounds) between(lower, upper float64) float64 {
	middle := math.Sqrt(lower * upper)
	unit := math.Pow(10, math.Floor(math.Log10(middle*b.Within/5)))
	if b.Whole {
		unit = max(unit, 1)
	}
	if rounded := math.Round(middle/unit) * unit; rounded > lower && rounded < upper {
		return clean(rounded)
	}
	if b.Whole {
		return math.Floor(middle)
	}
	return middle
}

// clean removes what the arithmetic has left behind the digits of a round number.
func clean(v float64) float64 { return math.Round(v*1e6) / 1e6 }
