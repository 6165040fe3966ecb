package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"

	"imcheck/reports"
)

func TestVerdicts(t *testing.T) {
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	tests := []struct {
		name       string
		change     func(*Item)
		run        func(*testScene)
		strict     bool
		want       reports.Verdict
		wantReason string
	}{
		{name: "nothing is wrong", run: func(*testScene) {}, want: reports.Pass},
		{name: "a matcher fails", run: func(s *testScene) { s.Expect(1).To(gomega.Equal(2)) }, want: reports.Fail, wantReason: "to equal"},
		{name: "an expectation fails", run: func(*testScene) { Fail("this", "that") }, want: reports.Fail, wantReason: "that"},
		{name: "a SHOULD fails when strict", change: func(i *Item) { i.Level = reports.Should }, strict: true,
			run: func(*testScene) { Fail("this", "that") }, want: reports.Fail, wantReason: "that"},
		{name: "a SHOULD fails", change: func(i *Item) { i.Level = reports.Should },
			run: func(*testScene) { Fail("this", "that") }, want: reports.Warn, wantReason: "that"},
		{name: "an INFO finds something else", change: func(i *Item) { i.Level = reports.Info },
			run: func(*testScene) { Fail("this", "that") }, want: reports.Pass, wantReason: "looked for this; found that"},
		{name: "an INFO finds what it looked for", change: func(i *Item) { i.Level = reports.Info },
			run: func(*testScene) {}, want: reports.Pass},
		{name: "an INFO has found something", change: func(i *Item) { i.Level = reports.Info },
			run: func(s *testScene) { s.Found("%d of %d", 1, 2) }, want: reports.Pass, wantReason: "1 of 2"},
		{name: "an INFO cannot tell", change: func(i *Item) { i.Level = reports.Info },
			run: func(*testScene) { Inconclusive("too busy") }, want: reports.Pass, wantReason: "too busy"},
		{name: "an INFO is at fault", change: func(i *Item) { i.Level = reports.Info },
			run: func(*testScene) { panic("oops") }, want: reports.Error, wantReason: "oops"},
		{name: "the case is at fault", run: func(*testScene) { panic("oops") }, want: reports.Error, wantReason: "oops"},
		{name: "it cannot be run", run: func(*testScene) { Broken(errors.New("no luck")) }, want: reports.Error, wantReason: "no luck"},
		{name: "a capability is missing", change: func(i *Item) { i.Needs = []string{"kick"} },
			run: func(*testScene) { Fail("not to", "be run") }, want: reports.NotSupported, wantReason: "kick"},
		{name: "it takes too long", run: func(s *testScene) { s.Wait(time.Hour) }, want: reports.Error, wantReason: "longer than"},
		{name: "a time within its bounds", run: func(s *testScene) {
			s.Measure("pause", ago(3*time.Second), time.Now(), 2*time.Second, 7*time.Second)
		}, want: reports.Pass},
		{name: "a time within the tolerance", run: func(s *testScene) {
			s.Measure("pause", ago(7100*time.Millisecond), time.Now(), 7*time.Second, 7*time.Second)
		}, want: reports.Pass},
		{name: "a time that is late", run: func(s *testScene) {
			s.Measure("pause", ago(7101*time.Millisecond), time.Now(), 7*time.Second, 7*time.Second)
		}, want: reports.Fail, wantReason: "7.101s"},
		{name: "a time that is early", run: func(s *testScene) {
			s.Measure("pause", ago(1899*time.Millisecond), time.Now(), 2*time.Second, 7*time.Second)
		}, want: reports.Fail, wantReason: "1.899s"},
		{name: "late, but so was the harness", run: func(s *testScene) {
			s.Lag().Note(time.Now(), 50*time.Millisecond)
			s.Measure("pause", ago(7150*time.Millisecond), time.Now(), 7*time.Second, 7*time.Second)
		}, want: reports.Inconclusive, wantReason: "50ms late"},
		{name: "early, and the harness was late just before", run: func(s *testScene) {
			s.Lag().Note(ago(3930*time.Millisecond), 1600*time.Millisecond)
			s.Lag().Note(time.Now(), 0)
			s.Measure("pause", ago(3928*time.Millisecond), time.Now(), 5*time.Second, 5*time.Second)
		}, want: reports.Inconclusive, wantReason: "1.6s late"},
		{name: "early, and the harness was late long before", run: func(s *testScene) {
			s.Lag().Note(ago(4500*time.Millisecond), 1600*time.Millisecond)
			s.Lag().Note(time.Now(), 0)
			s.Measure("pause", ago(3928*time.Millisecond), time.Now(), 5*time.Second, 5*time.Second)
		}, want: reports.Fail, wantReason: "3.928s"},
		{name: "later than the harness", run: func(s *testScene) {
			s.Lag().Note(time.Now(), 49*time.Millisecond)
			s.Measure("pause", ago(7150*time.Millisecond), time.Now(), 7*time.Second, 7*time.Second)
		}, want: reports.Fail, wantReason: "7.15s"},
		{name: "a question at the right time", run: func(s *testScene) {
			s.Ask(Question{"expiry", reports.SideAfter, 7 * time.Second, ago(7100 * time.Millisecond), false}, func() {})
		}, want: reports.Pass},
		{name: "a question with the wrong answer", run: func(s *testScene) {
			s.Ask(Question{"expiry", reports.SideAfter, 7 * time.Second, ago(7100 * time.Millisecond), false}, func() { Fail("301", "51") })
		}, want: reports.Fail, wantReason: "51"},
		{name: "a wrong answer while the harness was late", run: func(s *testScene) {
			s.Lag().Note(time.Now(), 101*time.Millisecond)
			s.Ask(Question{"expiry", reports.SideAfter, 7 * time.Second, ago(7100 * time.Millisecond), false}, func() { Fail("301", "51") })
		}, want: reports.Inconclusive, wantReason: "101ms late"},
		{name: "a question that came too late", run: func(s *testScene) {
			s.Ask(Question{"expiry", reports.SideBefore, 7 * time.Second, ago(7 * time.Second), false}, func() {})
		}, want: reports.Inconclusive, wantReason: "too late"},
		{name: "a fault of the case in a question", run: func(s *testScene) {
			s.Ask(Question{"expiry", reports.SideAfter, 7 * time.Second, ago(7100 * time.Millisecond), false}, func() { panic("oops") })
		}, want: reports.Error, wantReason: "oops"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				item := itemOf("case", test.run)
				if test.change != nil {
					test.change(&item)
				}
				finished, err := Run(t.Context(), testWorld{100 * time.Millisecond}, []Item{item}, Options{Strict: test.strict})
				if err != nil {
					t.Fatal(err)
				}
				result := finished[0].Result
				if result.Verdict != test.want || !strings.Contains(result.Reason, test.wantReason) {
					t.Errorf("got %s, %q; want %s, %q", result.Verdict, result.Reason, test.want, test.wantReason)
				}
				if result.Verdict == reports.Fail && (result.Expected == "" || result.Actual == "") {
					t.Errorf("a failure without expected or actual: %+v", result)
				}
			})
		})
	}
}

