package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"imcheck/reports"
)

const reportSynopsis = `report html DIR                  (write DIR/report.html anew and print the summary)
       imcheck report merge DIR... --out DIR  (add up the shards of a load run)
       imcheck report diff OLD NEW            (what has become worse; exit code 1 when something has)`

// reportForms is what a user can do, for an error.
const reportForms = "report html DIR, report merge DIR... --out DIR, or report diff OLD NEW"

// report renders, adds up and compares what runs have left in folders.
func report(_ context.Context, a *app, args []string) int {
	flags := newFlags("report")
	verbose := flags.Bool("verbose", false, "show whole transcripts and every measurement")
	out := flags.String("out", "", "merge: folder for load.json, report.html, summary.md, timeline.csv and histograms/ of the whole run; diff: for diff.json and diff.md")
	var m mergeFlags
	m.register(flags)
	var d diffFlags
	d.register(flags)
	if code, done := a.parse(flags, args, reportSynopsis, true); done {
		return code
	}
	switch {
	case flags.NArg() == 0:
		return a.misused(fmt.Errorf("report: say what to do: %s", reportForms))
	case flags.Arg(0) == "merge":
		return a.mergeReports(flags.Args()[1:], m, *out, *verbose)
	case flags.Arg(0) == "diff":
		return a.diffReports(flags.Args()[1:], d, *out, *verbose)
	case flags.Arg(0) != "html":
		return a.misused(fmt.Errorf("report: unknown form %q: use %s", flags.Arg(0), reportForms))
	case flags.NArg() != 2:
		return a.misused(fmt.Errorf("report html: name one folder, the one that a run was given with --out"))
	}
	return a.renderHTML(flags.Arg(1), *verbose)
}

func (a *app) renderHTML(dir string, verbose bool) int {
	bundle, err := reports.ReadDir(dir)
	if err != nil {
		return a.misused(fmt.Errorf("report html: %w", err))
	}
	page := filepath.Join(dir, reports.HTMLFile)
	if err := reports.WriteFile(page, func(w io.Writer) error { return reports.WriteHTML(w, bundle) }); err != nil {
		return a.failed(fmt.Errorf("report html: %w", err))
	}
	options := reports.TextOptions{Color: isTerminal(a.out), Verbose: verbose}
	if bundle.Conformance != nil {
		if err := reports.WriteConformanceText(a.out, bundle.Conformance, options); err != nil {
			return a.failed(err)
		}
	}
	if bundle.Load != nil {
		if err := reports.WriteLoadText(a.out, bundle.Load, options); err != nil {
			return a.failed(err)
		}
	}
	fmt.Fprintln(a.out, "report:", page)
	return exitGood
}
