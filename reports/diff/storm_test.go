package diff

import (
	"testing"

	"imcheck/reports"
)

func TestStormFigures(t *testing.T) {
	silent := func(n int64) *reports.Recovery {
		return &reports.Recovery{Silent: &reports.Silent{Zombies: n, SelfKicks: 2 * n}}
	}
	away := func(n int64) *reports.Recovery {
		return &reports.Recovery{Away: &reports.Away{Through: n, GaveUp: 2 * n}}
	}
	figures := map[string]Figure{}
	for _, f := range append(stormFigures(silent(1), silent(3)), stormFigures(away(4), away(5))...) {
		figures[f.Name] = f
	}
	for _, want := range []Figure{{"zombies", "", 1, 3}, {"self-kicks", "", 2, 6}, {"came through", "", 4, 5}, {"gave up", "", 8, 10}} {
		if got := figures[want.Name]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if got := stormFigures(nil, silent(1)); got != nil {
		t.Errorf("of one storm: %+v", got)
	}
}
