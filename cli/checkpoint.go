package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/target"
	"imcheck/reports"
	"imcheck/reports/folder"
)

// checkpointFlag says how often a load writes its report so far.
type checkpointFlag struct{ every time.Duration }

// Bounds of the time between two checkpoints, and what it is where none is given: in a run
// that takes long enough to be sorry about.
const (
	minCheckpoint     = 10 * time.Second
	maxCheckpoint     = 24 * time.Hour
	defaultCheckpoint = 5 * time.Minute
	checkpointsFrom   = time.Hour
)

func (f *checkpointFlag) register(flags *pflag.FlagSet) {
	flags.DurationVar(&f.every, "checkpoint", 0, "write the report so far to --out this often, so that it is there if the run does not live to its end (10s to 24h, or 0 for never; 5m by default in runs of an hour or more)")
}

// check refuses a time that cannot be had, or has nothing to write to.
func (f *checkpointFlag) check(l *loadFlags) error {
	if !l.flags.Changed("checkpoint") {
		if l.out != "" && l.find.search == "" && l.swarm.Planned() >= checkpointsFrom {
			f.every = defaultCheckpoint
		}
		return nil
	}
	switch {
	case f.every != 0 && (f.every < minCheckpoint || f.every > maxCheckpoint):
		return fmt.Errorf("--checkpoint: %v is out of range: use %v to %v, or 0 for never", f.every, minCheckpoint, maxCheckpoint)
	case l.find.search != "":
		return errors.New("--checkpoint: a search writes the report of each step when that has ended: leave it out with --find")
	case f.every != 0 && l.out == "":
		return errors.New("--checkpoint: name the folder to write to with --out")
	}
	return nil
}

// checkpoints has a load write its report so far to the folder of its report. What goes wrong
// is said once.
func (a *app) checkpoints(f *loadFlags, t *target.Target, bar *progress) {
	if f.checkpoint.every == 0 {
		return
	}
	bar.note("the report so far goes to %s every %v", filepath.Join(f.out, reports.LoadFile), f.checkpoint.every)
	failed := false
	f.swarm.CheckpointEvery = f.checkpoint.every
	f.swarm.Checkpoint = func(l *reports.Load) {
		l.Generator.ServerInProcess = f.target.embedded()
		completeHeader(&l.Header, header(a, reports.KindLoad, t))
		if err := folder.SaveCheckpoint(f.out, l); err != nil && !failed {
			failed = true
			bar.note("the report so far could not be written: %v", err)
		}
	}
}
