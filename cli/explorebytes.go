package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"imcheck/conformance/explore/fuzz"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/words"
)

// lastInputs is the file in the folder of differences with what was sent last to a server
// that is gone.
const lastInputs = "last.json"

// inputsAtOnce is --parallel of --bytes unless it is given.
const inputsAtOnce = 16

// bytesFlags are the flags of explore that are for --bytes.
type bytesFlags struct {
	on               bool
	targetUsageFlags     // of which the memory is watched
	maxGrowth        int // in MiB
	series           *fuzz.Series
}

func (b *bytesFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&b.on, "bytes", false, fmt.Sprintf("send mutated bytes in place of conversations, --steps of them (20,000) on --parallel connections at once (%d)", inputsAtOnce))
	b.registerAs(flags,
		"with --bytes: process of the server on this machine, whose memory is watched",
		"with --bytes: http://host:port/metrics of the server, whose "+target.ResidentMetric+" is watched")
	flags.IntVar(&b.maxGrowth, "max-growth", 64, "with --bytes: MiB that the server's memory may grow by, on top of half of what it had")
}

// check refuses what does not go together, and reads the file of --replay if that has
// inputs and not a conversation.
func (b *bytesFlags) check(f *exploreFlags) error {
	if err := b.readSeries(f.replay); err != nil {
		return err
	}
	for _, name := range []string{"target-pid", "target-metrics", "max-growth"} {
		if !b.on && f.target.given.Changed(name) {
			return fmt.Errorf("--%s is for --bytes", name)
		}
	}
	if !b.on {
		return nil
	}
	for _, name := range []string{"length", "quiet", "tolerance", "weights", "filter"} {
		if f.target.given.Changed(name) {
			return fmt.Errorf("--%s is for conversations, and --bytes sends none", name)
		}
	}
	if err := b.targetUsageFlags.check(f.target.profilePath == "" && !f.target.addressed()); err != nil {
		return err
	}
	return b.checkMemory()
}

func (b *bytesFlags) checkMemory() error {
	if b.maxGrowth < 0 || b.maxGrowth > 1<<20 {
		return fmt.Errorf("--max-growth %d: it has to be from 0 to %d MiB", b.maxGrowth, 1<<20)
	}
	if b.pid != 0 {
		if _, err := machine.ResidentBytesOf(b.pid); err != nil {
			return fmt.Errorf("--target-pid: %w", err)
		}
	}
	return nil
}

// readSeries reads the file of --replay, unless it has a conversation.
func (b *bytesFlags) readSeries(path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	switch {
	case err != nil && b.on:
		return fmt.Errorf("--replay: %w", err)
	case err != nil: // the reader of conversations says so
		return nil
	case !fuzz.HoldsSeries(text):
		if b.on {
			return fmt.Errorf("--replay %s: it is not a series of inputs: leave --bytes out to replay a conversation", path)
		}
		return nil
	}
	series, err := fuzz.ReadSeries(text)
	if err != nil {
		return fmt.Errorf("--replay %s: %w", path, err)
	}
	b.on, b.series = true, &series
	return nil
}

// gauge returns how the memory of the target is read; nil when nobody knows.
func (b *bytesFlags) gauge() *fuzz.Gauge {
	switch {
	case b.pid != 0:
		return &fuzz.Gauge{
			Source: fmt.Sprintf("resident memory of process %d", b.pid),
			Read:   func(context.Context) (int64, error) { return machine.ResidentBytesOf(b.pid) },
		}
	case b.metrics != "":
		return &fuzz.Gauge{
			Source: target.ResidentMetric + " of " + b.metrics,
			Read: func(ctx context.Context) (int64, error) {
				return target.ResidentBytes(ctx, transport.OS{}, b.metrics)
			},
		}
	}
	return nil
}

// bytesRun is one run of explore --bytes.
type bytesRun struct {
	app   *app
	flags *exploreFlags
	stop  func() // ends a target that was started
	bar   *progress
}

// exploreBytes sends mutated bytes to a target, and says what came of it.
func (a *app) exploreBytes(ctx context.Context, f *exploreFlags, t *target.Target, stop func()) int {
	r := &bytesRun{app: a, flags: f, stop: stop, bar: newProgress(a.err)}
	defer func() { r.stop() }()
	started := time.Now()
	r.bar.note("sending bytes to %s, seed %d", describe(t), f.options.Seed)
	var outcome fuzz.Outcome
	err := f.target.discover(ctx, t)
	if err == nil {
		outcome, err = fuzz.Run(ctx, t, r.options(started))
	}
	r.bar.done()
	c := &reports.Conformance{Header: header(a, reports.KindConformance, t), Seed: int64(f.options.Seed)}
	c.Results = outcome.Results(t.Transports(), f.rerun)
	c.Counts = reports.CountVerdicts(c.Results)
	c.Started, c.DurationMs = started, time.Since(started).Milliseconds()
	if m := outcome.Memory; m != nil {
		c.TargetMemory = &reports.TargetMemory{Source: m.Source, BeforeBytes: m.Before, AfterBytes: m.After, BoundBytes: m.Bound, Growing: m.Steady}
	}
	r.conclude(c, &outcome, err)
	return a.deliverExplored(f, c, r.bar, func() error { return saveBytes(f.out, c, &outcome) })
}

