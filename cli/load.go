package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/fixtures"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/folder"
	"imcheck/reports/text"
	"imcheck/reports/verdict"
)

// loadFlags are the flags of load.
type loadFlags struct {
	target     targetFlags
	example    example // scenario to print in place of a run
	shard      shardFlags
	find       findFlags
	swarm      swarm.Config
	scenario   string
	described  *scenario.Described // by --scenario
	given      options.Options     // by flags of their own
	flags      *pflag.FlagSet
	transports []string
	untilEnd   bool // of stdin, at the latest
	sources    string
	thresholds []string
	usage      targetUsageFlags
	metrics    metricsServer
	exports    exportFlags
	ui         liveView
	json       bool
	verbose    bool
	out        string
	checkpoint checkpointFlag
	delivered  bool // the run has a report, whatever its exit code
}

func (f *loadFlags) register(flags *pflag.FlagSet) {
	f.flags = flags
	f.target.register(flags)
	f.target.registerUsers(flags)
	f.example = example{flag: "example-scenario", read: fixtures.Scenario}
	f.example.register(flags, "print a scenario file with every key explained, and exit")
	f.given = scenario.Defaults(scenario.Steady{})
	flags.StringSliceVar(&f.transports, "transport", nil, "what the clients use, such as udp,tcp,ws (default: all that the target serves)")
	flags.StringVar(&f.scenario, "scenario", f.given.Scenario, "what the clients do: "+strings.Join(scenario.Names(), ", ")+", or a YAML file (--example-scenario prints one with every key explained)")
	registerOptions(flags, &f.given)
	flags.StringArrayVar(&f.thresholds, "threshold", nil, `bound on what is measured, such as "c2c_delivery.p99.9<200ms", "ledger.lost==0" or "login.rate>500/s"; with "abort:" before it, it ends the run once it is crossed (repeatable; adds to those of a scenario file)`)
	flags.StringVar(&f.sources, "source-ip", "", "addresses of this machine that the clients use in turn, such as 127.0.0.1-127.0.0.200, 127.1.0.0/24 or ::1; with more than one of IPv4, UDP clients share sockets (Linux)")
	flags.BoolVar(&f.untilEnd, "until-input-ends", false, "end when stdin does, as if the time were up, unless it is up before: for a program that starts the load")
	f.shard.register(flags)
	f.usage.register(flags)
	f.find.register(flags)
	flags.StringVar(&f.out, "out", "", "folder for load.json, report.html, summary.md, junit.xml, ctrf.json, timeline.csv and histograms/")
	f.checkpoint.register(flags)
	flags.StringVar(&f.metrics.address, "metrics", "", "host:port at which to serve the progress to Prometheus, under /metrics")
	flags.DurationVar(&f.metrics.linger, "metrics-linger", 0, "serve the metrics of the end of the run for so long after its report is written, so that the last scrape gets them (1h at most)")
	f.exports.register(flags)
	f.ui.register(flags, "the load, or the search,")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON on stdout, the summary on stderr")
	flags.BoolVar(&f.verbose, "verbose", false, "show every second of the run")
}

// execute lets a swarm loose on a server.
func (f *loadFlags) execute(ctx context.Context, a *app, args []string) int {
	defer f.ui.close()
	defer f.metrics.close()
	code := f.run(ctx, a, args)
	f.metrics.awaitScrapes(ctx, newProgress(a.err).note)
	if code == exitUsage && !f.delivered {
		a.clearMisused(args, reports.KindLoad)
		a.clearMisused(args, reports.KindCapacity)
	}
	return code
}

func (f *loadFlags) run(ctx context.Context, a *app, args []string) int {
	flags := newFlags("load")
	f.register(flags)
	if code, done := a.parse(flags, args, loadUsage, false); done {
		return code
	}
	if code, done := a.printExample(f.example, flags); done {
		return code
	}
	if err := f.prepare(); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if f.metrics.address != "" {
		bound, err := f.metrics.listen()
		if err != nil {
			return a.misused(fmt.Errorf("load: %w", err))
		}
		fmt.Fprintf(a.err, "metrics: http://%s/metrics\n", bound)
	}
	if err := f.ui.listen(a, "Load"); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	t, stop, code, err := f.target.open(ctx)
	if err != nil {
		return a.notOpened(fmt.Errorf("load: %w", err), code)
	}
	defer stop()
	if f.swarm.TargetUsage, err = f.usage.source(ctx); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if err := f.complete(t); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if need := f.swarm.Needs(); need.Large() {
		newProgress(a.err).note("%d clients in this process: it needs about %d MB of memory, %d open files, and on a network at least %d source addresses",
			need.Clients, need.MemoryBytes/1e6, need.OpenFiles, need.Sources)
	}
	if err := machine.CheckOpenFiles(f.openFiles()); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if f.find.search != "" {
		return a.findCapacity(ctx, f, t)
	}
	return a.loadTarget(ctx, f, t)
}

