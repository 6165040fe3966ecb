package reports

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

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

// saveHistograms writes one file for each latency of all transports together;
// the others can be had from the JSON.
func saveHistograms(dir string, latencies []Latency) error {
	var outputs []output
	var failures error
	for _, l := range latencies {
		if l.Transport != AllTransports || l.Histogram == "" {
			continue
		}
		if !isFileNamePart(l.Kind) || !isFileNamePart(l.From) {
			failures = errors.Join(failures, fmt.Errorf("the histogram of kind %q from %q has no file: only a–z, 0–9 and _ can stand in its name", l.Kind, l.From))
			continue
		}
		name := fmt.Sprintf("%s.%s.%s.hgrm", l.Kind, l.Transport, l.From)
		outputs = append(outputs, output{name, func(w io.Writer) error { return WriteHistogram(w, l) }})
	}
	if len(outputs) == 0 {
		return failures
	}
	return errors.Join(failures, save(dir, outputs))
}