func (r *bytesRun) options(started time.Time) fuzz.Options {
	f := r.flags
	o := fuzz.Options{
		Seed: f.options.Seed, Inputs: f.options.Steps, Series: f.bytes.series,
		Parallel: f.options.Parallel, Duration: f.options.Duration, Patience: f.options.Pace.Patience,
		Memory: f.bytes.gauge(), MaxGrowth: int64(f.bytes.maxGrowth) << 20,
	}
	if !f.target.given.Changed("parallel") {
		o.Parallel = inputsAtOnce
	}
	if f.target.embedded() || f.target.launches() {
		o.Restart = r.restart
	}
	total := o.Inputs
	if o.Series != nil {
		total = len(o.Series.Inputs) * max(1, o.Series.Times)
	}
	o.Progress = func(p fuzz.Progress) {
		r.bar.show("%d of %d inputs, %s, %.0f s", p.Inputs, total,
			words.Counted(int64(p.Findings), "difference", "differences"), time.Since(started).Seconds())
	}
	return o
}

// restart starts a target anew that this run has started.
func (r *bytesRun) restart(ctx context.Context) (*target.Target, error) {
	r.stop()
	r.stop = func() {}
	modes, err := r.flags.target.startModes()
	if err != nil {
		return nil, err
	}
	t, stop, err := r.flags.target.start(ctx, modes)
	if err != nil {
		return nil, err
	}
	r.stop = stop
	return t, nil
}

// conclude gives the run its outcome.
func (r *bytesRun) conclude(c *reports.Conformance, o *fuzz.Outcome, err error) {
	found := words.Counted(int64(len(o.Findings)), "difference", "differences")
	sent := words.Counted(int64(o.Inputs), "input", "inputs")
	switch {
	case len(o.Last) > 0:
		kept := "; --out would keep what was sent last"
		if r.flags.out != "" {
			kept = "; what was sent last is in " + filepath.Join(differencesFolder, lastInputs)
		}
		c.Conclude(reports.OutcomeUnreachable, fmt.Sprintf("after %s, %s: %v%s", sent, found, err, kept))
	case len(o.Findings) > 0:
		c.Conclude(reports.OutcomeFail, found+": others noticed what was sent")
	case errors.Is(err, context.Canceled):
		c.Conclude(reports.OutcomeUnreachable, "interrupted after "+sent)
	case err != nil:
		c.Conclude(reports.OutcomeUnreachable, err.Error())
	case o.LocalCause != "":
		c.Conclude(reports.OutcomeInconclusive, o.LocalCause)
	case o.Disturbed > 0:
		c.Conclude(reports.OutcomeInconclusive, fmt.Sprintf("this process was too slow to tell whose delay it was, %d times in %d checks", o.Disturbed, o.Checks))
	case len(o.Unsteady) > 0:
		c.Conclude(reports.OutcomeInconclusive, fmt.Sprintf("%s did not come again when the same was sent", words.Counted(int64(len(o.Unsteady)), "incident", "incidents")))
	default:
		c.Conclude(reports.OutcomePass, fmt.Sprintf("%s, %s: everybody else was served, and noticed nothing", sent, words.Counted(int64(o.Checks), "check", "checks")))
	}
}

// saveBytes writes the report, the inputs of each difference to a file, and what a server
// that is gone was sent last.
func saveBytes(dir string, c *reports.Conformance, o *fuzz.Outcome) error {
	err := folder.SaveConformance(dir, c)
	for i := range o.Findings {
		err = errors.Join(err, saveSeries(filepath.Join(dir, differenceFile(i+1)), o.Findings[i].Series))
	}
	if len(o.Last) > 0 {
		err = errors.Join(err, saveSeries(filepath.Join(dir, differencesFolder, lastInputs), fuzz.Series{Inputs: o.Last}))
	}
	return err
}

func saveSeries(path string, series fuzz.Series) error {
	series.Form = fuzz.SeriesForm
	return saveDifference(path, func(w io.Writer) error {
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		lines.SetIndent("", "  ")
		return lines.Encode(series)
	})
}
