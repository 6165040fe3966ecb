package cli

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/live"
	"imcheck/reports/words"
)

// modeWatch knows which sense modes on which transports are being measured, and what was seen.
// It is told by cases that run at once.
type modeWatch struct {
	mu       sync.Mutex
	pairs    []live.Expiry // by mode, then by transport
	began    []time.Time   // when each was begun to be measured
	measured []int         // indices of those that are measured, in the order in which they ended
}

// newModeWatch returns what is known before anything runs, and has the runs tell it what begins.
func newModeWatch(runs []server.SenseModeRun) *modeWatch {
	w := &modeWatch{}
	for i := range runs {
		run := &runs[i]
		for _, item := range run.Items {
			w.pair(run.Mode, item.Transport).Cases++
		}
		run.Started = func(item suite.Item) {
			if item.ID == server.ExpiryCase {
				w.begin(run.Mode.String(), item.Transport.String(), time.Now())
			}
		}
	}
	w.began = make([]time.Time, len(w.pairs))
	return w
}

// pair returns the pair of a mode and a transport, which it adds when it is new.
func (w *modeWatch) pair(mode timing.SenseMode, kind wire.Transport) *live.Expiry {
	if i := w.index(mode.String(), kind.String()); i >= 0 {
		return &w.pairs[i]
	}
	w.pairs = append(w.pairs, live.Expiry{Expiry: reports.Expiry{
		SenseMode: mode.String(), Transport: kind.String(), Nominal: float64(mode.Expiry(kind).Milliseconds()),
	}})
	return &w.pairs[len(w.pairs)-1]
}

// index returns the index of a pair, -1 when it is not known.
func (w *modeWatch) index(mode, transport string) int {
	return slices.IndexFunc(w.pairs, func(e live.Expiry) bool { return e.SenseMode == mode && e.Transport == transport })
}

// begin notes that an expiry begins to be measured.
func (w *modeWatch) begin(mode, transport string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := w.index(mode, transport); i >= 0 {
		w.pairs[i].Begun, w.began[i] = true, now
	}
}

// add notes a case that has ended; bad is whether it did not hold.
func (w *modeWatch) add(f suite.Finished, bad bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.index(f.Result.SenseMode, f.Result.Transport)
	if i < 0 {
		return
	}
	w.pairs[i].Done++
	if bad {
		w.pairs[i].Bad++
	}
	for _, e := range server.Expiries([]suite.Finished{f}) {
		w.pairs[i].Expiry = e
		w.measured = append(w.measured, i)
	}
}

// expiries returns what is known at a time.
func (w *modeWatch) expiries(now time.Time) []live.Expiry {
	w.mu.Lock()
	defer w.mu.Unlock()
	pairs := slices.Clone(w.pairs)
	for i := range pairs {
		if pairs[i].Begun && !pairs[i].Measured() {
			pairs[i].SinceMs = now.Sub(w.began[i]).Milliseconds()
		}
	}
	return pairs
}

// judged returns the expiries as the report has them: some verdicts are known in the end only.
func (w *modeWatch) judged(reported []reports.Expiry) []live.Expiry {
	pairs := w.expiries(time.Now())
	for _, e := range reported {
		if i := w.index(e.SenseMode, e.Transport); i >= 0 {
			pairs[i].Expiry = e
		}
	}
	return pairs
}

// lines are what a terminal shows of it: those that are measured at present, the next to expire
// first, and those that were, the last first.
func (w *modeWatch) lines(now time.Time) []screenLine {
	pairs := w.expiries(now)
	w.mu.Lock()
	order := slices.Clone(w.measured)
	w.mu.Unlock()
	var running []live.Expiry
	for _, e := range pairs {
		if e.Begun && !e.Measured() {
			running = append(running, e)
		}
	}
	slices.SortStableFunc(running, func(a, b live.Expiry) int {
		return int(a.Nominal) - int(a.SinceMs) - (int(b.Nominal) - int(b.SinceMs))
	})
	measuring := []string{"measuring  " + words.Counted(int64(len(running)), "expiry", "expiries")}
	for _, e := range running {
		measuring = append(measuring, fmt.Sprintf("%s %s %.0f of %s s", e.SenseMode, e.Transport, float64(e.SinceMs)/1000, words.Trimmed(e.Nominal/1000)))
	}
	seen := []string{fmt.Sprintf("measured   %d of %d", len(order), len(pairs))}
	for _, i := range slices.Backward(order) {
		e := pairs[i].Expiry
		seen = append(seen, fmt.Sprintf("%s %s %s", e.SenseMode, e.Transport, content.ExpiryDrift(e)))
	}
	return []screenLine{line(measuring...), line(seen...)}
}

// showExpiries shows what is known of the sense modes.
func (v *liveView) showExpiries(expiries []live.Expiry) {
	v.update(func(s *live.State) {
		s.Expiries, s.Phase = expiries, "measuring"
	})
}
