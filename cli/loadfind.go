package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/loadgen/capacity"
	"imcheck/loadgen/options"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/folder"
	"imcheck/reports/text"
	"imcheck/reports/words"
)

// findFlags are the flags of load that search for the capacity of a server.
type findFlags struct {
	search   string // "" for none
	from, to float64
	within   percent
	recovery time.Duration
}

// Times of a step for which the user has given none. What a server does under a load shows
// in seconds; many short steps find more than few long ones.
const (
	findWarmup   = 5 * time.Second
	findDuration = 15 * time.Second
)

func (f *findFlags) register(flags *pflag.FlagSet) {
	f.within = 5
	flags.StringVar(&f.search, "find", "", "search for the highest `LOAD` at which all thresholds hold: rate or clients. Every step is a run of its own; --warmup is its settling time (5s by default), --duration its measured time (15s)")
	flags.Float64Var(&f.from, "find-from", 0, "where the search begins, and the lowest load that it tries (default: --rate or --clients)")
	flags.Float64Var(&f.to, "find-to", 0, "the highest load that it tries (default: the highest that can be made here)")
	flags.Var(&f.within, "find-within", "how close the load that holds has to be to the one that does not")
	flags.DurationVar(&f.recovery, "find-recovery", 3*time.Second, "time for the server to recover before the next step; after a step that left messages unanswered it takes as long in addition as they need")
}

// check refuses flags that say nothing together, and sets the times that were not given.
func (f *findFlags) check(l *loadFlags) error {
	if f.search == "" {
		for _, flag := range []string{"find-from", "find-to", "find-within", "find-recovery"} {
			if l.flags.Changed(flag) {
				return fmt.Errorf("--%s: it has an effect with --find only", flag)
			}
		}
		return nil
	}
	if err := (&capacity.Plan{Search: f.search, Load: l.swarm}).Refuse(); err != nil {
		return inFlags(err)
	}
	for _, flag := range []string{"find-from", "find-to"} {
		if value, _ := l.flags.GetFloat64(flag); l.flags.Changed(flag) && !(value > 0) {
			return fmt.Errorf("--%s: %v is out of range: use more than 0", flag, value)
		}
	}
	if l.metrics.address != "" {
		return errors.New("--metrics: the figures of the steps of a search would run into each other there: leave it out, use --otlp or --remote-write, which label them by step, or load the server without --find")
	}
	o := &l.swarm.Options
	for option, set := range map[string]func(){
		"warmup": func() { o.Warmup = findWarmup }, "duration": func() { o.Duration = findDuration },
	} {
		if !l.flags.Changed(option) && !l.described.Sets(option) {
			set()
		}
	}
	return nil
}

// plan returns the search that the flags describe.
func (f *findFlags) plan(l *loadFlags) (*capacity.Plan, error) {
	p := &capacity.Plan{
		Search: f.search, Bounds: capacity.Bounds{From: f.from, To: f.to, Within: float64(f.within) / 100},
		Recovery: f.recovery, Load: l.swarm, RampGrows: !l.flags.Changed("ramp") && !l.described.Sets("ramp"),
		Possible: func(c swarm.Config) error { return machine.CheckOpenFiles(l.openFilesOf(c)) },
	}
	if !l.flags.Changed("find-from") {
		p.From = l.swarm.Rate
		if f.search == reports.SearchClients {
			p.From = float64(l.swarm.Clients)
		}
	}
	return p, p.Complete()
}

// findCapacity searches for the capacity of a target.
func (a *app) findCapacity(ctx context.Context, f *loadFlags, t *target.Target) int {
	plan, err := f.find.plan(f)
	if err != nil {
		return a.misused(fmt.Errorf("load: %w", inFlags(err)))
	}
	bar := newProgress(a.err)
	announce(bar, f, plan, t)
	f.noteImpairment(bar)
	started := time.Now()
	f.ui.runs("Search for the most "+plan.Unit()+", scenario "+f.swarm.Scenario, t)
	f.ui.search(&reports.Capacity{Search: plan.Search, Unit: plan.Unit(), Scenario: f.swarm.Scenario, From: plan.From, To: plan.To, ServerInProcess: f.target.embedded()})
	w := &stepWatcher{app: a, flags: f, target: t, bar: bar, unit: plan.Unit(), sent: f.exports.exportsOf(&f.swarm, bar.note)}
	err = f.target.discover(ctx, t)
	var c *reports.Capacity
	if err == nil {
		bar.notes(t.Notes(true))
		c, err = capacity.Run(ctx, plan, w)
	}
	bar.done()
	if c == nil {
		var misconfigured *options.Error
		var files *machine.OpenFilesError
		if errors.As(err, &misconfigured) || errors.As(err, &files) {
			return a.misused(fmt.Errorf("load: %w", inFlags(err)))
		}
		c, err = capacity.NotRun(plan, started, err), nil
	}
	h := header(a, reports.KindCapacity, t)
	completeHeader(&c.Header, h)
	c.Environment, c.ServerInProcess, c.Exports = h.Environment, f.target.embedded(), w.sent.report()
	return a.concludeSearch(f, c, err)
}

