package suite

import (
	"context"
	"fmt"
	"time"

	"imcheck/harness/transport/impair"
)

// Repeat runs the items several times, one round after the other, to show which cases
// do not always get the same verdict. Round n starts its items in the order of
// SeedOf(o.Seed, n), and has its own users; an impaired path loses other datagrams in
// each round. Results have the number of their round, unless there is a single one,
// which is just a run.
//
// The errors are those of Run, with the round that they ended; rounds after
// that one are not begun and have no results.
func Repeat(ctx context.Context, world World, items []Item, rounds int, o Options) ([]Finished, error) {
	if rounds <= 1 {
		return Run(ctx, world, items, o)
	}
	var all []Finished
	started, seed, report := time.Now(), o.Seed, o.Finished
	for round := 1; round <= rounds; round++ {
		o.Seed = SeedOf(seed, round)
		offset := milliseconds(time.Since(started))
		place := func(f *Finished) {
			f.Result.Round = round
			f.Result.StartedMs += offset
			f.Done += (round - 1) * len(items)
		}
		if report != nil {
			o.Finished = func(f Finished) { place(&f); report(f) }
		}
		finished, err := Run(impair.WithRound(ctx, round), world, items, o)
		for i := range finished {
			place(&finished[i])
		}
		all = append(all, finished...)
		if err != nil {
			return all, fmt.Errorf("round %d of %d: %w", round, rounds, err)
		}
	}
	return all, nil
}

// SeedOf returns the seed for the order of one round of a repeated run. Round 0 is that
// of a run that was not repeated.
func SeedOf(seed int64, round int) int64 { return seed + int64(max(round, 1)) - 1 }
