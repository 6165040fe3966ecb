package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/diff"
	"imcheck/reports/folder"
	"imcheck/reports/text"
)

// diffFlags are the flags of report diff.
type diffFlags struct {
	out      string
	verbose  bool
	maxP99   percent
	minP99   time.Duration
	maxDrift time.Duration
	json     bool
	markdown string
	html     string
}

func (f *diffFlags) register(flags *pflag.FlagSet) {
	f.maxP99 = percent(diff.DefaultBounds.MaxP99Percent)
	minP99 := time.Duration(diff.DefaultBounds.MinP99Us) * time.Microsecond
	maxDrift := time.Duration(diff.DefaultBounds.MaxDriftMs) * time.Millisecond
	flags.Var(&f.maxP99, "max-p99-regression", "by how much p50, p99 and p99.9 of a latency may rise")
	flags.DurationVar(&f.minP99, "min-p99-regression", minP99, "by how much they have to rise at least to count, whatever the percentage")
	flags.DurationVar(&f.maxDrift, "max-drift", maxDrift, "by how much a measured time may drift, either way")
	flags.BoolVar(&f.json, "json", false, "print the comparison as JSON on stdout, the summary on stderr")
	flags.StringVar(&f.markdown, "markdown", "", "file for the comparison as Markdown")
	flags.StringVar(&f.html, "html", "", "file for the comparison as a page that opens offline")
	flags.StringVar(&f.out, "out", "", "folder for diff.json, diff.md, diff.html, junit.xml and ctrf.json")
	flags.BoolVar(&f.verbose, "verbose", false, "show every comparison, also of what did not change")
}

// percent is the value of a flag such as 10% or 2.5%.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// Type returns what --help shows for the value.
func (p percent) Type() string { return "percent" }

// Set reads digits and a percent sign, and nothing else: without the sign 0.1
// could mean two things.
func (p *percent) Set(text string) error {
	number, found := strings.CutSuffix(text, "%")
	plain := strings.IndexFunc(number, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) < 0
	value, err := strconv.ParseFloat(number, 64)
	if !found || !plain || err != nil {
		return errors.New("say it as 10% or 2.5%")
	}
	*p = percent(value)
	return nil
}

// execute compares two runs. The exit code is 1 when the new one is worse, and 2
// when they cannot be compared.
func (f *diffFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags("report diff")
	f.register(flags)
	code, done := a.parse(flags, args, diffUsage, true)
	if !done {
		code = a.diffReports(flags.Args(), *f)
	}
	if code == exitUsage {
		a.clearMisused(args, folder.KindDiff, operandsIn(args)...)
	}
	return code
}

func (a *app) diffReports(dirs []string, f diffFlags) int {
	if len(dirs) != 2 {
		return a.misused(errors.New("report diff: name two folders, the old run and the new one"))
	}
	bounds, err := f.bounds()
	if err != nil {
		return a.misused(fmt.Errorf("report diff: %w", err))
	}
	d, err := diff.Dirs(dirs[0], dirs[1], bounds)
	if err != nil {
		return a.misused(fmt.Errorf("report diff: %w", err))
	}
	if err := f.prepare(); err != nil {
		return a.misused(fmt.Errorf("report diff: %w", err))
	}
	d.Tool, d.Command = "imcheck "+version(), a.command
	// The files first: the reader of stdout may be gone.
	err = errors.Join(f.save(d), a.printDiff(d, f))
	a.annotate(d.Checks())
	if err != nil {
		return a.failed(fmt.Errorf("report diff: %w", err))
	}
	return d.ExitCode
}

// bounds returns how much worse the flags allow the new run to be.
func (f *diffFlags) bounds() (diff.Bounds, error) {
	for _, flag := range []struct {
		name  string
		value time.Duration
	}{{"max-drift", f.maxDrift}, {"min-p99-regression", f.minP99}} {
		if flag.value < 0 {
			return diff.Bounds{}, fmt.Errorf("--%s %v: it cannot be below 0", flag.name, flag.value)
		}
	}
	return diff.Bounds{
		MaxDriftMs:    float64(f.maxDrift) / float64(time.Millisecond),
		MaxP99Percent: float64(f.maxP99),
		MinP99Us:      f.minP99.Microseconds(),
	}, nil
}

// prepare makes sure that the files can be written, before anything is printed. It makes
// the folder of --out last.
func (f *diffFlags) prepare() error {
	if f.html != "" && f.html == f.markdown {
		return fmt.Errorf("--html and --markdown: both name %s", f.html)
	}
	if err := errors.Join(prepareFile("--markdown", f.markdown, f.out), prepareFile("--html", f.html, f.out)); err != nil {
		return err
	}
	return prepareOut(f.out)
}

func (a *app) printDiff(d *diff.Diff, f diffFlags) error {
	return a.printReport(f.json, f.verbose,
		func(w io.Writer) error { return diff.WriteJSON(w, d) },
		func(w io.Writer, o text.Options) error { return diff.WriteText(w, d, o) })
}

// save writes the files that the flags name.
func (f *diffFlags) save(d *diff.Diff) error {
	asMarkdown := func(w io.Writer) error { return diff.WriteMarkdown(w, d) }
	var failures error
	if f.out != "" {
		page := filepath.Join(f.out, diff.HTMLFile)
		failures = errors.Join(
			reports.WriteFile(filepath.Join(f.out, diff.File), func(w io.Writer) error { return diff.WriteJSON(w, d) }),
			reports.WriteFile(filepath.Join(f.out, diff.MarkdownFile), asMarkdown),
			reports.WriteFile(page, asPage(d, page)),
			folder.SaveComparison(f.out, d.Checks()))
	}
	if f.markdown != "" {
		failures = errors.Join(failures, reports.WriteFile(f.markdown, asMarkdown))
	}
	if f.html != "" {
		failures = errors.Join(failures, reports.WriteFile(f.html, asPage(d, f.html)))
	}
	return failures
}

// asPage returns what writes the page to path: its links are relative to there.
func asPage(d *diff.Diff, path string) func(io.Writer) error {
	return func(w io.Writer) error { return diff.WriteHTML(w, d, filepath.Dir(path)) }
}
