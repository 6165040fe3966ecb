package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/machine"
	"imcheck/harness/target"
)

// Options say what is sent, and for how long.
type Options struct {
	// What is sent.
	Seed   uint64
	Inputs int     // in all
	Series *Series // to send in place of drawn inputs; nil for those

	// How it is sent and judged.
	Parallel  int           // connections at once
	Duration  time.Duration // after which nothing more is sent; 0 for no bound
	Patience  time.Duration // within which a healthy user is answered
	Memory    *Gauge        // of the server; nil when nobody knows
	MaxGrowth int64         // in bytes, on top of half of what the server had
	Progress  func(Progress)
	// Restart starts the server anew after it has not recovered; nil where that is not
	// possible. The server that it returns may listen elsewhere.
	Restart func(ctx context.Context) (*target.Target, error)
}

// Progress counts what a run has done so far.
type Progress struct {
	Inputs, Findings int
	Bytes            int64
}

// Finding is a difference that came every time its inputs were sent.
type Finding struct {
	Incident Incident
	Series   Series // the shortest that still shows it
	// Lasting says that the server did not recover, so that nothing shorter could be tried.
	Lasting bool
}

// Outcome is the result of a run.
type Outcome struct {
	Progress
	Checks     int           // how often every witness was asked
	Slowest    time.Duration // answer to one of them
	Findings   []Finding
	Again      int        // incidents of a cause that was found before
	Unsteady   []Incident // that did not come again
	Disturbed  int        // incidents that this process may have caused, being slow
	LocalCause string     // what this machine lacked; "" for nothing
	Memory     *Memory    // nil when nobody knows
	Tried      map[string]int
	NeverTried []string
	Last       []Input // what was sent last to a server that is gone
}

// batchSize is the number of inputs between two checks: an incident is due to one of
// them, as a rule.
const batchSize = 64

// confirmations is the number of times that an incident has to come again, more patiently waited for.
const confirmations = 2

// patience is the factor by which an incident is waited for more patiently again.
const patience = 5

// settling is the longest time from an input to its effect, when it is sent again.
const settling = 200 * time.Millisecond

// runner is a run.
type runner struct {
	options Options
	target  *target.Target
	begun   time.Time
	pauses  machine.Pauses
	lag     *suite.LagMonitor

	witnesses *witnesses // nil while there are none
	outcome   Outcome
	known     map[string]bool // causes that were found
}

// wakeEvery is the interval at which the lag of this process is measured.
const wakeEvery = 10 * time.Millisecond

// errOver ends a run that has found what it can.
var errOver = errors.New("the run is over")

// Run sends inputs to a target that has been discovered. It returns what was found so far
// with an error when the target is gone, or ctx ends the run.
func Run(ctx context.Context, t *target.Target, o Options) (Outcome, error) {
	r := &runner{options: o, target: t, begun: time.Now(), lag: suite.NewLagMonitor(wakeEvery), known: map[string]bool{}, outcome: Outcome{Tried: map[string]int{}}}
	watching, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() {
		machine.EachWake(watching, wakeEvery, func(due, now time.Time) {
			r.pauses.Note(due, now, wakeEvery)
			r.lag.Note(now, now.Sub(due))
		})
	})
	err := r.run(ctx)
	if err != nil {
		r.outcome.Memory = nil // nobody has read it after the last input
	}
	if r.witnesses != nil {
		r.witnesses.leave()
	}
	stop()
	background.Wait()
	if errors.Is(err, errOver) {
		err = nil
	}
	for _, kind := range Kinds(t.Transports()) {
		if r.outcome.Tried[kind] == 0 {
			r.outcome.NeverTried = append(r.outcome.NeverTried, kind)
		}
	}
	return r.outcome, err
}

// run sends one batch after the other, and asks the witnesses after each.
func (r *runner) run(ctx context.Context) error {
	if incident := r.renew(ctx); incident != nil {
		return fmt.Errorf("before anything was sent: %v", incident)
	}
	for from := 0; from < r.total() && !r.late(); {
		if err := r.measureBefore(ctx, from); err != nil {
			return err
		}
		batch := r.inputs(from, r.batch())
		from += len(batch)
		begun := time.Now()
		if err := r.send(ctx, batch); err != nil {
			return err
		}
		r.count(batch)
		if from == r.total() || r.late() {
			machine.Sleep(ctx, settling)
		}
		incidents := r.check(ctx, r.options.Patience)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(incidents) > 0 {
			if err := r.examine(ctx, from, incidents, begun); err != nil {
				return err
			}
		}
	}
	return r.judgeMemory(ctx)
}

