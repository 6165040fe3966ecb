package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"imcheck/conformance/explore"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/words"
)

// differencesFolder has the conversations that a run of explore has found, one file each.
const differencesFolder = "differences"

// exploreFlags are the flags of explore.
type exploreFlags struct {
	target  targetFlags
	options explore.Options
	bytes   bytesFlags
	replay  string // file with a conversation, "" to draw them
	out     string
	json    bool
}

func (f *exploreFlags) register(flags *pflag.FlagSet) {
	f.target.register(flags)
	f.target.registerTolerance(flags)
	flags.Uint64Var(&f.options.Seed, "seed", 0, "draws the first conversation; each further one has the next")
	flags.IntVar(&f.options.Steps, "steps", 20_000, "steps to play in all")
	flags.IntVar(&f.options.Length, "length", 30, "steps of a conversation")
	flags.IntVar(&f.options.Parallel, "parallel", 200, "conversations at once: they mostly wait")
	flags.DurationVar(&f.options.Duration, "duration", 0, "time after which no further conversation begins, and none is shortened (0: no bound)")
	flags.DurationVar(&f.options.Pace.Quiet, "quiet", 20*time.Millisecond, "silence after which the next step is taken")
	flags.DurationVar(&f.options.Pace.Patience, "patience", time.Second, "by how much what follows from a step may be late")
	f.bytes.register(flags)
	flags.StringVar(&f.replay, "replay", "", "file with a conversation to play again, or with inputs of --bytes to send again, as a run leaves it in differences/")
	flags.StringVar(&f.out, "out", "", "folder for report.json, report.html, summary.md, junit.xml, ctrf.json and differences/")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON on stdout, the summary on stderr")
}

// check refuses what cannot be played.
func (f *exploreFlags) check() error {
	o := &f.options
	switch {
	case o.Steps < 1:
		return fmt.Errorf("--steps %d: it has to be at least 1", o.Steps)
	case o.Length < 2 || o.Length > 1000:
		return fmt.Errorf("--length %d: a conversation has 2 to 1000 steps", o.Length)
	case o.Parallel < 1 || o.Parallel > 5000:
		return fmt.Errorf("--parallel %d: it has to be from 1 to 5000", o.Parallel)
	case o.Duration < 0:
		return fmt.Errorf("--duration %v: it cannot be below 0", o.Duration)
	case o.Pace.Quiet <= 0 || o.Pace.Patience < o.Pace.Quiet:
		return fmt.Errorf("--quiet %v has to be over 0, and no longer than --patience %v", o.Pace.Quiet, o.Pace.Patience)
	}
	if err := f.bytes.check(f); err != nil || f.bytes.on || f.replay == "" {
		return err
	}
	file, err := explore.ReadFile(f.replay)
	if err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	o.Replay = file.Steps
	return nil
}

// exploreServer plays generated conversations to a server and to the model.
func exploreServer(ctx context.Context, a *app, args []string) int {
	var f exploreFlags
	flags := newFlags("explore")
	f.register(flags)
	if code, done := a.parse(flags, args, exploreUsage, false); done {
		return code
	}
	err := errors.Join(f.check(), f.target.readProfile())
	if err == nil {
		err = f.target.refuseUsers()
	}
	if err == nil {
		err = clearOut(f.out, reports.KindConformance)
	}
	if err != nil {
		return a.misused(fmt.Errorf("explore: %w", err))
	}
	t, stop, code, err := f.target.open(ctx)
	if err != nil {
		a.complain("explore: %v", err)
		return code
	}
	if f.bytes.on {
		return a.exploreBytes(ctx, &f, t, stop)
	}
	defer stop()
	return a.exploreTarget(ctx, &f, t)
}

