package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/merge"
	"imcheck/reports/text"
	"imcheck/reports/verdict"
)

// mergeFlags are the flags of report merge.
type mergeFlags struct {
	out        string
	partial    bool
	thresholds []string
	verbose    bool
}

func (f *mergeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "folder for load.json, report.html, summary.md, junit.xml, ctrf.json, timeline.csv and histograms/ of the whole run")
	flags.BoolVar(&f.partial, "partial", false, "add up what is there when shards are missing; the run is inconclusive then")
	flags.StringArrayVar(&f.thresholds, "threshold", nil, "bound on a figure of the whole run, written as for load (repeatable; adds to those that the shards were given)")
	flags.BoolVar(&f.verbose, "verbose", false, "show every second of the run")
}

// execute adds up the shards of a load run. The exit code is that of the whole
// run.
func (f *mergeFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags("report merge")
	f.register(flags)
	code, done := a.parse(flags, args, mergeUsage, true)
	if !done {
		code = a.mergeReports(flags.Args(), *f)
	}
	if code == exitUsage {
		a.clearMisused(args, reports.KindLoad, operandsIn(args)...)
	}
	return code
}

func (a *app) mergeReports(dirs []string, f mergeFlags) int {
	if f.out == "" {
		return a.misused(errors.New("report merge: say with --out where the whole run is to go"))
	}
	m, err := mergeShards(dirs, f)
	if err != nil {
		return a.misused(fmt.Errorf("report merge: %w", err))
	}
	if err := prepareOut(f.out); err != nil {
		return a.misused(fmt.Errorf("report merge: %w", err))
	}
	m.Load.Command = a.command
	if err := m.Save(f.out); err != nil {
		err = fmt.Errorf("report merge: %w", err)
		if _, refused := errors.AsType[*merge.Error](err); refused {
			return a.misused(err)
		}
		return a.failed(err)
	}
	a.appendStepSummary(reports.Bundle{Load: m.Load})
	if err := text.WriteLoad(a.out, m.Load, summaryOptions(a.out, f.verbose)); err != nil {
		return a.failed(err)
	}
	fmt.Fprintln(a.out, "report:", filepath.Join(f.out, reports.HTMLFile))
	a.annotate(checks.OfLoad(m.Load))
	return m.Load.ExitCode
}

// mergeShards adds up the shards and judges the whole. It writes nothing; an error is the
// user's, or that of a file.
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
