package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"imcheck/conformance"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/words"
)

// expiryCase is the case whose measurement stands in the table of sense modes.
const expiryCase = "heartbeat/expiry"

// senseModeRun is one start of the target, in one sense mode, and what is run
// against it.
type senseModeRun struct {
	mode     timing.SenseMode
	modes    timing.Modes     // to start it with
	kinds    []wire.Transport // that have the mode; the others are not looked at
	items    []conformance.Item
	skipped  []conformance.Skipped
	finished []conformance.Finished
	info     target.Info
	err      error
}

// starter starts a target in some sense modes; the function it returns ends it.
type starter func(ctx context.Context, modes timing.Modes) (*target.Target, func(), error)

// checkSenseModes starts the target once for each sense mode that was asked
// for, side by side, and measures in each when it gives silent sessions up.
func (a *app) checkSenseModes(ctx context.Context, f *conformFlags, catalogue []conformance.Case) int {
	runs, err := f.senseModeRuns(catalogue)
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	started := time.Now()
	bar := newProgress(a.err)
	cases := 0
	for _, r := range runs {
		cases += len(r.items)
	}
	bar.note("%s in %s, seed %d", casesCounted(cases), words.Counted(int64(len(runs)), "sense mode", "sense modes"), f.seed)
	f.noteImpairment(bar)
	shown := tally{bar: bar, of: cases, started: started, expected: f.expected}
	most := slices.MaxFunc(runs, func(a, b senseModeRun) int { return len(a.items) - len(b.items) })
	files, err := f.allotFiles(bar, most.items, len(runs), true)
	if err == nil {
		stop := shown.everySecond()
		err = runSideBySide(ctx, runs, f.start, conformance.Options{Seed: f.seed, Parallel: f.parallel, Files: files, Strict: f.strict, Finished: shown.add})
		stop()
	}
	bar.done()
	c, finished := senseModeReport(a, f, runs, started)
	judge(c, err)
	return a.deliver(f, c, finished, bar)
}

// start starts the target of one sense mode, over the path that was asked for.
func (f *conformFlags) start(ctx context.Context, modes timing.Modes) (*target.Target, func(), error) {
	t, stop, err := f.target.start(ctx, modes)
	if err == nil {
		t.Path = f.path
	}
	return t, stop, err
}

// senseModeRuns are the runs that --sense-modes asks for. An error is the
// user's.
func (f *conformFlags) senseModeRuns(catalogue []conformance.Case) (runs []senseModeRun, err error) {
	if err := f.checkSenseModeFlags(); err != nil {
		return nil, err
	}
	wanted, err := parseSenseModes(f.senseModes)
	if err != nil {
		return nil, err
	}
	all := slices.Equal(f.senseModes, []string{"all"})
	catalogue = slices.DeleteFunc(slices.Clone(catalogue), func(c conformance.Case) bool {
		return !slices.Contains(c.Tags, conformance.TagExpiry)
	})
	for _, mode := range wanted {
		r := senseModeRun{mode: mode}
		r.modes, r.kinds = f.target.startableModes(mode)
		if len(r.kinds) == 0 {
			if all {
				continue
			}
			return nil, fmt.Errorf("--sense-modes: the profile does not list %s under launch.senseModes", mode)
		}
		if r.items, r.skipped, err = f.selection.Select(catalogue, r.kinds); err != nil {
			return nil, err
		}
		if len(r.items) > 0 {
			runs = append(runs, r)
		}
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("no case is selected: --sense-modes runs those with the label %q only", conformance.TagExpiry)
	}
	return runs, nil
}

func (f *conformFlags) checkSenseModeFlags() error {
	t := &f.target
	switch {
	case t.addresses != [len(wire.Transports)]string{} || t.control != "":
		return errors.New("--sense-modes starts the target itself: leave --udp, --tcp, --ws and --control out, and say in a profile how to launch it")
	case t.profile != nil && t.profile.Recipe == nil:
		return fmt.Errorf("--sense-modes starts the target itself: say in %s, under launch, how", t.profilePath)
	case t.modes != "":
		return errors.New("--sense-mode and --sense-modes exclude each other")
	case f.repeat > 1:
		return errors.New("--repeat and --sense-modes exclude each other")
	}
	return t.override(&target.Target{Tolerance: target.DefaultTolerance})
}

