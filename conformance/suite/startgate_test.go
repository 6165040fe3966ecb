package suite

import (
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/wire"
)

// entered returns when a further case enters.
func entered(g startGate, kind wire.Transport) <-chan time.Time {
	at := make(chan time.Time, 1)
	go func() {
		g.enter(kind)
		at <- time.Now()
	}()
	return at
}

// A few cases begin at once on each transport, and each further one when another
// has had its answer, or has taken too long for it.
func TestStartGate(t *testing.T) {
	for _, test := range []struct {
		name string
		act  func(leave []func())
		want time.Duration // until the next case begins
	}{
		{"nobody leaves", func([]func()) {}, longestStart},
		{"one has its answer", func(leave []func()) { time.AfterFunc(100*time.Millisecond, leave[2]) }, 100 * time.Millisecond},
		{"one has it at once", func(leave []func()) { leave[0]() }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, started := newStartGate(), time.Now()
				var leave []func()
				for range startsAtOnce {
					leave = append(leave, g.enter(wire.TCP))
				}
				other := entered(g, wire.UDP)
				next := entered(g, wire.TCP)
				test.act(leave)
				if got := (<-next).Sub(started); got != test.want {
					t.Errorf("the next case began after %v, want %v", got, test.want)
				}
				if got := (<-other).Sub(started); got != 0 {
					t.Errorf("a case on another transport began after %v", got)
				}
				time.Sleep(longestStart) // virtual: all are out
			})
		})
	}
}

// A case that leaves twice, or leaves after it was put out, frees one place.
func TestLeavingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, started := newStartGate(), time.Now()
		var leave []func()
		for range startsAtOnce {
			leave = append(leave, g.enter(wire.TCP))
		}
		leave[0]()
		leave[0]()
		first, second := entered(g, wire.TCP), entered(g, wire.TCP)
		took := []time.Duration{(<-first).Sub(started), (<-second).Sub(started)}
		if min(took[0], took[1]) != 0 || max(took[0], took[1]) != longestStart {
			t.Errorf("two cases began after %v, want one at once and one after %v", took, longestStart)
		}
		for _, l := range leave {
			l() // those were put out
		}
		time.Sleep(longestStart) // virtual
		for range startsAtOnce {
			g.enter(wire.TCP)
		}
		if got := (<-entered(g, wire.TCP)).Sub(started); got != 3*longestStart {
			t.Errorf("the fifth case began after %v, want %v", got, 3*longestStart)
		}
		time.Sleep(longestStart) // virtual
	})
}
