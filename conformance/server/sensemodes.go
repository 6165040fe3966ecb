package server

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
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// ExpiryCase is the ID of the case whose measurement is in the table of sense modes.
const ExpiryCase = "heartbeat/expiry"

// discoverWait bounds each question to a target that has just been started.
const discoverWait = 2 * time.Second

// SenseModeRun is one start of the target, in one sense mode, and what is run against
// it.
type SenseModeRun struct {
	Mode    timing.SenseMode
	Modes   timing.Modes     // to start it with
	Kinds   []wire.Transport // transports that have the mode; the others are not checked
	Items   []suite.Item
	Skipped []suite.Skipped
	// Started is called as suite.Options.Started is, which has no effect; may be nil.
	Started func(suite.Item)

	// What came of it.
	finished []suite.Finished
	info     controlapi.Info
	err      error
}

// Starter starts a target in some sense modes; the function that it returns stops it.
type Starter func(ctx context.Context, modes timing.Modes) (*target.Target, func(), error)

// RunSenseModes does all runs side by side: together they take as long as the longest.
// The error is a *suite.InterruptedError, or names the sense modes whose runs ended early;
// what was finished is kept in the runs all the same.
func RunSenseModes(ctx context.Context, runs []SenseModeRun, start Starter, o suite.Options) error {
	var running sync.WaitGroup
	for i := range runs {
		running.Go(func() { runs[i].run(ctx, start, o) })
	}
	running.Wait()
	if ctx.Err() != nil {
		return &suite.InterruptedError{Err: context.Cause(ctx)}
	}
	var all []error
	for _, r := range runs {
		if r.err != nil {
			all = append(all, fmt.Errorf("sense mode %s: %w", r.Mode, r.err))
		}
	}
	return errors.Join(all...)
}

func (r *SenseModeRun) run(ctx context.Context, start Starter, o suite.Options) {
	t, stop, err := start(ctx, r.Modes)
	if err != nil {
		r.err = err
		return
	}
	defer stop()
	for _, kind := range wire.Transports {
		if !slices.Contains(r.Kinds, kind) {
			t.Addresses[kind] = ""
		}
	}
	if r.err = machine.AgainAfterPause(ctx, func() error { return t.Discover(ctx, discoverWait) }); r.err != nil {
		return
	}
	r.info = t.Info
	o.Started = r.Started
	if tell := o.Finished; tell != nil {
		o.Finished = func(f suite.Finished) {
			f.Result.SenseMode = r.Mode.String()
			tell(f)
		}
	}
	r.finished, r.err = Run(ctx, t, r.Items, o)
	for i := range r.finished {
		r.finished[i].Result.SenseMode = r.Mode.String()
	}
}

// MergeSenseModes puts the results of all runs together, with what the target says about
// itself. What was skipped is listed once, for the mode that most transports have.
func MergeSenseModes(runs []SenseModeRun) (finished []suite.Finished, skipped []suite.Skipped, info controlapi.Info) {
	for _, r := range runs {
		finished = append(finished, r.finished...)
		if len(r.Skipped) > len(skipped) {
			skipped = r.Skipped
		}
		if info.Name == "" {
			info = r.info
		}
	}
	return finished, skipped, info
}

// Expiries returns the table of sense modes: a line for each run of the case that
// measures when a silent session expires.
func Expiries(finished []suite.Finished) (lines []reports.Expiry) {
	for _, f := range finished {
		if f.Item.ID == ExpiryCase {
			lines = append(lines, expiryOf(f.Result))
		}
	}
	return lines
}

// expiryOf returns the line of the table for one result of ExpiryCase.
func expiryOf(r reports.Result) reports.Expiry {
	e := reports.Expiry{SenseMode: r.SenseMode, Transport: r.Transport, Verdict: r.Verdict}
	for _, m := range r.Measurements {
		e.Lag, e.Tolerance = max(e.Lag, m.Lag), m.Tolerance+m.Upper-m.Lower
		switch m.Shows {
		case reports.ShowsEnded:
			e.Earliest, e.Latest = m.Value, m.Value
		case reports.ShowsThere:
			e.Earliest = m.Value
		case reports.ShowsGone:
			e.Latest = m.Value
		}
	}
	if mode, err := timing.Parse(r.SenseMode); err == nil {
		if kind, err := wire.ParseTransport(r.Transport); err == nil {
			e.Nominal = float64(mode.Expiry(kind).Milliseconds())
		}
	}
	return e
}
