package plan

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// randomSpec draws a run with stages, of any rates and lengths that a load can have.
func randomSpec(random *rand.Rand) Spec {
	rate := func() float64 { return float64(1+random.Uint64N(1<<(1+random.IntN(29)))) / rateUnit }
	length := func() time.Duration {
		return time.Second + time.Duration(random.Int64N(int64(time.Second)<<random.IntN(14)))
	}
	spec := Spec{Clients: 20, Ramp: 7 * time.Second, Warmup: time.Duration(random.Int64N(int64(time.Minute))), Pattern: Pushes(rate()), Seed: 1}
	for range 1 + random.IntN(5) {
		stage := Stage{For: length(), Rate: rate(), Linear: random.IntN(2) == 0, Clients: 20}
		spec.Stages = append(spec.Stages, stage)
		spec.Duration += stage.For
	}
	return spec
}

// integral returns the exact number of turns of a run until a time after its ramp.
func integral(spec Spec, until time.Duration) *big.Rat {
	sum, before := new(big.Rat), turnsOf(spec.Pattern.rate)
	add := func(stage Stage) {
		length := min(max(until, 0), stage.For)
		until -= stage.For
		rate := turnsOf(stage.Rate)
		begin := before
		if !stage.Linear {
			begin = rate
		}
		before = rate
		// The mean rate of the part is that in its middle.
		slope := big.NewRat(int64(rate)-int64(begin), 2*int64(stage.For))
		mean := slope.Mul(slope, big.NewRat(int64(length), 1)).Add(slope, big.NewRat(int64(begin), 1))
		sum.Add(sum, mean.Mul(mean, big.NewRat(int64(length), int64(rateUnit*time.Second))))
	}
	if spec.Warmup > 0 {
		add(Stage{For: spec.Warmup, Rate: spec.Pattern.rate})
	}
	for _, stage := range spec.Stages {
		add(stage)
	}
	return sum
}

// ceiling rounds up: a turn is due before a time when the integral is above its number.
func ceiling(r *big.Rat) uint64 {
	quotient, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient.Uint64()
}

// As many turns are due before any time as the integral of the rate says, exactly, and so
// in each stage: nothing is left over at its ends.
func TestDueBeforeIsTheIntegral(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for range 300 {
		spec := randomSpec(random)
		s := NewSchedule(spec)
		end := spec.Warmup
		times := []time.Duration{0, end}
		for _, stage := range spec.Stages {
			end += stage.For
			times = append(times, end-time.Duration(random.Int64N(int64(stage.For))), end-1, end)
		}
		for _, at := range times {
			if got, want := s.DueBefore(spec.Ramp+at), ceiling(integral(spec, at)); got != want {
				t.Fatalf("%+v: %d turns are due before %v, want %d", spec, got, at, want)
			}
		}
	}
}

// DueBefore inverts Due: a turn is due before the nanosecond after its due time, and not
// before the due time itself; turns follow each other.
func TestDueAndDueBeforeInvertEachOther(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for range 300 {
		spec := randomSpec(random)
		s := NewSchedule(spec)
		_, end := s.Steady()
		total := s.DueBefore(end)
		for range 50 {
			n := random.Uint64N(total)
			due := s.Due(n)
			if before, until := s.DueBefore(due), s.DueBefore(due+1); before > n || until <= n {
				t.Fatalf("%+v: turn %d is due at %v, before which %d are, and %d until it", spec, n, due, before, until)
			}
			if next := s.Due(n + 1); next < due {
				t.Fatalf("%+v: turn %d is due at %v, and the next at %v", spec, n, due, next)
			}
			if due >= end || due < spec.Ramp {
				t.Fatalf("%+v: turn %d is due at %v, and the run ends at %v", spec, n, due, end)
			}
		}
	}
}

// One stage at the rate that there is anyway changes nothing.
func TestOneStageIsTheWholeRun(t *testing.T) {
	for _, rate := range []float64{0.001, 3, 7.5, 1000, fastest} {
		plain := Spec{Clients: 9, Ramp: time.Second, Warmup: time.Second, Duration: time.Hour, Pattern: Alternating(rate), Seed: 3}
		staged := plain
		staged.Stages = []Stage{{For: time.Hour, Rate: rate, Clients: 9, Linear: true}}
		a, b := NewSchedule(plain), NewSchedule(staged)
		for _, n := range []uint64{0, 1, 2, 1000, 12_345_678} {
			if a.Due(n) != b.Due(n) {
				t.Errorf("at %v/s message %d is due at %v, in a stage at %v", rate, n, a.Due(n), b.Due(n))
			}
			senderA, flowA, placeA, _ := a.Message(n)
			if senderB, flowB, placeB, _ := b.Message(n); senderA != senderB || flowA != flowB || placeA != placeB {
				t.Errorf("at %v/s message %d has another sender in a stage", rate, n)
			}
		}
	}
}

func BenchmarkDue(b *testing.B) {
	spec := Spec{Clients: 2, Duration: 11 * time.Minute, Pattern: Pushes(1000), Stages: []Stage{
		{For: time.Minute, Rate: 1000, Clients: 2}, {For: 10 * time.Minute, Rate: 20_000, Linear: true, Clients: 2},
	}}
	for name, at := range map[string]time.Duration{"constant": 30 * time.Second, "linear": 5 * time.Minute} {
		b.Run(name, func(b *testing.B) {
			s := NewSchedule(spec)
			n := s.DueBefore(at)
			for b.Loop() {
				s.Due(n)
			}
		})
	}
}