// TestOrder checks that the order of starting comes from the seed, and that no
// more than asked for run at once.
func TestOrder(t *testing.T) {
	orders := map[int64][]string{}
	for _, seed := range []int64{1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			var order, begun []string
			items := make([]Item, 20)
			for i := range items {
				name := fmt.Sprint("case-", i)
				items[i] = itemOf(name, func(s *testScene) {
					order = append(order, name) // the race detector sees it when two run at once
					s.Wait(time.Second)
				})
			}
			started := time.Now()
			finished, err := Run(t.Context(), testWorld{}, items, Options{Seed: seed, Parallel: 1, Started: func(item Item) { begun = append(begun, strings.TrimPrefix(item.ID, "area/")) }})
			if err != nil || len(finished) != len(items) {
				t.Fatal(len(finished), err)
			}
			if !slices.Equal(begun, order) {
				t.Errorf("%q was told of, and %q began", begun, order)
			}
			if took := time.Since(started); took != 20*time.Second {
				t.Errorf("20 cases of a second each, one after the other, took %v", took)
			}
			for i, f := range finished {
				if f.Item.ID != items[i].ID {
					t.Errorf("result %d is that of %s", i, f.Item.ID)
				}
			}
			if before, known := orders[seed]; known && !slices.Equal(before, order) {
				t.Errorf("seed %d gave two orders", seed)
			}
			orders[seed] = order
		})
	}
	if slices.Equal(orders[1], orders[2]) {
		t.Error("two seeds gave the same order")
	}
}