// prepare reads the files that flags name, refuses what does not go together, and clears the
// folder of the report.
func (f *loadFlags) prepare() error {
	for _, step := range []func() error{
		f.readScenario, f.readThresholds, f.target.readProfile,
		func() error { return f.metrics.check(f.flags.Changed("metrics-linger")) },
		func() error { return f.exports.check(f.flags) },
		func() error { return f.usage.check(f.target.embedded()) },
		func() error { return f.shard.complete(&f.swarm, f.target.embedded() || f.target.launches()) },
		func() error { return f.find.check(f) },
		func() error { return f.checkpoint.check(f) },
		func() error {
			return errors.Join(clearOut(f.out, reports.KindLoad), clearOut(f.out, reports.KindCapacity))
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// readScenario reads what --scenario names. Flags that are given count before
// what it says.
func (f *loadFlags) readScenario() (err error) {
	if f.described, err = scenario.Find(f.scenario); err != nil {
		return inFlags(err)
	}
	f.swarm.Options, f.swarm.Thresholds = f.described.Options, f.described.Thresholds
	return overrideOptions(f.flags, f.described, &f.swarm.Options, &f.given)
}

// readThresholds adds what --threshold says to the thresholds of the scenario
// file. One that is in both counts once.
func (f *loadFlags) readThresholds() error {
	asked, err := verdict.ParseThresholds(f.thresholds)
	if err != nil {
		return fmt.Errorf("--threshold: %w", err)
	}
	f.swarm.Thresholds = verdict.Union(f.swarm.Thresholds, asked)
	return nil
}

// complete fills in what the flags say in words, and refuses a swarm that
// cannot be run.
func (f *loadFlags) complete(t *target.Target) error {
	f.swarm.Target = t
	f.swarm.Transports = t.Transports()
	if f.transports != nil {
		f.swarm.Transports = nil
		for _, name := range f.transports {
			kind, err := wire.ParseTransport(strings.TrimSpace(name))
			if err != nil {
				return fmt.Errorf("--transport: %w", err)
			}
			f.swarm.Transports = append(f.swarm.Transports, kind)
		}
	}
	if f.sources != "" {
		var err error
		if f.swarm.Sources, err = host.ParseSources(f.sources); err != nil {
			return inFlags(err)
		}
	}
	return inFlags(f.described.Locate(f.swarm.Check(), func(option string) bool {
		flag := strings.TrimPrefix(flagOf(option), "--")
		return option != options.Thresholds && f.flags.Changed(flag) // thresholds of flags add to those of the file
	}))
}

// openFiles returns how many open files the run needs: a server in this process has the other end
// of each connection.
func (f *loadFlags) openFiles() uint64 { return f.openFilesOf(f.swarm) }

func (f *loadFlags) openFilesOf(c swarm.Config) uint64 {
	needed := c.OpenFilesNeeded()
	if f.target.embedded() {
		needed *= 2
	}
	return needed
}

func (a *app) loadTarget(ctx context.Context, f *loadFlags, t *target.Target) int {
	started := time.Now()
	bar := newProgress(a.err)
	bar.note("%d clients on %s (%s)", f.swarm.OwnClients(), describe(t), strings.Join(transportNames(f.swarm.Transports), ", "))
	f.noteImpairment(bar)
	logs := histogramLogs(f.out)
	if logs != nil {
		logs.Every(f.swarm.SampleLength())
		defer logs.Discard()
	}
	f.ui.runs("Load, scenario "+f.swarm.Scenario, t)
	f.swarm.Intervals = f.intervals(logs)
	a.checkpoints(f, t, bar)
	sent := f.exports.exportsOf(&f.swarm, bar.note)
	l, err := a.runSwarm(ctx, f, t, bar, sent)
	bar.done()
	if l != nil && logs != nil {
		err = errors.Join(err, logs.Close())
	}
	if l == nil {
		return a.swarmFailed(f, t, started, err)
	}
	l.Generator.ServerInProcess, l.Exports = f.target.embedded(), sent.report()
	completeHeader(&l.Header, header(a, reports.KindLoad, t))
	return a.concludeLoad(f, l, err)
}

// noteImpairment says before a load that its path is impaired on purpose, or that the profile's
// impairment is not for it.
func (f *loadFlags) noteImpairment(bar *progress) {
	if i := f.swarm.ReportedImpairment(); i != nil {
		bar.note("%s", content.ImpairmentWords(i))
		_, notes, _ := impair.Parse(f.swarm.Impair) // the load would have been refused
		for _, note := range notes {
			bar.note("note: %s", note)
		}
		return
	}
	if f.target.profile != nil && f.target.profile.Impair != nil && f.swarm.Impair == nil {
		bar.note("note: the profile's impair is for conform; give --impair to impair the path of a load")
	}
}

// intervals returns the log of the figures of every second: the metrics that are served or
// sent, the page of --ui, the histogram logs, or several of them; nil for none. logs may be nil.
func (f *loadFlags) intervals(logs *reports.HistogramLogs) books.IntervalLog {
	var all intervalLogs
	if f.metrics.address != "" || f.exports.isGiven() {
		all = append(all, &f.metrics.histograms)
	}
	if f.ui.board != nil {
		all = append(all, &f.ui.board.Latencies)
	}
	if logs != nil {
		all = append(all, logs)
	}
	if all == nil {
		return nil
	}
	return all
}

func (a *app) runSwarm(ctx context.Context, f *loadFlags, t *target.Target, bar *progress, sent *exports) (*reports.Load, error) {
	if err := f.target.discover(ctx, t); err != nil {
		return nil, err
	}
	bar.notes(t.Notes(true))
	if f.untilEnd {
		f.swarm.Enough = endOf(a.in)
	}
	screen := loadScreen{bar: bar}
	f.swarm.Progress = func(s swarm.Snapshot) {
		f.metrics.show(s)
		f.ui.showLoad(s, f.closedLoop(), f.target.embedded())
		screen.show(s)
	}
	if !f.swarm.Start.IsZero() {
		bar.note("the load begins at %s", f.swarm.Start.UTC().Format(time.RFC3339))
	}
	sent.start(&f.metrics.loadMetrics, 0)
	defer sent.finish()
	return swarm.Run(ctx, f.swarm)
}

// loadSummary summarizes a load in half a line: where the figures are not the target's that comes
// first, as on its page.
func loadSummary(l *reports.Load) string {
	if l.Generator.Bottleneck {
		return content.BottleneckSummary(l.Generator)
	}
	return content.LoadSummary(l)
}

// closedLoop reports whether the clients of the scenario wait for an answer before they ask again.
func (f *loadFlags) closedLoop() bool {
	s, err := scenario.Of(&f.swarm.Options)
	return err == nil && s.ClosedLoop()
}

// swarmFailed reports a run that never began.
func (a *app) swarmFailed(f *loadFlags, t *target.Target, started time.Time, err error) int {
	var misconfigured *options.Error
	var files *machine.OpenFilesError
	if errors.As(err, &misconfigured) || errors.As(err, &files) {
		return a.misused(fmt.Errorf("load: %w", inFlags(err)))
	}
	l := swarm.NotRun(f.swarm)
	l.Header = header(a, reports.KindLoad, t)
	l.Started, l.DurationMs = started, time.Since(started).Milliseconds()
	l.Conclude(reports.OutcomeUnreachable, err.Error())
	return a.concludeLoad(f, l, nil)
}

// completeHeader adds what the swarm does not know about its own run.
func completeHeader(into *reports.Header, from reports.Header) {
	into.Tool, into.Command, into.Target = from.Tool, from.Command, from.Target
}

// concludeLoad reports the result of a run in every way that was asked for. The
// files come first: whoever reads stdout may be gone already.
func (a *app) concludeLoad(f *loadFlags, l *reports.Load, runErr error) int {
	f.delivered = true
	f.ui.end(&l.Header, loadSummary(l))
	d := delivery{
		verb: "load", out: f.out, bundle: reports.Bundle{Load: l},
		save:  func() error { return folder.SaveLoad(f.out, l) },
		print: func() error { return a.printLoad(f, l) },
	}
	return a.conclude(d, runErr, l.ExitCode)
}

func (a *app) printLoad(f *loadFlags, l *reports.Load) error {
	return a.printReport(f.json, f.verbose,
		func(w io.Writer) error { return reports.WriteLoadJSON(w, l) },
		func(w io.Writer, o text.Options) error { return text.WriteLoad(w, l, o) })
}
