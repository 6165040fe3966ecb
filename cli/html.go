package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/index"
	"imcheck/reports/text"
)

// htmlFlags are the flags of report html.
type htmlFlags struct {
	out     string // folder of the index; "" when it is up to the runs
	verbose bool
}

func (f *htmlFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.verbose, "verbose", false, "show whole transcripts and every measurement; of one run only")
	flags.StringVar(&f.out, "out", "", "folder for index.html (default, of several runs: the deepest one that all DIRs share)")
}

// execute writes the pages of runs anew, and an index over them when there are
// several or --out names a folder for it.
func (f *htmlFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags("report html")
	f.register(flags)
	if code, done := a.parse(flags, args, htmlUsage, true); done {
		return code
	}
	dirs := index.Distinct(flags.Args())
	switch {
	case len(dirs) == 0:
		return a.misused(errors.New("report html: name the folders that runs were given with --out"))
	case len(dirs) == 1 && f.out == "":
		return a.renderOne(dirs[0], f.verbose)
	case f.verbose:
		return a.misused(errors.New("report html: --verbose shows one run: name one folder, and no --out"))
	}
	return a.renderIndex(flags.Name(), dirs, f.out)
}

// renderOne writes the page of a run and prints its summary.
func (a *app) renderOne(dir string, verbose bool) int {
	bundle, err := reports.ReadDir(dir)
	if err != nil {
		return a.misused(fmt.Errorf("report html: %w", err))
	}
	if err := folder.SavePage(dir, bundle); err != nil {
		return a.failed(fmt.Errorf("report html: %w", err))
	}
	options := summaryOptions(a.out, verbose)
	if bundle.Conformance != nil {
		if err := text.WriteConformance(a.out, bundle.Conformance, options); err != nil {
			return a.failed(err)
		}
	}
	if bundle.Load != nil {
		if err := text.WriteLoad(a.out, bundle.Load, options); err != nil {
			return a.failed(err)
		}
	}
	if bundle.Capacity != nil {
		if err := text.WriteCapacity(a.out, bundle.Capacity, options); err != nil {
			return a.failed(err)
		}
	}
	fmt.Fprintln(a.out, "report:", filepath.Join(dir, reports.HTMLFile))
	return exitGood
}
