package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/reports"
)

// TestRepeat checks that rounds come one after the other, each with an order
// and users of its own, and that each result has its round.
func TestRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rounds = 3
		users := map[string]bool{}
		orders := make([][]string, rounds+1)
		runs := 0
		var items []Item
		for i := range 10 {
			name := fmt.Sprint("case-", i)
			items = append(items, itemOf(name, func(s *testScene) {
				users[s.Unique("u")] = true
				round := runs/10 + 1
				orders[round] = append(orders[round], name)
				runs++
				s.Wait(time.Second)
				if name == "case-4" && round == 2 {
					Fail("this", "that")
				}
			}))
		}
		var done []int
		finished, err := Repeat(t.Context(), testWorld{}, items, rounds, Options{Seed: 7, Parallel: 1, Finished: func(f Finished) {
			done = append(done, f.Done)
			if f.Result.Round != (len(done)-1)/10+1 {
				t.Errorf("item %d is reported in round %d", len(done), f.Result.Round)
			}
		}})
		if err != nil || len(finished) != 30 || len(users) != 30 || len(done) != 30 || done[29] != 30 {
			t.Fatalf("%v, %d results, %d users, done %v", err, len(finished), len(users), done)
		}
		for i, f := range finished {
			r := f.Result
			if r.Round != i/10+1 || f.Item.ID != items[i%10].ID || r.StartedMs < float64(i/10)*10_000 {
				t.Errorf("result %d: %s in round %d at %v ms", i, r.Case, r.Round, r.StartedMs)
			}
			if failed := r.Case == "area/case-4" && r.Round == 2; failed != (r.Verdict == reports.Fail) {
				t.Errorf("%s in round %d: %s", r.Case, r.Round, r.Verdict)
			}
		}
		if slices.Equal(orders[1], orders[2]) {
			t.Error("two rounds had the same order")
		}
		var second []string
		again := slices.Clone(items)
		for i := range again {
			again[i].Run = func(Scene) { second = append(second, fmt.Sprint("case-", i)) }
		}
		if _, err := Run(t.Context(), testWorld{}, again, Options{Seed: SeedOf(7, 2), Parallel: 1}); err != nil || !slices.Equal(second, orders[2]) {
			t.Errorf("the seed of round 2 gives %v, not %v", second, orders[2])
		}
	})
}

// TestRepeatOnce checks that a single round is a plain run.
func TestRepeatOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished, err := Repeat(t.Context(), testWorld{}, []Item{itemOf("case", func(*testScene) {})}, 1, Options{})
		if err != nil || len(finished) != 1 || finished[0].Result.Round != 0 {
			t.Errorf("got %+v, %v", finished, err)
		}
	})
	if SeedOf(7, 0) != 7 || SeedOf(7, 1) != 7 || SeedOf(7, 3) != 9 {
		t.Error("the first round has the seed of the run, each further one the next")
	}
}

// TestRepeatInterrupted checks that an interrupted round is the last, and that
// those before it are kept.
func TestRepeatInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		item := itemOf("waiting", func(s *testScene) { s.Wait(time.Second) })
		finished, err := Repeat(ctx, testWorld{}, []Item{item}, 5, Options{})
		var interrupted *InterruptedError
		if !errors.As(err, &interrupted) || err.Error() != "round 2 of 5: interrupted" {
			t.Errorf("got %v", err)
		}
		if len(finished) != 2 || finished[0].Result.Verdict != reports.Pass || finished[1].Result.Verdict != reports.Error {
			t.Errorf("got %+v", finished)
		}
	})
}