// exploreTarget explores and says what came of it, in every way that was asked for.
func (a *app) exploreTarget(ctx context.Context, f *exploreFlags, t *target.Target) int {
	started := time.Now()
	bar := newProgress(a.err)
	bar.note("exploring %s, seed %d", describe(t), f.options.Seed)
	f.options.Progress = func(p explore.Progress) {
		bar.show("%d conversations, %d of %d steps, %s, %.0f s", p.Conversations, p.Steps, f.options.Steps,
			words.Counted(int64(p.Findings), "difference", "differences"), time.Since(started).Seconds())
	}
	var outcome explore.Outcome
	err := machine.AgainAfterPause(ctx, func() error { return f.target.discover(ctx, t) })
	if err == nil {
		outcome, err = explore.Run(ctx, t, f.options)
	}
	bar.done()
	c := &reports.Conformance{Header: header(a, reports.KindConformance, t), Seed: int64(f.options.Seed)}
	c.Results = outcome.Results(t.Transports(), f.rerun)
	c.Counts = reports.CountVerdicts(c.Results)
	c.Started, c.DurationMs = started, time.Since(started).Milliseconds()
	f.conclude(c, &outcome, err)
	return a.deliverExplored(f, c, &outcome, bar)
}

// conclude gives the run its outcome.
func (f *exploreFlags) conclude(c *reports.Conformance, o *explore.Outcome, err error) {
	switch confirmed := o.Progress.Findings; {
	case errors.Is(err, context.Canceled) && confirmed == 0:
		c.Conclude(reports.OutcomeUnreachable, fmt.Sprintf("interrupted after %d steps", o.Steps))
	case err != nil && confirmed == 0:
		c.Conclude(reports.OutcomeUnreachable, err.Error())
	case confirmed > 0:
		c.Conclude(reports.OutcomeFail, words.Counted(int64(confirmed), "difference", "differences")+" from what the rules say")
	case o.Broken > maxBroken(o.Conversations):
		c.Conclude(reports.OutcomeUnreachable, fmt.Sprintf("%d of %d conversations could not be played to their end, the last of them: %v", o.Broken, o.Conversations, o.BrokenBy))
	case 2*o.Disturbed > o.Conversations:
		c.Conclude(reports.OutcomeInconclusive, fmt.Sprintf("this process was stopped in %d of %d conversations", o.Disturbed, o.Conversations))
	case len(o.Findings) > 0:
		c.Conclude(reports.OutcomeInconclusive, words.Counted(int64(len(o.Findings)), "difference", "differences")+" that did not come again often enough to tell")
	default:
		c.Conclude(reports.OutcomePass, fmt.Sprintf("%s, %s: no difference from what the rules say",
			words.Counted(int64(o.Steps), "step", "steps"), words.Counted(int64(o.Conversations), "conversation", "conversations")))
	}
}

// maxBroken is how many of so many conversations may break off, such as by a call of the
// control API that took too long, before a run says nothing of the target.
func maxBroken(conversations int) int { return conversations / 10 }

// rerun is the command that plays a difference again.
func (f *exploreFlags) rerun(number int) string {
	command := append([]string{"imcheck", "explore"}, f.target.arguments()...)
	return shellLine(append(command, "--replay", filepath.Join(f.out, differenceFile(number))))
}

func differenceFile(number int) string {
	return filepath.Join(differencesFolder, strconv.Itoa(number)+".json")
}

func (a *app) deliverExplored(f *exploreFlags, c *reports.Conformance, o *explore.Outcome, bar *progress) int {
	d := delivery{
		verb: "explore", out: f.out, bundle: reports.Bundle{Conformance: c},
		save:  func() error { return saveExplored(f.out, c, o) },
		print: func() error { return a.printConformance(c, f.json, true) },
	}
	if err := d.deliver(a, bar); err != nil {
		return a.failed(err)
	}
	return c.ExitCode
}

// saveExplored writes the report, and each conversation that differed to a file.
func saveExplored(dir string, c *reports.Conformance, o *explore.Outcome) error {
	err := folder.SaveConformance(dir, c)
	for i := range o.Findings {
		path := filepath.Join(dir, differenceFile(i+1))
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o777), reports.WriteFile(path, func(w io.Writer) error {
			_, err := o.Findings[i].File().WriteTo(w)
			return err
		}))
	}
	return err
}
