package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/fixtures"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/text"
)

// conformFlags are the flags of conform.
type conformFlags struct {
	role         roleFlags
	target       targetFlags
	version      versionFlag
	example      example // profile to print in place of a run
	selection    suite.Selection
	underLoad    underLoadFlags
	ui           liveView
	senseModes   []string // to start the target in, side by side; nil for a usual run
	seed         int64
	parallel     int
	repeat       int
	expectedFile string // list of expected failures, "" for none
	expected     suite.ExpectedFailures
	strict       bool
	replays      []string // files with conversations, and folders of them
	catalogue    []suite.Case
	replayed     map[string]string // the file of each case that plays one, by ID
	list         bool
	json         bool
	verbose      bool
	out          string
	delivered    bool          // the run has a report, whatever its exit code
	throttled    time.Duration // by a CPU quota, before the run began

	impair      []string     // specs as typed; nil for those of the profile
	path        *impair.Path // nil when it is not impaired
	impairNotes []string     // on keys that do not exist on every transport
}

func (f *conformFlags) register(flags *pflag.FlagSet) {
	f.role.register(flags)
	f.target.register(flags)
	f.target.registerUsers(flags)
	f.target.registerBridge(flags)
	f.example = example{flag: "example-profile", read: fixtures.Profile}
	f.example.register(flags, "print a profile with every key explained, and exit")
	f.target.registerTolerance(flags)
	f.version.register(flags)
	flags.StringVar(&f.selection.Filter, "filter", "", `labels of the cases to run, in Ginkgo's language: area, level, transport, needs-CAPABILITY; such as "qos && !udp"`)
	flags.StringArrayVar(&f.selection.Cases, "case", nil, "case ID to run, * for any text (repeatable)")
	flags.StringArrayVar(&f.selection.Skip, "skip", nil, "case ID to leave out, * for any text (repeatable)")
	flags.BoolVar(&f.selection.Long, "long", false, "run also the cases that wait for a rule of 10 minutes; they take up to 20")
	flags.StringSliceVar(&f.senseModes, "sense-modes", nil, "start the target once for each of these sense modes, such as 3S,10S, or all, and measure when it gives silent sessions up")
	flags.StringArrayVar(&f.replays, "replay", nil, "`FILE` with a conversation that explore has found, or a folder of them: each is a case from then on (repeatable)")
	flags.BoolVar(&f.list, "list", false, "list the selected cases under the requirements that they check, and exit")
	flags.Int64Var(&f.seed, "seed", 0, "order in which the cases start (default: another one each time)")
	flags.IntVar(&f.parallel, "parallel", 0, "most cases at once; 0 for all, which is fastest, as they mostly wait, and for 64 with --role client")
	flags.IntVar(&f.repeat, "repeat", 1, "rounds in which the cases are run, one after the other, to find those that do not always pass")
	flags.StringVar(&f.expectedFile, "expected-failures", "", "YAML list of known failures: case (ID or glob), transport (optional), reason, expires (YYYY-MM-DD)")
	flags.BoolVar(&f.strict, "strict", false, "a SHOULD that does not hold fails the run")
	flags.StringArrayVar(&f.impair, "impair", nil, "make the path to the target bad, control API aside (repeatable): `SPEC` is "+impair.Grammar)
	f.underLoad.register(flags)
	f.ui.register(flags, "--sense-modes")
	flags.StringVar(&f.out, "out", "", "folder for report.json, report.html, summary.md, badge.json, junit.xml, ctrf.json and traces/")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON on stdout, the summary on stderr")
	flags.BoolVar(&f.verbose, "verbose", false, "show whole transcripts and every measurement")
}

// execute checks a server.
func (f *conformFlags) execute(ctx context.Context, a *app, args []string) int {
	defer f.ui.close()
	code := f.run(ctx, a, args)
	if code == exitUsage && !f.delivered {
		a.clearMisused(args, reports.KindConformance)
	}
	return code
}