// TestTogether checks that cases wait at the same time.
func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var items []Item
		for i := range 50 {
			items = append(items, itemOf(fmt.Sprint("case-", i), func(s *testScene) { s.Wait(time.Minute) }))
		}
		started := time.Now()
		if _, err := Run(t.Context(), testWorld{}, items, Options{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took != time.Minute {
			t.Errorf("50 cases of a minute each took %v together", took)
		}
	})
}

// TestInterrupted checks that every item has a result however a run ends: what
// had its verdict keeps it, what was running says why it ended, and what had
// not begun is left out.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		signalled := errors.New("a signal")
		waiting := func(s *testScene) { s.Wait(time.Minute) }
		var items []Item
		for i := range 3 {
			items = append(items, itemOf(fmt.Sprint("waiting-", i), waiting))
		}
		var first string
		finished, err := Run(ctx, testWorld{}, items, Options{Parallel: 1, Finished: func(f Finished) {
			if first == "" {
				first = f.Item.ID
				time.AfterFunc(time.Second, func() { cancel(signalled) })
			}
		}})
		var interrupted *InterruptedError
		if !errors.As(err, &interrupted) || !errors.Is(err, signalled) || err.Error() != "interrupted" {
			t.Errorf("got %v", err)
		}
		verdicts := map[reports.Verdict]int{}
		for _, f := range finished {
			verdicts[f.Result.Verdict]++
			if passed := f.Result.Verdict == reports.Pass; passed != (f.Item.ID == first) || !passed && f.Result.Reason != "interrupted" {
				t.Errorf("%s: %s, %q", f.Item.ID, f.Result.Verdict, f.Result.Reason)
			}
		}
		if verdicts[reports.Error] != 1 || verdicts[reports.Skipped] != 1 {
			t.Errorf("got %v: one was running, one had not begun", verdicts)
		}
	})
}

// TestInterruptedBeforeTheFirst checks that a run which is not wanted any more
// starts nothing.
func TestInterruptedBeforeTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		finished, err := Run(ctx, testWorld{}, []Item{
			itemOf("waiting", func(s *testScene) { s.Wait(time.Minute) }),
		}, Options{})
		if !errors.Is(err, context.Canceled) || len(finished) != 1 || finished[0].Result.Reason != "interrupted" {
			t.Errorf("got %v and %+v", err, finished)
		}
	})
}

func TestLagBetween(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(d time.Duration) time.Time { return start.Add(d) }
	l := LagMonitor{period: lagPeriod}
	l.Note(at(1*time.Second), 30*time.Millisecond)
	l.Note(at(2*time.Second), 500*time.Microsecond) // not worth keeping
	l.Note(at(3*time.Second), 200*time.Millisecond)
	l.Note(at(4*time.Second), 0)
	for _, test := range []struct {
		from, to, want time.Duration
	}{
		{0, 2 * time.Second, 30 * time.Millisecond},
		{0, 4 * time.Second, 200 * time.Millisecond},
		{1501 * time.Millisecond, 2500 * time.Millisecond, 0},
		{1500 * time.Millisecond, 2500 * time.Millisecond, 30 * time.Millisecond}, // it ended shortly before
		{2 * time.Second, 2900 * time.Millisecond, 200 * time.Millisecond},        // it began within the span
		{3501 * time.Millisecond, 4 * time.Second, 0},
		{3501 * time.Millisecond, 4500 * time.Millisecond, 490 * time.Millisecond}, // the next wake-up is overdue
	} {
		if got := l.Between(at(test.from), at(test.to)); got != test.want {
			t.Errorf("from %v to %v: %v instead of %v", test.from, test.to, got, test.want)
		}
	}
}
