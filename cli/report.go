package cli

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/folder"
)

const reportSynopsis = `report html DIR...               (write each DIR/report.html anew; of several also index.html over them, with trends)
       imcheck report merge DIR... --out DIR  (add up the shards of a load run)
       imcheck report diff OLD NEW            (what has become worse; exit code 1 when something has)`

// reportForms is what a user can do, for an error.
const reportForms = "report html DIR..., report merge DIR... --out DIR, or report diff OLD NEW"

// reportFlags are the flags of report. Those of merge and of diff are flags of
// these forms only.
type reportFlags struct {
	verbose         bool
	out             string
	merge           mergeFlags
	diff            diffFlags
	ofMerge, ofDiff *pflag.FlagSet
}

func (f *reportFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.verbose, "verbose", false, "show whole transcripts and every measurement")
	flags.StringVar(&f.out, "out", "", "html: folder for index.html (default: the deepest one that all DIRs share); merge: for load.json, report.html, summary.md, timeline.csv and histograms/ of the whole run; diff: for diff.json, diff.md and diff.html")
	f.ofMerge, f.ofDiff = newFlags("merge"), newFlags("diff")
	f.merge.register(f.ofMerge)
	f.diff.register(f.ofDiff)
	flags.AddFlagSet(f.ofMerge)
	flags.AddFlagSet(f.ofDiff)
}

// report renders, adds up and compares what runs have left in folders.
func report(_ context.Context, a *app, args []string) int {
	var f reportFlags
	flags := newFlags("report")
	f.register(flags)
	code := f.run(a, flags, args)
	kind := map[string]string{"merge": reports.KindLoad, "diff": folder.KindDiff}[flags.Arg(0)]
	if code == exitUsage && kind != "" {
		a.clearMisused(args, kind, flags.Args()[1:]...)
	}
	return code
}

func (f *reportFlags) run(a *app, flags *pflag.FlagSet, args []string) int {
	if code, done := a.parse(flags, args, reportSynopsis, true); done {
		return code
	}
	if err := noStrayFlags(flags.Arg(0), f.ofMerge, f.ofDiff); err != nil {
		return a.misused(fmt.Errorf("report %s: %w", flags.Arg(0), err))
	}
	switch {
	case flags.NArg() == 0:
		return a.misused(fmt.Errorf("report: say what to do: %s", reportForms))
	case flags.Arg(0) == "merge":
		return a.mergeReports(flags.Args()[1:], f.merge, f.out, f.verbose)
	case flags.Arg(0) == "diff":
		return a.diffReports(flags.Args()[1:], f.diff, f.out, f.verbose)
	case flags.Arg(0) != "html":
		return a.misused(fmt.Errorf("report: unknown form %q: use %s", flags.Arg(0), reportForms))
	}
	return a.renderHTML(flags.Args()[1:], f.out, f.verbose)
}

// noStrayFlags refuses a flag that belongs to another form: what a user asked for
// must not be passed over.
func noStrayFlags(form string, own ...*pflag.FlagSet) (err error) {
	for _, set := range own {
		set.VisitAll(func(f *pflag.Flag) {
			if f.Changed && set.Name() != form && err == nil {
				err = fmt.Errorf("--%s is a flag of report %s", f.Name, set.Name())
			}
		})
	}
	return err
}
