package capacity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"imcheck/reports"
)

// ordinary are the bounds of most tests.
var ordinary = Bounds{From: 100, To: 1_000_000, Within: 0.05}

// play lets a search run against a target, and returns its steps with what came.
func play(t *testing.T, b Bounds, target func(Step) reports.Came) (r Result, steps []Step) {
	t.Helper()
	s := NewSearch(b)
	for {
		step, more := s.Next()
		if !more {
			break
		}
		if len(steps) == b.MaxSteps() {
			t.Fatalf("more than %d steps", len(steps))
		}
		if step.Load < b.From || step.Load > b.To {
			t.Fatalf("a step at %v is out of %v to %v", step.Load, b.From, b.To)
		}
		if b.Whole && step.Load != math.Trunc(step.Load) {
			t.Fatalf("a step at %v, which is not whole", step.Load)
		}
		steps = append(steps, step)
		s.Tell(target(step))
	}
	if _, more := s.Next(); more {
		t.Error("a search that has ended goes on")
	}
	return s.Result(), steps
}

// upTo is a target that holds up to a capacity.
func upTo(capacity float64) func(Step) reports.Came {
	return func(step Step) reports.Came {
		if step.Load <= capacity {
			return reports.CameHeld
		}
		return reports.CameGaveWay
	}
}

// A target of any capacity in range is found as exactly as asked for.
func TestFindsEveryCapacity(t *testing.T) {
	for _, within := range []float64{0.01, 0.05, 0.2} {
		for _, whole := range []bool{false, true} {
			b := ordinary
			b.Within, b.Whole = within, whole
			for capacity := b.From; capacity < b.To/2; capacity *= 1.037 {
				r, _ := play(t, b, upTo(capacity))
				exact := whole && r.Upper-r.Lower == 1
				if r.Ending != reports.EndingFound || !r.Confirmed || r.Lower > capacity || r.Upper <= capacity || r.Upper > r.Lower*(1+within) && !exact {
					t.Fatalf("within %v, whole %v, capacity %v: got %+v", within, whole, capacity, r)
				}
			}
		}
	}
}

// Few clients are counted one by one.
func TestFindsSmallWholeNumbers(t *testing.T) {
	for capacity := 1.0; capacity < 60; capacity++ {
		r, _ := play(t, Bounds{From: 1, To: 100, Within: 0.05, Whole: true}, upTo(capacity))
		if r.Ending != reports.EndingFound || r.Lower > capacity || r.Upper <= capacity || r.Upper-r.Lower > max(1, 0.05*r.Lower) {
			t.Errorf("capacity %v: got %+v", capacity, r)
		}
	}
}

// The steps of one search: doubled, asked again, narrowed, confirmed.
func TestSteps(t *testing.T) {
	_, steps := play(t, Bounds{From: 100, To: 10_000, Within: 0.05}, upTo(530))
	want := []Step{
		{100, reports.WhyDoubling}, {200, reports.WhyDoubling}, {400, reports.WhyDoubling}, {800, reports.WhyDoubling}, {800, reports.WhyAgain},
		{566, reports.WhyNarrowing}, {566, reports.WhyAgain}, {476, reports.WhyNarrowing}, {519, reports.WhyNarrowing}, {542, reports.WhyNarrowing}, {542, reports.WhyAgain}, {519, reports.WhyConfirming},
	}
	if fmt.Sprint(steps) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", steps, want)
	}
}

