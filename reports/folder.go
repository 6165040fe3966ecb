package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Names in the folder that a run leaves behind.
const (
	ConformanceFile = "report.json"
	LoadFile        = "load.json"
	JUnitFile       = "junit.xml"
	HTMLFile        = "report.html"
	SummaryFile     = "summary.md"
	TimelineFile    = "timeline.csv"
	HistogramFolder = "histograms"
)

// Bundle is what one folder holds: a report of either kind, or of both.
type Bundle struct {
	Conformance *Conformance
	Load        *Load
	// Folder has the files beside the reports, such as traces; nil when there is
	// none, and then the page shows what the reports themselves have.
	Folder fs.FS
}

// empty reports whether there is nothing to show.
func (b Bundle) empty() bool { return b.Conformance == nil && b.Load == nil }

// ErrNoReport is what ReadDir's error matches when a folder has no report.
var ErrNoReport = errors.New("no report")

// ReadDir reads the reports of a folder. The error matches ErrNoReport when
// there is none, and is a *FormatError when one of them cannot be understood.
func ReadDir(dir string) (Bundle, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return Bundle{}, fmt.Errorf("read the folder of a report: %w", err)
	}
	conformance, err := readIfThere(filepath.Join(dir, ConformanceFile), KindConformance)
	if err != nil {
		return Bundle{}, err
	}
	load, err := readIfThere(filepath.Join(dir, LoadFile), KindLoad)
	if err != nil {
		return Bundle{}, err
	}
	both := Bundle{conformance.Conformance, load.Load, os.DirFS(dir)}
	if both.empty() {
		return Bundle{}, fmt.Errorf("%w in %s: neither %s nor %s is there; name the folder that a run was given with --out",
			ErrNoReport, dir, ConformanceFile, LoadFile)
	}
	return both, nil
}

// readIfThere returns an empty bundle when there is no such file.
func readIfThere(path, kind string) (Bundle, error) {
	found, err := readKind(path, kind)
	if errors.Is(err, fs.ErrNotExist) {
		return Bundle{}, nil
	}
	return found, err
}

// output is one file of a folder.
type output struct {
	name  string
	write func(io.Writer) error
}

// SaveConformance writes report.json, junit.xml, report.html and summary.md
// into dir, which it makes when it is missing. A load.json that is there already
// is shown in the page and the summary too. One file that fails does not keep
// the others from being written: the error joins what went wrong.
func SaveConformance(dir string, c *Conformance) error {
	neighbour, neighbourErr := readIfThere(filepath.Join(dir, LoadFile), KindLoad)
	both := Bundle{c, neighbour.Load, os.DirFS(dir)}
	return errors.Join(
		save(dir, []output{
			{ConformanceFile, func(w io.Writer) error { return WriteConformanceJSON(w, c) }},
			{JUnitFile, func(w io.Writer) error { return WriteJUnit(w, c) }},
			{HTMLFile, func(w io.Writer) error { return WriteHTML(w, both) }},
			{SummaryFile, func(w io.Writer) error { return WriteMarkdown(w, both) }},
		}),
		leftOut(neighbourErr))
}

// SaveLoad writes load.json, report.html, summary.md, timeline.csv and, in the
// folder histograms, the percentiles of all transports together into dir, which
// it makes when it is missing. A report.json that is there already is shown in the
// page and the summary too. One file that fails does not keep the others from
// being written: the error joins what went wrong.
func SaveLoad(dir string, l *Load) error {
	neighbour, neighbourErr := readIfThere(filepath.Join(dir, ConformanceFile), KindConformance)
	both := Bundle{neighbour.Conformance, l, os.DirFS(dir)}
	return errors.Join(
		save(dir, []output{
			{LoadFile, func(w io.Writer) error { return WriteLoadJSON(w, l) }},
			{HTMLFile, func(w io.Writer) error { return WriteHTML(w, both) }},
			{SummaryFile, func(w io.Writer) error { return WriteMarkdown(w, both) }},
			{TimelineFile, func(w io.Writer) error { return WriteTimelineCSV(w, l) }},
		}),
		saveHistograms(filepath.Join(dir, HistogramFolder), append(slices.Clip(l.Latencies), latenessOf(l.Generator))),
		leftOut(neighbourErr))
}

func save(dir string, outputs []output) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make the folder of the report: %w", err)
	}
	var failures error
	for _, o := range outputs {
		failures = errors.Join(failures, WriteFile(filepath.Join(dir, o.name), o.write))
	}
	return failures
}

// latenessOf is the generator's own lateness, as a latency is written.
func latenessOf(g Generator) Latency {
	return Latency{Kind: "generator_lateness", Transport: AllTransports, From: FromDue, Histogram: g.LatenessHistogram}
}

// leftOut says what a broken report of the other kind, found in the same
// folder, costs: its place in the page and the summary.
func leftOut(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s and %s do not show the report that was in the folder before: %w", HTMLFile, SummaryFile, err)
}
