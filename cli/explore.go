package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/conformance/explore"
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
	example example  // weights to print in place of a run
	weights string   // file, "" for the default
	areas   []string // to which drawing is bounded; nil for all
	replay  string   // file with a conversation, "" to draw them
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
	f.example = example{flag: "example-weights", read: func(string) ([]byte, error) { return explore.ExampleWeights, nil }}
	f.example.register(flags, "print the weights with every name explained, and exit")
	flags.StringVar(&f.weights, "weights", "", "YAML file that says how often each thing is drawn")
	flags.StringSliceVar(&f.areas, "filter", nil, "`AREAS` to which drawing is bounded: "+strings.Join(explore.Areas(), ", "))
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
	if err := f.bytes.check(f); err != nil || f.bytes.on {
		return err
	}
	if f.replay == "" {
		return f.readWeights()
	}
	for _, drawn := range []string{"seed", "steps", "length", "parallel", "weights", "filter"} {
		if f.target.given.Changed(drawn) {
			return fmt.Errorf("--replay and --%s exclude each other: nothing is drawn", drawn)
		}
	}
	file, err := explore.ReadFile(f.replay)
	if err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	o.Replay = file.Steps
	return nil
}

// readWeights reads the file of --weights, and bounds it to the areas of --filter.
func (f *exploreFlags) readWeights() (err error) {
	w := explore.DefaultWeights()
	if f.weights != "" {
		if w, err = explore.ReadWeights(f.weights); err != nil {
			return fmt.Errorf("--weights: %w", err)
		}
	}
	if f.options.Weights, err = w.Only(f.areas); err != nil {
		return fmt.Errorf("--filter: %w", err)
	}
	return nil
}

// execute plays generated conversations to a server and to the model.
func (f *exploreFlags) execute(ctx context.Context, a *app, args []string) int {
	flags := newFlags("explore")
	f.register(flags)
	if code, done := a.parse(flags, args, exploreUsage, false); done {
		return code
	}
	if code, done := a.printExample(f.example, flags); done {
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
		return a.notOpened(fmt.Errorf("explore: %w", err), code)
	}
	if f.bytes.on {
		return a.exploreBytes(ctx, f, t, stop)
	}
	defer stop()
	return a.exploreTarget(ctx, f, t)
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
	err := f.target.discover(ctx, t)
	if err == nil {
		bar.notes(t.Notes(false))
		outcome, err = explore.Run(ctx, t, f.options)
	}
	bar.done()
	if wrong, ok := errors.AsType[*explore.WeightsError](err); ok {
		return a.misused(fmt.Errorf("explore: %w", wrong))
	}
	c := &reports.Conformance{Header: header(a, reports.KindConformance, t), Seed: int64(f.options.Seed)}
	c.Results = outcome.Results(t.Transports(), f.redraw(&outcome))
	c.Counts = reports.CountVerdicts(c.Results)
	c.Started, c.DurationMs = started, time.Since(started).Milliseconds()
	f.conclude(c, &outcome, err)
	return a.deliverExplored(f, c, bar, func() error { return saveExplored(f.out, c, &outcome) })
}

// conclude gives the run its outcome.
func (f *exploreFlags) conclude(c *reports.Conformance, o *explore.Outcome, err error) {
	switch confirmed := o.Progress.Findings; {
	case errors.Is(err, context.Canceled) && confirmed == 0:
		c.Conclude(reports.OutcomeUnreachable, fmt.Sprintf("interrupted after %d steps", o.Steps))
	case err != nil && !errors.Is(err, context.Canceled):
		c.Conclude(reports.OutcomeUnreachable, f.gone(o, err))
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

// gone says that the target went away, and what there is to look for the reason.
func (f *exploreFlags) gone(o *explore.Outcome, err error) string {
	reason := err.Error()
	if n := o.Progress.Findings; n > 0 { // those that were confirmed
		reason += "; found before that: " + words.Counted(int64(n), "difference", "differences")
	}
	if n := len(o.Last); n > 0 && f.out != "" {
		reason += fmt.Sprintf("; %s has what was under way then, of %s", filepath.Join(differencesFolder, lastFile("*")), words.Counted(int64(n), "conversation", "conversations"))
	}
	return reason
}

// maxBroken returns the number of conversations out of so many that may break off, such as by a call of the
// control API that took too long, before a run says nothing of the target.
func maxBroken(conversations int) int { return conversations / 10 }

// rerun is the command that plays a difference again from its file.
func (f *exploreFlags) rerun(number int) string {
	command := append([]string{"imcheck", "explore"}, f.target.arguments()...)
	return shellLine(append(command, "--replay", filepath.Join(f.out, differenceFile(number))))
}

// redraw returns the command that plays a difference again: as it was drawn when no file
// is kept.
func (f *exploreFlags) redraw(o *explore.Outcome) func(number int) string {
	return func(number int) string {
		command := append([]string{"imcheck", "explore"}, f.target.arguments()...)
		switch {
		case f.out != "":
			return f.rerun(number)
		case f.replay != "":
			return shellLine(append(command, "--replay", f.replay))
		}
		command = append(command, "--seed", strconv.FormatUint(o.Findings[number-1].Seed, 10), "--steps", "1", "--length", strconv.Itoa(f.options.Length))
		if f.options.Parallel == 1 { // then events that name nobody are judged too
			command = append(command, "--parallel", "1")
		}
		if f.weights != "" {
			command = append(command, "--weights", f.weights)
		}
		if len(f.areas) > 0 {
			command = append(command, "--filter", strings.Join(f.areas, ","))
		}
		return shellLine(command)
	}
}

func differenceFile(number int) string {
	return filepath.Join(differencesFolder, strconv.Itoa(number)+".json")
}

// lastFile is the name of a file with a conversation that was under way when the target
// went away.
func lastFile(number string) string { return "last-" + number + ".json" }

// deliverExplored delivers the report of a run, of conversations or of bytes.
func (a *app) deliverExplored(f *exploreFlags, c *reports.Conformance, bar *progress, save func() error) int {
	d := delivery{
		verb: "explore", out: f.out, bundle: reports.Bundle{Conformance: c},
		save:  save,
		print: func() error { return a.printConformance(c, f.json, true) },
	}
	if err := d.deliver(a, bar); err != nil {
		return a.failed(err)
	}
	return c.ExitCode
}

// saveExplored writes the report, and each conversation that differed to a file, or that
// was under way when the target went away.
func saveExplored(dir string, c *reports.Conformance, o *explore.Outcome) error {
	err := folder.SaveConformance(dir, c)
	for i := range o.Findings {
		err = errors.Join(err, saveConversation(filepath.Join(dir, differenceFile(i+1)), o.Findings[i].File()))
	}
	for i, file := range o.Last {
		err = errors.Join(err, saveConversation(filepath.Join(dir, differencesFolder, lastFile(strconv.Itoa(i+1))), file))
	}
	return err
}

func saveConversation(path string, file *explore.File) error {
	return saveDifference(path, func(w io.Writer) error {
		_, err := file.WriteTo(w)
		return err
	})
}

// saveDifference writes a file in the folder of differences, which it makes.
func saveDifference(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return reports.WriteFile(path, write)
}