func TestEndings(t *testing.T) {
	small := Bounds{From: 100, To: 1000, Within: 0.05}
	for name, test := range map[string]struct {
		came  func(step int, s Step) reports.Came
		want  Result
		steps int
	}{
		"never holds":  {func(int, Step) reports.Came { return reports.CameGaveWay }, Result{Ending: reports.EndingBelow, Upper: 100}, 2},
		"always holds": {func(int, Step) reports.Came { return reports.CameHeld }, Result{Ending: reports.EndingReached, Lower: 1000, Confirmed: true}, 6},
		"the generator does not keep up": {
			func(_ int, s Step) reports.Came {
				return map[bool]reports.Came{true: reports.CameUnusable, false: reports.CameHeld}[s.Load > 300]
			},
			Result{Ending: reports.EndingLimited, Lower: 200}, 5},
		"the generator does not keep up at the first load": {func(int, Step) reports.Came { return reports.CameUnusable }, Result{Ending: reports.EndingLimited}, 3},
		"the generator was held up once": {
			func(step int, s Step) reports.Came {
				if step == 3 {
					return reports.CameUnusable
				}
				return upTo(1000)(s)
			}, Result{Ending: reports.EndingReached, Lower: 1000, Confirmed: true}, 7},
		"the generator does not keep up while it is narrowed": {
			func(_ int, s Step) reports.Came {
				switch {
				case s.Load > 700:
					return reports.CameGaveWay
				case s.Load > 500:
					return reports.CameUnusable
				}
				return reports.CameHeld
			}, Result{Ending: reports.EndingLimited, Lower: 400, Upper: 800}, 8},
		"nobody is there": {func(int, Step) reports.Came { return reports.CameUnreachable }, Result{Ending: reports.EndingGone}, 1},
		"the target dies": {
			func(_ int, s Step) reports.Came {
				return map[bool]reports.Came{true: reports.CameUnreachable, false: reports.CameHeld}[s.Load > 300]
			},
			Result{Ending: reports.EndingGone, Lower: 200, Upper: 400}, 4},
		"interrupted": {
			func(step int, _ Step) reports.Came {
				return map[bool]reports.Came{true: reports.CameInterrupted, false: reports.CameHeld}[step == 3]
			},
			Result{Ending: reports.EndingInterrupted, Lower: 200}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			r, steps := play(t, small, func(s Step) reports.Came { n++; return test.came(n, s) })
			if r != test.want || len(steps) != test.steps {
				t.Errorf("got %+v after %d steps, want %+v after %d: %v", r, len(steps), test.want, test.steps, steps)
			}
		})
	}
}

// One hiccup changes nothing, whenever it is.
func TestOneHiccup(t *testing.T) {
	undisturbed, all := play(t, ordinary, upTo(3210))
	for at := range all {
		n := -1
		r, _ := play(t, ordinary, func(s Step) reports.Came {
			if n++; n == at {
				return reports.CameGaveWay
			}
			return upTo(3210)(s)
		})
		if r != undisturbed {
			t.Errorf("with a hiccup in step %d: got %+v, want %+v", at+1, r, undisturbed)
		}
	}
}

// A load that held by chance does not hold again, and the search goes on below it.
func TestChanceIsNotConfirmed(t *testing.T) {
	lucky := true
	r, _ := play(t, ordinary, func(s Step) reports.Came {
		if s.Why == reports.WhyNarrowing && s.Load > 3210 && lucky {
			lucky = false
			return reports.CameHeld
		}
		return upTo(3210)(s)
	})
	if lucky || r.Ending != reports.EndingFound || !r.Confirmed || r.Lower > 3210 || r.Upper <= 3210 {
		t.Errorf("got %+v, want the bounds of 3210", r)
	}
}

// noisy is a target whose capacity differs by some percent from step to step, and that has a
// hiccup now and then.
func noisy(random *rand.Rand, capacity, deviation, hiccups float64) func(Step) reports.Came {
	return func(s Step) reports.Came {
		if random.Float64() < hiccups {
			return reports.CameGaveWay
		}
		return upTo(capacity * (1 + deviation*random.NormFloat64()))(s)
	}
}

// Searches on one noisy target agree within 10 % as good as always: its capacity differs
// by 2 %, and one step in twenty has a hiccup.
func TestNoisyTarget(t *testing.T) {
	const searches, capacity = 2000, 4321.0
	random := rand.New(rand.NewPCG(1, 2))
	unlike, unfound := 0, 0
	for range searches {
		r, _ := play(t, ordinary, noisy(random, capacity, 0.02, 0.05))
		if r.Ending != reports.EndingFound {
			unfound++
		}
		if r.Lower < 0.95*capacity || r.Lower > 1.05*capacity {
			unlike++
		}
	}
	if unlike > searches/20 || unfound > searches/50 {
		t.Errorf("of %d searches %d are more than 5 %% off, and %d found nothing", searches, unlike, unfound)
	}
}

// Whatever comes, a search ends within as many steps as were announced.
func TestEndsWhateverComes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		play(t, ordinary, func(Step) reports.Came { return reports.Cames[random.IntN(4)] })
	}
	for range 2000 {
		play(t, ordinary, func(Step) reports.Came { return reports.Cames[random.IntN(2)] })
	}
}
