// Package folder writes the report of a run in every form into one folder.
// [reports.ReadDir] reads it again.
package folder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"imcheck/reports"
	"imcheck/reports/junit"
	"imcheck/reports/markdown"
	"imcheck/reports/page"
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
func SaveConformance(dir string, c *reports.Conformance) error {
	neighbour, neighbourErr := reports.ReadIfThere(filepath.Join(dir, reports.LoadFile), reports.KindLoad)
	both := reports.Bundle{Conformance: c, Load: neighbour.Load, Folder: os.DirFS(dir)}
	return errors.Join(
		save(dir, []output{
			{reports.ConformanceFile, func(w io.Writer) error { return reports.WriteConformanceJSON(w, c) }},
			{reports.JUnitFile, func(w io.Writer) error { return junit.Write(w, c) }},
		}),
		savePages(dir, both),
		leftOut(neighbourErr))
}

// SaveLoad writes load.json, report.html, summary.md, timeline.csv and, in the
// folder histograms, the percentiles of all transports together into dir, which
// it makes when it is missing. A report.json that is there already is shown in the
// page and the summary too. One file that fails does not keep the others from
// being written: the error joins what went wrong.
func SaveLoad(dir string, l *reports.Load) error {
	neighbour, neighbourErr := reports.ReadIfThere(filepath.Join(dir, reports.ConformanceFile), reports.KindConformance)
	both := reports.Bundle{Conformance: neighbour.Conformance, Load: l, Folder: os.DirFS(dir)}
	return errors.Join(
		save(dir, []output{
			{reports.LoadFile, func(w io.Writer) error { return reports.WriteLoadJSON(w, l) }},
			{reports.TimelineFile, func(w io.Writer) error { return reports.WriteTimelineCSV(w, l) }},
		}),
		savePages(dir, both),
		saveHistograms(filepath.Join(dir, reports.HistogramFolder), append(slices.Clip(l.Latencies), latenessOf(l.Generator))),
		leftOut(neighbourErr))
}

// savePages writes what shows the runs of both kinds.
func savePages(dir string, both reports.Bundle) error {
	return save(dir, []output{
		{reports.HTMLFile, func(w io.Writer) error { return page.Write(w, both) }},
		{reports.SummaryFile, func(w io.Writer) error { return markdown.Write(w, both) }},
	})
}

func save(dir string, outputs []output) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make the folder of the report: %w", err)
	}
	var failures error
	for _, o := range outputs {
		failures = errors.Join(failures, reports.WriteFile(filepath.Join(dir, o.name), o.write))
	}
	return failures
}

// latenessOf returns the lateness of the generator in the form of a latency.
func latenessOf(g reports.Generator) reports.Latency {
	return reports.Latency{Kind: "generator_lateness", Transport: reports.AllTransports, From: reports.FromDue, Histogram: g.LatenessHistogram}
}

// leftOut explains that a broken report of the other kind, found in the same folder, is
// left out of the page and the summary.
func leftOut(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s and %s do not show the report that was in the folder before: %w", reports.HTMLFile, reports.SummaryFile, err)
}

// saveHistograms writes one file for each latency of all transports together;
// the others can be had from the JSON.
func saveHistograms(dir string, latencies []reports.Latency) error {
	var outputs []output
	var failures error
	for _, l := range latencies {
		if l.Transport != reports.AllTransports || l.Histogram == "" {
			continue
		}
		if !reports.IsFileNamePart(string(l.Kind)) || !reports.IsFileNamePart(l.From) {
			failures = errors.Join(failures, fmt.Errorf("the histogram of kind %q from %q has no file: its name may have a–z, 0–9 and _ only", l.Kind, l.From))
			continue
		}
		name := fmt.Sprintf("%s.%s.%s.hgrm", l.Kind, l.Transport, l.From)
		outputs = append(outputs, output{name, func(w io.Writer) error { return reports.WriteHistogram(w, l) }})
	}
	if len(outputs) == 0 {
		return failures
	}
	return errors.Join(failures, save(dir, outputs))
}
