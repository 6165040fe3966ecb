package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/loadgen"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/text"
	"imcheck/reports/verdict"
)

// loadFlags are the flags of load.
type loadFlags struct {
	target     targetFlags
	shard      shardFlags
	swarm      loadgen.Config
	scenario   string
	described  *loadgen.Scenario // by --scenario
	flags      *pflag.FlagSet
	transports []string
	sources    string
	thresholds []string
	metrics    string
	served     loadMetrics // by --metrics
	json       bool
	verbose    bool
	out        string
	delivered  bool // the run has a report, whatever its exit code
}

func (f *loadFlags) register(flags *pflag.FlagSet) {
	f.flags = flags
	f.target.register(flags)
	usual := loadgen.BuiltIn(loadgen.ScenarioSteady)
	flags.StringSliceVar(&f.transports, "transport", nil, "what the clients use, such as udp,tcp,ws (default: all that the target serves)")
	flags.StringVar(&f.scenario, "scenario", usual.Scenario, "what the clients do: "+strings.Join(loadgen.Scenarios, ", ")+", or a YAML file (fixtures/scenarios/example.yaml explains every key)")
	flags.IntVar(&f.swarm.Clients, "clients", usual.Clients, "how many clients log in")
	flags.DurationVar(&f.swarm.Ramp, "ramp", usual.Ramp, "time in which they log in, evenly spread")
	flags.DurationVar(&f.swarm.Warmup, "warmup", usual.Warmup, "time after the ramp that is not counted")
	flags.DurationVar(&f.swarm.Duration, "duration", usual.Duration, "time that is counted")
	flags.DurationVar(&f.swarm.RampDown, "ramp-down", usual.RampDown, "time in which they log out at the end, evenly spread")
	flags.Float64Var(&f.swarm.Rate, "rate", usual.Rate, "messages a second of the whole swarm (steady: half to the server and half to other clients; push), or clients that leave (churn: 10 by default)")
	flags.IntVar(&f.swarm.Payload, "payload", usual.Payload, "bytes of a message's dataContent")
	flags.IntVar(&f.swarm.InFlight, "in-flight", 0, "how many messages a client may have without an ACK; what is due meanwhile waits, and counts from when it was due (0: no limit)")
	flags.Int64Var(&f.swarm.Seed, "seed", usual.Seed, "order in which the clients have their turns")
	flags.StringArrayVar(&f.thresholds, "threshold", nil, `bound on what is measured, such as "c2c_delivery.p99.9<200ms", "ledger.lost==0" or "login.rate>500/s"; with "abort:" before it, it ends the run once it is crossed (repeatable; adds to those of a scenario file)`)
	flags.StringVar(&f.sources, "source-ip", "", "IPv4 addresses of this machine that the clients use in turn, such as 127.0.0.1-127.0.0.200 or 127.1.0.0/24; with more than one, UDP clients share sockets (Linux)")
	f.shard.register(flags)
	flags.StringVar(&f.out, "out", "", "folder for load.json, report.html, summary.md, timeline.csv and histograms/")
	flags.StringVar(&f.metrics, "metrics", "", "host:port at which to serve the progress to Prometheus, under /metrics")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON on stdout, the summary on stderr")
	flags.BoolVar(&f.verbose, "verbose", false, "show every second of the run")
}

// load lets a swarm loose on a server.
func load(ctx context.Context, a *app, args []string) int {
	var f loadFlags
	code := f.run(ctx, a, args)
	if code == exitUsage && !f.delivered {
		a.clearMisused(args, reports.KindLoad)
	}
	return code
}

func (f *loadFlags) run(ctx context.Context, a *app, args []string) int {
	flags := newFlags("load")
	f.register(flags)
	if code, done := a.parse(flags, args, "load [flags]   (without a target: a reference server of its own)", false); done {
		return code
	}
	if err := f.readScenario(); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if err := f.readThresholds(); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if err := f.target.readProfile(); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if err := f.shard.complete(&f.swarm, f.target.embedded() || f.target.launches()); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if err := clearOut(f.out, reports.KindLoad); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if f.metrics != "" {
		bound, err := f.served.listen(f.metrics)
		if err != nil {
			return a.misused(fmt.Errorf("load: %w", err))
		}
		defer f.served.close()
		fmt.Fprintf(a.err, "metrics: http://%s/metrics\n", bound)
	}
	t, stop, code, err := f.target.open(ctx)
	if err != nil {
		a.complain("load: %v", err)
		return code
	}
	defer stop()
	if err := f.complete(t); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	if err := machine.CheckOpenFiles(f.openFiles()); err != nil {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	return a.loadTarget(ctx, f, t)
}

// readScenario reads what --scenario names. Flags that are given count before
// what it says.
func (f *loadFlags) readScenario() (err error) {
	if f.described, err = loadgen.FindScenario(f.scenario); err != nil {
		return err
	}
	given := f.swarm
	f.swarm = f.described.Config
	for name, override := range map[string]func(){
		"clients":   func() { f.swarm.Clients = given.Clients },
		"ramp":      func() { f.swarm.Ramp = given.Ramp },
		"warmup":    func() { f.swarm.Warmup = given.Warmup },
		"duration":  func() { f.swarm.Duration = given.Duration },
		"ramp-down": func() { f.swarm.RampDown = given.RampDown },
		"rate":      func() { f.swarm.Rate = given.Rate },
		"payload":   func() { f.swarm.Payload = given.Payload },
		"in-flight": func() { f.swarm.InFlight = given.InFlight },
		"seed":      func() { f.swarm.Seed = given.Seed },
	} {
		if !f.flags.Changed(name) {
			continue
		}
		if !loadgen.Uses(f.swarm.Scenario, loadgen.KeyOf(name)) {
			return fmt.Errorf("--%s: the scenario %s does not use it: leave it out", name, f.swarm.Scenario)
		}
		override()
	}
	return nil
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
		if f.swarm.Sources, err = loadgen.ParseSources(f.sources); err != nil {
			return err
		}
	}
	return f.described.Locate(f.swarm.Check(), f.flags.Changed)
}

