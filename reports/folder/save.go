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
	"imcheck/reports/badge"
	"imcheck/reports/checks"
	"imcheck/reports/ctrf"
	"imcheck/reports/junit"
	"imcheck/reports/markdown"
	"imcheck/reports/page"
)

// output is one file of a folder.
type output struct {
	name  string
	write func(io.Writer) error
}

// SaveConformance writes report.json, badge.json, report.html, summary.md, junit.xml and ctrf.json
// into dir, which it makes when it is missing. A load.json that is there already
// is shown in all but report.json and badge.json too. One file that fails does not keep
// the others from being written: the error joins what went wrong.
func SaveConformance(dir string, c *reports.Conformance) error {
	neighbour, neighbourErr := reports.ReadIfThere(filepath.Join(dir, reports.LoadFile), reports.KindLoad)
	found, foundErr := reports.ReadIfThere(filepath.Join(dir, reports.CapacityFile), reports.KindCapacity)
	both := reports.Bundle{Conformance: c, Load: neighbour.Load, Capacity: found.Capacity, Folder: os.DirFS(dir)}
	return errors.Join(
		save(dir, []output{
			{reports.ConformanceFile, func(w io.Writer) error { return reports.WriteConformanceJSON(w, c) }},
		}),
		savePages(dir, both),
		leftOut(neighbourErr), leftOut(foundErr))
}

// SaveLoad writes load.json, timeline.csv, report.html, summary.md, junit.xml, ctrf.json
// and, in the folder histograms, the percentiles of all transports together into dir, which
// it makes when it is missing. A report.json that is there already is shown in the
// page, the summary and the files for continuous integration too. One file that fails does
// not keep the others from being written: the error joins what went wrong.
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

// SaveCheckpoint writes load.json of a run that goes on into dir, which it makes when it is
// missing. It takes the place of the one before as a whole: who reads it never finds a part.
func SaveCheckpoint(dir string, l *reports.Load) error {
	return save(dir, []output{{reports.LoadFile, func(w io.Writer) error { return reports.WriteLoadJSON(w, l) }}})
}

// SaveCapacity writes capacity.json, report.html, summary.md, junit.xml and ctrf.json into
// dir, which it makes when it is missing. A report.json that is there already is shown in
// all but the first too.
func SaveCapacity(dir string, c *reports.Capacity) error {
	neighbour, neighbourErr := reports.ReadIfThere(filepath.Join(dir, reports.ConformanceFile), reports.KindConformance)
	both := reports.Bundle{Conformance: neighbour.Conformance, Capacity: c, Folder: os.DirFS(dir)}
	return errors.Join(
		save(dir, []output{{reports.CapacityFile, func(w io.Writer) error { return reports.WriteCapacityJSON(w, c) }}}),
		savePages(dir, both),
		leftOut(neighbourErr))
}

// savePages writes what shows the runs of both kinds.
func savePages(dir string, both reports.Bundle) error {
	return errors.Join(
		SavePage(dir, both),
		save(dir, []output{{reports.SummaryFile, func(w io.Writer) error { return markdown.Write(w, both) }}}),
		saveChecks(dir, Checks(both)))
}

// SavePage writes report.html into dir, which it makes when it is missing, and badge.json
// where there is a conformance run.
func SavePage(dir string, both reports.Bundle) error {
	outputs := []output{{reports.HTMLFile, func(w io.Writer) error { return page.Write(w, both) }}}
	if c := both.Conformance; c != nil {
		outputs = append(outputs, output{reports.BadgeFile, func(w io.Writer) error { return badge.Write(w, c) }})
	}
	return save(dir, outputs)
}

// Checks returns the checks of the runs that a bundle has, the conformance run first.
func Checks(both reports.Bundle) (runs []checks.Run) {
	if both.Conformance != nil {
		runs = append(runs, checks.OfConformance(both.Conformance))
	}
	if both.Load != nil {
		runs = append(runs, checks.OfLoad(both.Load))
	}
	if both.Capacity != nil {
		runs = append(runs, checks.OfCapacity(both.Capacity))
	}
	return runs
}

// saveChecks writes what continuous integration reads.
func saveChecks(dir string, runs []checks.Run) error {
	return save(dir, []output{
		{reports.JUnitFile, func(w io.Writer) error { return junit.Write(w, runs...) }},
		{reports.CTRFFile, func(w io.Writer) error { return ctrf.Write(w, runs...) }},
	})
}

// SaveComparison writes junit.xml and ctrf.json with the checks of a comparison into dir,
// which it makes when it is missing. Those of runs that are in the same folder come first.
func SaveComparison(dir string, comparison checks.Run) error {
	return saveChecks(dir, append(Checks(runsIn(dir)), comparison))
}

// SaveTalk writes talk.json, junit.xml and ctrf.json into dir, which it makes when it is
// missing. The checks of runs that are in the same folder come first.
func SaveTalk(dir string, t *reports.Talk) error {
	return errors.Join(
		save(dir, []output{{reports.TalkFile, func(w io.Writer) error { return reports.WriteTalkJSON(w, t) }}}),
		saveChecks(dir, append(Checks(runsIn(dir)), checks.OfTalk(t))))
}

// ChecksOfTalk returns the checks of a talk.
func ChecksOfTalk(t *reports.Talk) checks.Run { return checks.OfTalk(t) }

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
// left out of the page and the other files that show both.
func leftOut(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s and the others do not show the report that was in the folder before: %w", reports.HTMLFile, err)
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
