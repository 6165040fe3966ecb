package accounts

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func numbered(t *testing.T, count int) Source {
	made, err := NewTemplate("a template", "", Spec{ID: "u{n}", Token: "token-of-{n}", Count: count})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestPool lends accounts to many who want several each: nobody has one that another has,
// nor one that was returned a moment ago, and all get theirs.
func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const cooling = 5 * time.Second
		p := NewPool(numbered(t, 7), 100)
		if p.Size() != 7 {
			t.Fatalf("size %d", p.Size())
		}
		var mu sync.Mutex
		free := map[int]time.Time{} // from when on
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				loan, err := p.Lend(t.Context(), 1+i%7)
				if err != nil || loan.Len() != 1+i%7 {
					t.Errorf("%v", err)
					return
				}
				mu.Lock()
				for n := range loan.Len() {
					if at := free[loan.Number(n)]; time.Now().Before(at) {
						t.Errorf("account %d is lent %v early", loan.Number(n), time.Until(at))
					}
					free[loan.Number(n)] = time.Now().Add(time.Hour)
				}
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				for n := range loan.Len() {
					free[loan.Number(n)] = time.Now().Add(cooling)
				}
				mu.Unlock()
				loan.Return(cooling)
				loan.Return(0)
			})
		}
		all.Wait()
		time.Sleep(cooling)
		synctest.Wait()
		if len(p.free) != 7 {
			t.Errorf("%d accounts came back", len(p.free))
		}
	})
}

func TestPoolShortage(t *testing.T) {
	p := NewPool(numbered(t, 3), 100)
	_, err := p.Lend(t.Context(), 4)
	short, ok := errors.AsType[*ShortageError](err)
	if !ok || short.Has != 3 || short.Need != 4 || !strings.Contains(err.Error(), "a template has 3 accounts") {
		t.Errorf("%v", err)
	}
	loan, err := p.Lend(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	cancel(gone)
	if _, err := p.Lend(ctx, 2); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	loan.Return(0)
	if again, err := p.Lend(t.Context(), 3); err != nil || again.Len() != 3 {
		t.Errorf("what was collected did not come back: %v", err)
	}
}
