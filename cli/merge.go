package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/merge"
	"imcheck/reports/text"
	"imcheck/reports/verdict"
)

// mergeFlags are the flags of report merge, --out aside.
type mergeFlags struct {
	partial    bool
	thresholds []string
}

func (f *mergeFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.partial, "partial", false, "merge: add up what is there when shards are missing; the run is inconclusive then")
	flags.StringArrayVar(&f.thresholds, "threshold", nil, "merge: bound on what the whole run has measured, as of load; those that the shards were given are held as well (repeatable)")
}

// mergeReports adds up the shards of a load run. The exit code is that of the
// whole run.
func (a *app) mergeReports(dirs []string, f mergeFlags, out string, verbose bool) int {
	if out == "" {
		return a.misused(errors.New("report merge: say with --out where the whole run is to go"))
	}
	m, err := mergeShards(dirs, f)
	if err != nil {
		return a.misused(fmt.Errorf("report merge: %w", err))
	}
	if err := prepareOut(out); err != nil {
		return a.misused(fmt.Errorf("report merge: %w", err))
	}
	m.Load.Command = a.command
	if err := m.Save(out); err != nil {
		err = fmt.Errorf("report merge: %w", err)
		if _, refused := errors.AsType[*merge.Error](err); refused {
			return a.misused(err)
		}
		return a.failed(err)
	}
	a.appendStepSummary(reports.Bundle{Load: m.Load})
	options := text.Options{Color: isTerminal(a.out), Verbose: verbose}
	if err := text.WriteLoad(a.out, m.Load, options); err != nil {
		return a.failed(err)
	}
	fmt.Fprintln(a.out, "report:", filepath.Join(out, reports.HTMLFile))
	return m.Load.ExitCode
}

// mergeShards adds up the shards and judges the whole. Nothing is written; an error is
// the user's, or that of a file.
func mergeShards(dirs []string, f mergeFlags) (*merge.Merged, error) {
	asked, err := verdict.ParseThresholds(f.thresholds)
	if err != nil {
		return nil, fmt.Errorf("--threshold: %w", err)
	}
	m, err := merge.Loads(dirs, f.partial)
	if err != nil {
		return nil, err
	}
	return m, m.Judge(asked...)
}
