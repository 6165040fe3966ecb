package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"imcheck/reports"
)

// mergeFlags are the flags of report merge, --out aside.
type mergeFlags struct {
	partial bool
}

func (f *mergeFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.partial, "partial", false, "merge: add up what is there when shards are missing; the run is inconclusive then")
}

// mergeReports adds up the shards of a load run. The exit code is that of the
// whole run.
func (a *app) mergeReports(dirs []string, f mergeFlags, out string, verbose bool) int {
	if out == "" {
		return a.misused(errors.New("report merge: say with --out where the whole run is to go"))
	}
	m, err := reports.MergeLoads(dirs, f.partial)
	if err != nil {
		return a.misused(fmt.Errorf("report merge: %w", err))
	}
	if err := prepareOut(out); err != nil {
		return a.misused(fmt.Errorf("report merge: %w", err))
	}
	m.Load.Command = a.command
	if err := m.Save(out); err != nil {
		err = fmt.Errorf("report merge: %w", err)
		if _, refused := errors.AsType[*reports.MergeError](err); refused {
			return a.misused(err)
		}
		return a.failed(err)
	}
	a.appendStepSummary(reports.Bundle{Load: m.Load})
	options := reports.TextOptions{Color: isTerminal(a.out), Verbose: verbose}
	if err := reports.WriteLoadText(a.out, m.Load, options); err != nil {
		return a.failed(err)
	}
	fmt.Fprintln(a.out, "report:", filepath.Join(out, reports.HTMLFile))
	return m.Load.ExitCode
}