// announce says before a search what it does, and how long that may take.
func announce(bar *progress, f *loadFlags, p *capacity.Plan, t *target.Target) {
	bar.note("searching for the most %s on %s (%s): from %s to %s, within %s",
		p.Unit(), describe(t), strings.Join(transportNames(f.swarm.Transports), ", "), content.LoadWords(p.From), content.LoadWords(p.To), f.find.within)
	if p.Defaulted() {
		bar.note("no threshold is named: a step holds while %s and nothing is lost", p.Thresholds()[0])
	}
	bar.note("at most %d steps in %s; most searches take less than half of that", p.MaxSteps(), words.RunTime(p.MaxDuration().Milliseconds()))
}

// stepWatcher shows and saves the steps of a search.
type stepWatcher struct {
	app    *app
	flags  *loadFlags
	target *target.Target
	bar    *progress
	unit   string
	logs   *reports.HistogramLogs // of the step in progress; nil for none
	sent   *exports               // nil for none
}

// Begin implements capacity.Watcher.
func (w *stepWatcher) Begin(step reports.CapacityStep, c *swarm.Config) {
	screen, ui := loadScreen{bar: w.bar, prefix: stepWords(step, w.unit) + ": "}, &w.flags.ui
	ui.beginStep(step, w.unit)
	figures := &loadMetrics{}
	c.Progress = func(s swarm.Snapshot) {
		figures.show(s)
		ui.showLoad(s, w.flags.closedLoop(), w.flags.target.embedded())
		screen.show(s)
	}
	var logs intervalLogs
	if w.logs = histogramLogs(w.folder(step)); w.logs != nil {
		logs = append(logs, w.logs)
	}
	if w.sent != nil {
		logs = append(logs, &figures.histograms)
	}
	if ui.board != nil {
		logs = append(logs, &ui.board.Latencies)
	}
	if logs != nil {
		c.Intervals = logs
	}
	w.sent.start(figures, step.Number)
}

// stepWords names a step of a search.
func stepWords(step reports.CapacityStep, unit string) string {
	return fmt.Sprintf("step %d, %s %s", step.Number, content.LoadWords(step.Load), unit)
}

// Done implements capacity.Watcher.
func (w *stepWatcher) Done(step reports.CapacityStep, l *reports.Load) (err error) {
	w.sent.finish()
	if w.logs != nil {
		defer w.logs.Discard()
	}
	w.bar.note("%s", content.StepLine(w.unit, step))
	w.flags.ui.endStep(step)
	if l == nil {
		return nil
	}
	l.Generator.ServerInProcess = w.flags.target.embedded()
	completeHeader(&l.Header, header(w.app, reports.KindLoad, w.target))
	dir := w.folder(step)
	if dir == "" {
		return nil
	}
	if err := errors.Join(w.logs.Close(), folder.SaveLoad(dir, l)); err != nil {
		return fmt.Errorf("writing to --out %s: %w", dir, err)
	}
	return nil
}

// folder returns the folder of a step, "" without --out.
func (w *stepWatcher) folder(step reports.CapacityStep) string {
	if w.flags.out == "" || step.Folder == "" {
		return ""
	}
	return filepath.Join(w.flags.out, filepath.FromSlash(step.Folder))
}

// concludeSearch reports what a search has found in every way that was asked for.
func (a *app) concludeSearch(f *loadFlags, c *reports.Capacity, runErr error) int {
	f.delivered = true
	if f.out == "" {
		for i := range c.Steps {
			c.Steps[i].Folder = "" // nothing was saved
		}
	}
	f.ui.end(&c.Header, content.CapacitySummary(c))
	d := delivery{
		verb: "load", out: f.out, bundle: reports.Bundle{Capacity: c},
		save:  func() error { return folder.SaveCapacity(f.out, c) },
		print: func() error { return a.printSearch(f, c) },
	}
	return a.conclude(d, runErr, c.ExitCode)
}

func (a *app) printSearch(f *loadFlags, c *reports.Capacity) error {
	return a.printReport(f.json, f.verbose,
		func(w io.Writer) error { return reports.WriteCapacityJSON(w, c) },
		func(w io.Writer, o text.Options) error { return text.WriteCapacity(w, c, o) })
}
