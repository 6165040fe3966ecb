package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// checkSenseModes starts the target once for each sense mode that was asked
// for, side by side, and measures in each when it gives silent sessions up.
func (a *app) checkSenseModes(ctx context.Context, f *conformFlags, catalogue []suite.Case) int {
	runs, err := f.senseModeRuns(catalogue)
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if err := f.ui.listen(a, "Expiries by sense mode"); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	started := time.Now()
	bar := newProgress(a.err)
	cases := 0
	for _, r := range runs {
		cases += len(r.Items)
	}
	bar.note("%s in %s, seed %d", casesCounted(cases), words.Counted(int64(len(runs)), "sense mode", "sense modes"), f.seed)
	f.noteImpairment(bar)
	shown := caseProgress{bar: bar, of: cases, started: started, expected: f.expected, modes: newModeWatch(runs), ui: &f.ui}
	most := slices.MaxFunc(runs, func(a, b server.SenseModeRun) int { return len(a.Items) - len(b.Items) })
	files, err := f.allotFiles(bar, most.Items, len(runs), true)
	if err == nil {
		stop := shown.everySecond()
		err = server.RunSenseModes(ctx, runs, f.start, suite.Options{Seed: f.seed, Parallel: f.parallel, Files: files, Strict: f.strict, Finished: shown.add})
		stop()
	}
	bar.done()
	c, finished := f.senseModeReport(a, runs, started, err)
	f.ui.showExpiries(shown.modes.judged(c.Expiries))
	f.ui.end(&c.Header, content.ConformanceSummary(c))
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

// senseModeRuns returns the runs that --sense-modes asks for. An error is the user's.
func (f *conformFlags) senseModeRuns(catalogue []suite.Case) (runs []server.SenseModeRun, err error) {
	if err := f.checkSenseModeFlags(); err != nil {
		return nil, err
	}
	wanted, err := parseSenseModes(f.senseModes)
	if err != nil {
		return nil, err
	}
	all := slices.Equal(f.senseModes, []string{"all"})
	catalogue = slices.DeleteFunc(slices.Clone(catalogue), func(c suite.Case) bool {
		return !slices.Contains(c.Tags, suite.TagExpiry)
	})
	for _, mode := range wanted {
		r := server.SenseModeRun{Mode: mode}
		r.Modes, r.Kinds = f.target.startableModes(mode)
		if len(r.Kinds) == 0 {
			if all {
				continue
			}
			return nil, fmt.Errorf("--sense-modes: the profile does not list %s under launch.senseModes", mode)
		}
		if r.Items, r.Skipped, err = f.selectCases(catalogue, r.Kinds); err != nil {
			return nil, err
		}
		if err := f.checkUsers(r.Items); err != nil {
			return nil, err
		}
		if len(r.Items) > 0 {
			runs = append(runs, r)
		}
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("no case is selected: --sense-modes runs those with the label %q only", suite.TagExpiry)
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

// startableModes returns the modes to start the target with so that one mode can be
// tested, and the transports that have it then.
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

// senseModeReport is the report of all runs together.
func (f *conformFlags) senseModeReport(a *app, runs []server.SenseModeRun, started time.Time, err error) (*reports.Conformance, []suite.Finished) {
	finished, skipped, info := server.MergeSenseModes(runs)
	c := f.report(a, &target.Target{Info: info}, finished, skipped, started, err)
	c.Target.UnverifiedTLS = f.target.unverified()
	c.Expiries = server.Expiries(finished)
	return c, finished
}