func (f *conformFlags) run(ctx context.Context, a *app, args []string) int {
	flags := newFlags("conform")
	f.register(flags)
	if code, done := a.parse(flags, args, conformUsage, false); done {
		return code
	}
	if code, done := a.printExample(f.example, flags); done {
		return code
	}
	if !flags.Changed("seed") {
		f.seed = time.Now().UnixNano() % 1_000_000
	}
	f.throttled = machine.Throttled(os.DirFS("/"))
	if code, done := a.checkRole(ctx, f, flags); done {
		return code
	}
	err := f.readAll()
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if f.list {
		return a.listCases(f.catalogue, f, f.target.served())
	}
	if err := clearOut(f.out, reports.KindConformance); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if f.senseModes != nil {
		return a.checkSenseModes(ctx, f, f.catalogue)
	}
	t, stop, code, err := f.target.open(ctx)
	switch {
	case code == exitUnreachable && err != nil:
		return a.notStarted(f, err)
	case err != nil:
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	defer stop()
	t.Path, t.Beside = f.path, plan.MadeByLoad
	selected, skipped, err := f.selectCases(f.catalogue, t.Transports())
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if len(selected) == 0 {
		return a.misused(fmt.Errorf("conform: %w", noneSelected(skipped, "target")))
	}
	if err := f.checkUsers(selected); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if f.underLoad.scenario != "" {
		return a.checkUnderLoad(ctx, f, t, selected, skipped)
	}
	return a.checkTarget(ctx, f, t, selected, skipped)
}

// readAll reads and checks what the flags say and the files that they name. An error is the
// user's.
func (f *conformFlags) readAll() error {
	for _, read := range []func() error{
		f.readReplays,
		func() error { return errors.Join(f.check(f.catalogue), f.target.readProfile()) },
		f.chooseVersion, f.impairPath,
		func() error { return f.underLoad.plan(f) },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// notStarted reports that a target could not be launched, which is all there is to
// report.
func (a *app) notStarted(f *conformFlags, err error) int {
	t := &target.Target{}
	if profile := f.target.profile; profile != nil {
		t.Info = profile.Target().Info
	}
	c := f.report(a, t, nil, nil, time.Now(), err)
	return a.deliver(f, c, nil, newProgress(a.err))
}

// check refuses what a user has mistyped, and reads the list of expected failures.
func (f *conformFlags) check(catalogue []suite.Case) error {
	if f.parallel < 0 {
		return fmt.Errorf("--parallel %d: it cannot be below 0", f.parallel)
	}
	if len(f.replays) > 0 && f.senseModes != nil {
		return errors.New("--replay: --sense-modes measures expiries only, and plays no conversation: leave one of them out")
	}
	if f.ui.address != "" && f.senseModes == nil {
		return errors.New("--ui: it follows the expiries of --sense-modes, or a load: leave it out, or add --sense-modes")
	}
	if f.list && f.ui.address != "" {
		return errors.New("--list runs nothing: leave --ui out")
	}
	if f.list && (f.out != "" || f.json) {
		return errors.New("--list runs nothing: leave --out and --json out")
	}
	if f.repeat < 1 {
		return fmt.Errorf("--repeat %d: it has to be at least 1", f.repeat)
	}
	if f.expectedFile != "" {
		expected, err := suite.ReadExpectedFailures(f.expectedFile)
		if err != nil {
			return fmt.Errorf("--expected-failures: %w", err)
		}
		f.expected = expected
	}
	if err := f.selection.CheckFilter(catalogue); err != nil {
		return inSelectionFlags(err)
	}
	return inSelectionFlags(suite.CheckGlobs(catalogue, slices.Concat(f.selection.Cases, f.selection.Skip)))
}

func (a *app) listCases(catalogue []suite.Case, f *conformFlags, served []wire.Transport) int {
	selection := f.selection
	selection.Long = true // listed they cost nothing
	selected, skipped, err := selection.Select(catalogue, served)
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if len(selected) == 0 && len(skipped) > 0 {
		return a.misused(fmt.Errorf("conform: %w", noneSelected(skipped, "target")))
	}
	if len(selected) == 0 {
		return a.misused(errors.New("conform: the filter selects no case"))
	}
	writeCoverage(a.out, selected, f.role.end())
	return exitGood
}

// checkTarget runs the items and reports the outcome in every way that was asked for.
func (a *app) checkTarget(ctx context.Context, f *conformFlags, t *target.Target, selected []suite.Item, skipped []suite.Skipped) int {
	started := time.Now()
	bar := newProgress(a.err)
	bar.note("%s on %s, seed %d", casesInRounds(len(selected), f.repeat), describe(t), f.seed)
	f.noteImpairment(bar)
	finished, err := a.runItems(ctx, f, t, selected, bar)
	bar.done()
	c := f.report(a, t, finished, skipped, started, err)
	return a.deliver(f, c, finished, bar)
}

// deliver writes a report to --out and prints it. It returns the exit code.
// The files come first: whoever reads stdout may be gone already.
func (a *app) deliver(f *conformFlags, c *reports.Conformance, finished []suite.Finished, bar *progress) int {
	f.delivered = true
	d := delivery{
		verb: "conform", out: f.out, bundle: reports.Bundle{Conformance: c},
		save:  func() error { return saveConformance(f.out, c, finished) },
		print: func() error { return a.printConformance(c, f.json, f.verbose) },
	}
	if err := d.deliver(a, bar); err != nil {
		return a.failed(err)
	}
	return c.ExitCode
}

func (a *app) runItems(ctx context.Context, f *conformFlags, t *target.Target, selected []suite.Item, bar *progress) ([]suite.Finished, error) {
	files, err := f.prepare(ctx, t, selected, bar)
	if err != nil {
		return nil, err
	}
	return f.repeatItems(ctx, t, selected, files, &caseProgress{bar: bar})
}

// prepare asks the target what it is, and returns the number of open files for the cases.
func (f *conformFlags) prepare(ctx context.Context, t *target.Target, selected []suite.Item, bar *progress) (files int, err error) {
	if err := f.target.discover(ctx, t); err != nil {
		if ctx.Err() != nil { // it was not the target that did not answer
			err = &suite.InterruptedError{Err: context.Cause(ctx)}
		}
		return 0, err
	}
	bar.notes(t.Notes(false))
	if files, err = f.allotFiles(bar, selected, 1, t.Control != ""); err != nil {
		return 0, err
	}
	f.noteUsers(bar, t, selected)
	return files, nil
}

// repeatItems runs the items as often as asked for.
func (f *conformFlags) repeatItems(ctx context.Context, t *target.Target, selected []suite.Item, files int, shown *caseProgress) ([]suite.Finished, error) {
	shown.of, shown.started, shown.expected = len(selected)*f.repeat, time.Now(), f.expected
	defer shown.everySecond()()
	return server.Repeat(ctx, t, selected, f.repeat, suite.Options{Seed: f.seed, Parallel: f.parallel, Files: files, Strict: f.strict, Finished: shown.add})
}

// casesInRounds is "30 cases", and "30 cases in 10 rounds" when they are repeated.
func casesInRounds(cases, rounds int) string {
	text := casesCounted(cases)
	if rounds > 1 {
		text += fmt.Sprintf(" in %d rounds", rounds)
	}
	return text
}

// namedAtOnce bounds the bad cases that are named as they end; the summary has all.
const namedAtOnce = 10

// caseProgress shows the progress of a run. The time is shown even while every case
// waits.
type caseProgress struct {
	bar      *progress
	lead     string     // before the line, such as the level of load
	modes    *modeWatch // of a run in several sense modes; nil for others
	ui       *liveView  // that shows them
	of       int
	started  time.Time
	expected suite.ExpectedFailures

	mu        sync.Mutex
	done, bad int
}

func (t *caseProgress) add(f suite.Finished) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	verdict := f.Result.Verdict
	bad := verdict == reports.Error || verdict == reports.Fail && !t.expected.Covers(f.Item, t.started)
	if bad {
		t.bad++
	}
	if t.modes != nil {
		t.modes.add(f, bad)
	}
	if bad && t.bad <= namedAtOnce {
		t.bar.note("%s  %s", verdict, f.Item.Name())
	}
	t.show()
}

func (t *caseProgress) show() {
	now := time.Now()
	text := fmt.Sprintf("%s%d of %d cases done, %d bad, %.0f s", t.lead, t.done, t.of, t.bad, now.Sub(t.started).Seconds())
	if t.modes == nil {
		t.bar.showParts(text)
		return
	}
	t.bar.showScreen(append([]screenLine{line(text)}, t.modes.lines(now)...), text)
	t.ui.showExpiries(t.modes.expiries(now))
}

// everySecond keeps the line going until the function it returns is called.
func (t *caseProgress) everySecond() (stop func()) {
	ticker, done := time.NewTicker(time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				t.mu.Lock()
				t.show()
				t.mu.Unlock()
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

func (a *app) printConformance(c *reports.Conformance, asJSON, verbose bool) error {
	return a.printReport(asJSON, verbose,
		func(w io.Writer) error { return reports.WriteConformanceJSON(w, c) },
		func(w io.Writer, o text.Options) error { return text.WriteConformance(w, c, o) })
}

// describe names a target in a line.
func describe(t *target.Target) string {
	var parts []string
	for _, kind := range t.Transports() {
		parts = append(parts, kind.String()+" "+t.Shown(kind))
	}
	return strings.Join(parts, ", ")
}