// openFiles is what the run needs: a server in this process has the other end
// of each connection.
func (f *loadFlags) openFiles() uint64 {
	needed := f.swarm.OpenFilesNeeded()
	if f.target.embedded() {
		needed *= 2
	}
	return needed
}

func (a *app) loadTarget(ctx context.Context, f *loadFlags, t *target.Target) int {
	started := time.Now()
	bar := newProgress(a.err)
	bar.note("%d clients on %s (%s)", f.swarm.OwnClients(), describe(t), strings.Join(transportNames(f.swarm.Transports), ", "))
	if f.target.profile != nil && f.target.profile.Impair != nil {
		bar.note("note: the profile's impair is for conform; the path of a load is left as it is")
	}
	logs := histogramLogs(f.out)
	if logs != nil {
		f.swarm.Intervals = logs
		defer logs.Discard()
	}
	l, err := a.runSwarm(ctx, f, t, bar)
	bar.done()
	if l != nil && logs != nil {
		err = errors.Join(err, logs.Close())
	}
	if l == nil {
		return a.swarmFailed(f, t, started, err)
	}
	l.Generator.ServerInProcess = f.target.embedded()
	completeHeader(&l.Header, header(a, reports.KindLoad, t))
	return a.concludeLoad(f, l, err)
}

func (a *app) runSwarm(ctx context.Context, f *loadFlags, t *target.Target, bar *progress) (*reports.Load, error) {
	if err := f.target.discover(ctx, t); err != nil {
		return nil, err
	}
	f.swarm.Progress = func(s loadgen.Snapshot) {
		f.served.show(s)
		second := s.Second
		bar.show("%-9s %3.0f of %.0f s, %d of %d online, %d logins/s, %d messages/s sent, %d delivered, p50 %s p99 %s, %d errors",
			s.Phase, s.Elapsed.Seconds(), s.Planned.Seconds(), second.Online, s.Clients,
			second.LoggedIn, second.Sent, second.Delivered, microseconds(second.P50Us), microseconds(second.P99Us), second.Errors)
	}
	if !f.swarm.Start.IsZero() {
		bar.note("the load begins at %s", f.swarm.Start.UTC().Format(time.RFC3339))
	}
	return loadgen.Run(ctx, f.swarm)
}

func microseconds(us int64) string {
	return (time.Duration(us) * time.Microsecond).Round(10 * time.Microsecond).String()
}

// swarmFailed reports a run that never began.
func (a *app) swarmFailed(f *loadFlags, t *target.Target, started time.Time, err error) int {
	var misconfigured *loadgen.ConfigError
	var files *machine.OpenFilesError
	if errors.As(err, &misconfigured) || errors.As(err, &files) {
		return a.misused(fmt.Errorf("load: %w", err))
	}
	l := loadgen.NotRun(f.swarm)
	l.Header = header(a, reports.KindLoad, t)
	l.Started, l.DurationMs = started, time.Since(started).Milliseconds()
	conclude(&l.Header, reports.OutcomeUnreachable, err.Error())
	return a.concludeLoad(f, l, nil)
}

// completeHeader adds what the swarm does not know about its own run.
func completeHeader(into *reports.Header, from reports.Header) {
	into.Tool, into.Command, into.Target = from.Tool, from.Command, from.Target
}

// concludeLoad says what came of a run in every way that was asked for. The
// files come first: whoever reads stdout may be gone already.
func (a *app) concludeLoad(f *loadFlags, l *reports.Load, runErr error) int {
	f.delivered = true
	var notSaved error
	if f.out != "" {
		notSaved = folder.SaveLoad(f.out, l)
	}
	a.appendStepSummary(reports.Bundle{Load: l})
	if err := a.printLoad(f, l); err != nil {
		return a.failed(errors.Join(err, notSaved))
	}
	if notSaved != nil {
		return a.failed(fmt.Errorf("load: writing to --out %s: %w", f.out, notSaved))
	}
	if f.out != "" {
		fmt.Fprintln(a.err, "report:", filepath.Join(f.out, reports.HTMLFile))
	}
	if runErr != nil {
		return a.failed(fmt.Errorf("load: %w", runErr))
	}
	return l.ExitCode
}

func (a *app) printLoad(f *loadFlags, l *reports.Load) error {
	human := a.out
	if f.json {
		human = a.err
		if err := reports.WriteLoadJSON(a.out, l); err != nil {
			return err
		}
	}
	return text.WriteLoad(human, l, text.Options{Color: isTerminal(human), Verbose: f.verbose})
}