// parseSenseModes reads a list of modes, or "all".
func parseSenseModes(names []string) (modes []timing.SenseMode, err error) {
	if slices.Equal(names, []string{"all"}) {
		return timing.SenseModes[:], nil
	}
	for _, name := range names {
		mode, err := timing.Parse(strings.TrimSpace(name))
		if err != nil {
			return nil, fmt.Errorf("--sense-modes: %w; or all", err)
		}
		if slices.Contains(modes, mode) {
			return nil, fmt.Errorf("--sense-modes: %s is given twice", mode)
		}
		modes = append(modes, mode)
	}
	return modes, nil
}

// startableModes are the modes to start the target with for one mode to be
// tried, and the transports that have it then.
func (f *targetFlags) startableModes(mode timing.SenseMode) (modes timing.Modes, kinds []wire.Transport) {
	modes = timing.DefaultModes()
	startable := mode.On
	if !f.embedded() {
		modes = f.profile.LaunchModes()
		startable = func(kind wire.Transport) bool { return f.profile.Recipe.CanLaunch(kind, mode) }
	}
	for _, kind := range wire.Transports {
		if startable(kind) {
			modes[kind] = mode
			kinds = append(kinds, kind)
		}
	}
	return modes, kinds
}

// runSideBySide does all runs at once: together they take as long as the
// longest.
func runSideBySide(ctx context.Context, runs []senseModeRun, start starter, o conformance.Options) error {
	var running sync.WaitGroup
	for i := range runs {
		running.Go(func() { runs[i].run(ctx, start, o) })
	}
	running.Wait()
	if ctx.Err() != nil {
		return &conformance.InterruptedError{Err: context.Cause(ctx)}
	}
	var all []error
	for _, r := range runs {
		if r.err != nil {
			all = append(all, fmt.Errorf("sense mode %s: %w", r.mode, r.err))
		}
	}
	return errors.Join(all...)
}

func (r *senseModeRun) run(ctx context.Context, start starter, o conformance.Options) {
	t, stop, err := start(ctx, r.modes)
	if err != nil {
		r.err = err
		return
	}
	defer stop()
	for _, kind := range wire.Transports {
		if !slices.Contains(r.kinds, kind) {
			t.Addresses[kind] = ""
		}
	}
	if r.err = machine.AgainAfterPause(ctx, func() error { return t.Discover(ctx, discoverWait) }); r.err != nil {
		return
	}
	r.info = t.Info
	r.finished, r.err = conformance.Run(ctx, t, r.items, o)
	for i := range r.finished {
		r.finished[i].Result.SenseMode = r.mode.String()
	}
}

// senseModeReport is the report of all runs together.
func senseModeReport(a *app, f *conformFlags, runs []senseModeRun, started time.Time) (*reports.Conformance, []conformance.Finished) {
	var finished []conformance.Finished
	var skipped []conformance.Skipped
	described := &target.Target{}
	for _, r := range runs {
		finished = append(finished, r.finished...)
		if len(r.skipped) > len(skipped) { // told once, for the mode that most transports have
			skipped = r.skipped
		}
		if described.Info.Name == "" {
			described.Info = r.info
		}
	}
	f.expected.Apply(finished, started)
	c := conformanceReport(a, f, described, finished, skipped)
	c.Started, c.DurationMs = started, time.Since(started).Milliseconds()
	for _, r := range finished {
		if r.Item.ID == expiryCase {
			c.Expiries = append(c.Expiries, expiryOf(r.Result))
		}
	}
	return c, finished
}

// expiryOf is the line of the table for one result of expiryCase.
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
