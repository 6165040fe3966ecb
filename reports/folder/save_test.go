package folder

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/ctrf"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/junit"
	"imcheck/reports/markdown"
)

func TestSaveConformance(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	want := reporttest.Model(t, "fail").Conformance
	if err := SaveConformance(dir, want); err != nil {
		t.Fatal(err)
	}
	if got := reporttest.Entries(t, dir); !slices.Equal(got, []string{reports.BadgeFile, reports.CTRFFile, reports.JUnitFile, reports.HTMLFile, reports.ConformanceFile, reports.SummaryFile}) {
		t.Errorf("the folder holds %q", got)
	}
	b, err := reports.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if b.Load != nil || b.Conformance.Reason != want.Reason || len(b.Conformance.Results) != len(want.Results) {
		t.Errorf("the report that was read is not the one that was saved")
	}
}

func TestSaveLoad(t *testing.T) {
	dir := t.TempDir()
	if err := SaveLoad(dir, reporttest.Model(t, "load-good").Load); err != nil {
		t.Fatal(err)
	}
	if got := reporttest.Entries(t, dir); !slices.Equal(got, []string{reports.CTRFFile, reports.HistogramFolder, reports.JUnitFile, reports.LoadFile, reports.HTMLFile, reports.SummaryFile, reports.TimelineFile}) {
		t.Errorf("the folder holds %q", got)
	}
	want := []string{
		"c2c_delivery.all.due.hgrm", "c2c_delivery.all.send.hgrm", "c2s_ack.all.due.hgrm", "c2s_ack.all.send.hgrm",
		"heartbeat.all.due.hgrm", "heartbeat.all.send.hgrm", "login.all.due.hgrm", "login.all.send.hgrm",
	}
	if got := reporttest.Entries(t, filepath.Join(dir, reports.HistogramFolder)); !slices.Equal(got, want) {
		t.Errorf("histograms %q, want %q", got, want)
	}
}

// Whichever run comes second, the page, the summary and the files for continuous
// integration show both, the conformance run first.
func TestSaveShowsBothKinds(t *testing.T) {
	conformance, load := reporttest.Model(t, "pass").Conformance, reporttest.Model(t, "load-good").Load
	tests := map[string][]func(dir string) error{
		"load second":        {func(d string) error { return SaveConformance(d, conformance) }, func(d string) error { return SaveLoad(d, load) }},
		"conformance second": {func(d string) error { return SaveLoad(d, load) }, func(d string) error { return SaveConformance(d, conformance) }},
	}
	for name, saves := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, save := range saves {
				if err := save(dir); err != nil {
					t.Fatal(err)
				}
			}
			html, err := os.ReadFile(filepath.Join(dir, reports.HTMLFile))
			if err != nil {
				t.Fatal(err)
			}
			first, second := bytes.Index(html, []byte(`<section id="conformance">`)), bytes.Index(html, []byte(`<section id="load">`))
			if first < 0 || second < first {
				t.Errorf("conformance at %d, load at %d: want both, in this order", first, second)
			}
			summary, err := os.ReadFile(filepath.Join(dir, reports.SummaryFile))
			if want := reporttest.Rendered(t, func(w io.Writer) error {
				return markdown.Write(w, reports.Bundle{Conformance: conformance, Load: load})
			}); err != nil || !bytes.Equal(summary, want) {
				t.Errorf("the summary is not that of both (%v):\n%s", err, summary)
			}
			both := Checks(reports.Bundle{Conformance: conformance, Load: load})
			for name, write := range map[string]func(io.Writer) error{
				reports.JUnitFile: func(w io.Writer) error { return junit.Write(w, both...) },
				reports.CTRFFile:  func(w io.Writer) error { return ctrf.Write(w, both...) },
			} {
				if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, reporttest.Rendered(t, write)) {
					t.Errorf("%s is not that of both (%v)", name, err)
				}
			}
		})
	}
}

// The checks of a comparison come after those of a run that is in the same folder.
func TestSaveComparison(t *testing.T) {
	comparison := checks.Run{Header: reports.Header{Kind: KindDiff, Outcome: reports.OutcomePass}}
	for _, run := range []bool{false, true} {
		dir := t.TempDir()
		names := []string{"imcheck diff"}
		if run {
			if err := SaveLoad(dir, reporttest.Model(t, "load-good").Load); err != nil {
				t.Fatal(err)
			}
			names = []string{"imcheck load", "imcheck diff"}
		}
		if err := SaveComparison(dir, comparison); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, reports.JUnitFile))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, found := range regexp.MustCompile(`<testsuite name="([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			got = append(got, found[1])
		}
		if !slices.Equal(got, names) {
			t.Errorf("suites %q, want %q", got, names)
		}
	}
}

// A broken file of an earlier run costs its own place on the page, and nothing of the new run.
func TestSaveBesideBrokenReport(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, reports.LoadFile), []byte(`{"kind":"lo`), 0o666); err != nil {
		t.Fatal(err)
	}
	err := SaveConformance(dir, reporttest.Model(t, "pass").Conformance)
	var format *reports.FormatError
	if !errors.As(err, &format) || !strings.Contains(err.Error(), reports.LoadFile) {
		t.Errorf("got %v, want an error that names %s", err, reports.LoadFile)
	}
	for _, name := range []string{reports.ConformanceFile, reports.JUnitFile, reports.HTMLFile, reports.SummaryFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// One file that cannot be written does not keep the others from being written.
func TestSaveGoesOnAfterFailure(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, reports.JUnitFile), 0o777); err != nil {
		t.Fatal(err)
	}
	err := SaveConformance(dir, reporttest.Model(t, "pass").Conformance)
	if err == nil || !strings.Contains(err.Error(), reports.JUnitFile) {
		t.Errorf("got %v, want an error that names %s", err, reports.JUnitFile)
	}
	for _, name := range []string{reports.ConformanceFile, reports.HTMLFile, reports.SummaryFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// A kind from a report cannot make a file outside of the folder.
func TestSaveHistogramsStayInTheirFolder(t *testing.T) {
	good := reporttest.LatencyWithHistogram(t, reporttest.Model(t, "load-good").Load).Histogram
	dir := t.TempDir()
	err := saveHistograms(filepath.Join(dir, reports.HistogramFolder), []reports.Latency{
		{Kind: "../escaped", Transport: reports.AllTransports, From: reports.FromDue, Histogram: good},
		{Kind: "login", Transport: reports.AllTransports, From: reports.FromDue, Histogram: good},
		{Kind: "login", Transport: "udp", From: reports.FromDue, Histogram: good},
		{Kind: "heartbeat", Transport: reports.AllTransports, From: reports.FromDue},
	})
	if err == nil || !strings.Contains(err.Error(), "../escaped") {
		t.Errorf("got %v, want an error that names the kind", err)
	}
	if got := reporttest.Entries(t, dir); len(got) != 1 {
		t.Errorf("beside the folder: %q", got)
	}
	if got := reporttest.Entries(t, filepath.Join(dir, reports.HistogramFolder)); len(got) != 1 || got[0] != "login.all.due.hgrm" {
		t.Errorf("in the folder: %q", got)
	}
}

// Without any histogram no folder is made.
func TestSaveHistogramsWithoutAny(t *testing.T) {
	dir := filepath.Join(t.TempDir(), reports.HistogramFolder)
	if err := saveHistograms(dir, []reports.Latency{{Kind: "login", Transport: reports.AllTransports}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("got %v, want no folder", err)
	}
}