// total returns the number of inputs to send.
func (r *runner) total() int {
	if s := r.options.Series; s != nil {
		return len(s.Inputs) * max(1, s.Times)
	}
	return r.options.Inputs
}

// batch returns the number of inputs between two checks.
func (r *runner) batch() int {
	if s := r.options.Series; s != nil && s.Times <= 1 {
		return len(s.Inputs)
	}
	return batchSize
}

// inputs returns so many inputs from a number on, as far as there are.
func (r *runner) inputs(from, many int) (all []Input) {
	for i := from; i < min(from+many, r.total()); i++ {
		if s := r.options.Series; s != nil {
			all = append(all, s.Inputs[i%len(s.Inputs)])
			continue
		}
		all = append(all, Draw(r.options.Seed, uint64(i), r.target.Transports()))
	}
	return all
}

// late reports whether the time of the run is over.
func (r *runner) late() bool {
	return r.options.Duration > 0 && time.Since(r.begun) >= r.options.Duration
}

// count notes what was sent.
func (r *runner) count(batch []Input) {
	r.outcome.Inputs += len(batch)
	for _, in := range batch {
		r.outcome.Bytes += int64(in.size())
		for _, kind := range in.Kinds {
			r.outcome.Tried[kind]++
		}
	}
	if r.options.Progress != nil {
		r.options.Progress(r.outcome.Progress)
	}
}

// send sends inputs, several at once, in their order. It returns errOver when this machine
// lacks what it takes. That there is no server any more is left to the witnesses to find.
func (r *runner) send(ctx context.Context, batch []Input) error {
	next := make(chan Input)
	var workers sync.WaitGroup
	failed := make(chan error, r.options.Parallel)
	for range min(r.options.Parallel, len(batch)) {
		workers.Go(func() {
			var failure error
			for in := range next {
				if err := send(ctx, r.target, in); err != nil && machine.LocalCause(err) != "" {
					failure = err
				}
			}
			failed <- failure
		})
	}
	for _, in := range batch {
		next <- in
	}
	close(next)
	workers.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			r.outcome.LocalCause = machine.LocalCause(err)
			return errOver
		}
	}
	return nil
}

// check asks the witnesses.
func (r *runner) check(ctx context.Context, patience time.Duration) []*Incident {
	slowest, incidents := r.witnesses.check(ctx, patience)
	r.outcome.Checks++
	if len(incidents) == 0 {
		r.outcome.Slowest = max(r.outcome.Slowest, slowest)
	}
	return incidents
}

// recovery is the time that a server has to recover, in multiples of the longest time for an answer.
const recovery = 10

// renew has new witnesses take the place of those that saw something. When the server does
// not recover it is started anew, where that is possible; else the incident says what is
// wrong with it.
func (r *runner) renew(ctx context.Context) *Incident {
	if r.witnesses != nil {
		r.witnesses.leave()
		r.witnesses = nil
	}
	incident := r.summon(ctx)
	if incident == nil || r.options.Restart == nil || ctx.Err() != nil {
		return incident
	}
	t, err := r.options.Restart(ctx)
	if err != nil {
		return &Incident{incident.On, "the server starts again", err.Error(), err}
	}
	r.target = t
	return r.summon(ctx)
}

// summon waits until new witnesses are served as they should be.
func (r *runner) summon(ctx context.Context) (incident *Incident) {
	for until := time.Now().Add(recovery * r.options.Patience); ; {
		if r.witnesses, incident = summon(ctx, r.target, r.options.Patience); incident == nil {
			_, incidents := r.witnesses.check(ctx, r.options.Patience)
			if len(incidents) == 0 {
				return nil
			}
			incident = incidents[0]
			r.witnesses.leave()
			r.witnesses = nil
		}
		if incident.gone() || !time.Now().Before(until) || ctx.Err() != nil {
			return incident
		}
		machine.Sleep(ctx, settling)
	}
}

// disturbed reports whether this process may have been too slow for its own witnesses.
func (r *runner) disturbed(since time.Time) bool {
	now := time.Now()
	_, paused := r.pauses.During(since, now)
	return paused || r.lag.Between(since, now) >= r.options.Patience/2
}

// latest returns so many of the inputs before a number.
func (r *runner) latest(before, many int) []Input {
	from := max(0, before-many)
	return slices.Clip(r.inputs(from, before-from))
}
