package suite

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/reports"
)

// lendingWorld is a testWorld whose target knows its users, of whom it has so many.
type lendingWorld struct {
	testWorld
	free chan struct{}
	turn chan struct{} // one at a time collects users
}

type testLoan struct {
	free     chan struct{}
	users    int
	returned bool
}

func newLendingWorld(users int) lendingWorld {
	w := lendingWorld{free: make(chan struct{}, users), turn: make(chan struct{}, 1)}
	for range users {
		w.free <- struct{}{}
	}
	return w
}

func (lendingWorld) Lends() bool { return true }

func (w lendingWorld) Lend(ctx context.Context, users int) (Loan, error) {
	if users > cap(w.free) {
		return nil, errors.New("there are too few")
	}
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	for range users {
		select {
		case <-w.free:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &testLoan{free: w.free, users: users}, nil
}

func (l *testLoan) Return() {
	if l.returned {
		return
	}
	l.returned = true
	for range l.users {
		l.free <- struct{}{}
	}
}

// TestBorrowedUsers runs cases that each need all users: one at a time has them, and gives
// them back however it ends.
func TestBorrowedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, running := newLendingWorld(2), 0
		with := func(name string, end func()) Item {
			i := itemOf(name, func(s *testScene) {
				if running++; running > 1 || s.Loan == nil {
					t.Errorf("%s: %d at once, with the loan %v", name, running, s.Loan)
				}
				s.Wait(time.Second)
				running--
				end()
			})
			i.Users = 2
			return i
		}
		items := []Item{
			with("good", func() {}), with("failed", func() { Fail("a", "b") }),
			with("faulty", func() { panic("oops") }), with("missed", func() { FailOn(true, "a", "b") }),
			with("many", func() {}), with("own", func() {}),
		}
		items[4].Users, items[5].OwnIDs = 3, true
		finished, err := Run(t.Context(), w, items, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []reports.Verdict{reports.Pass, reports.Fail, reports.Error, reports.Fail, reports.Error, reports.NotSupported} {
			if got := finished[i].Result; got.Verdict != want {
				t.Errorf("%s: %s", items[i].ID, Explain(got))
			}
		}
		if !strings.Contains(finished[4].Result.Reason, "too few") || len(w.free) != 2 {
			t.Errorf("reason %q, %d users are back", finished[4].Result.Reason, len(w.free))
		}
	})
}

func TestUsersNeeded(t *testing.T) {
	var items []Item
	for _, users := range []int{0, 3, 2, 0, 4} {
		items = append(items, Item{Case: Case{Users: users}})
	}
	items = append(items, Item{Case: Case{Users: 50, OwnIDs: true}})
	for parallel, want := range map[int][2]int{0: {11, 4}, 1: {4, 4}, 2: {7, 4}, 99: {11, 4}} {
		if together, largest := UsersNeeded(items, parallel); together != want[0] || largest != want[1] {
			t.Errorf("%d at once: %d together, %d for the largest; want %v", parallel, together, largest, want)
		}
	}
}
