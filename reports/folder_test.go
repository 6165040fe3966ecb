package reports

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSaveConformance(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	want := readModel(t, "fail").Conformance
	if err := SaveConformance(dir, want); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, dir); !slices.Equal(got, []string{JUnitFile, HTMLFile, ConformanceFile, SummaryFile}) {
		t.Errorf("the folder holds %q", got)
	}
	b, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if b.Load != nil || b.Conformance.Reason != want.Reason || len(b.Conformance.Results) != len(want.Results) {
		t.Errorf("the report that was read is not the one that was saved")
	}
}

func TestSaveLoad(t *testing.T) {
	dir := t.TempDir()
	if err := SaveLoad(dir, readModel(t, "load-good").Load); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, dir); !slices.Equal(got, []string{HistogramFolder, LoadFile, HTMLFile, SummaryFile, TimelineFile}) {
		t.Errorf("the folder holds %q", got)
	}
	want := []string{
		"c2c_delivery.all.due.hgrm", "c2c_delivery.all.send.hgrm", "c2s_ack.all.due.hgrm", "c2s_ack.all.send.hgrm",
		"heartbeat.all.due.hgrm", "heartbeat.all.send.hgrm", "login.all.due.hgrm", "login.all.send.hgrm",
	}
	if got := entries(t, filepath.Join(dir, HistogramFolder)); !slices.Equal(got, want) {
		t.Errorf("histograms %q, want %q", got, want)
	}
}

// Whichever run comes second, the page and the summary show both, the
// conformance run first.
func TestSaveShowsBothKinds(t *testing.T) {
	conformance, load := readModel(t, "pass").Conformance, readModel(t, "load-good").Load
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
			html, err := os.ReadFile(filepath.Join(dir, HTMLFile))
			if err != nil {
				t.Fatal(err)
			}
			first, second := bytes.Index(html, []byte(`<section id="conformance">`)), bytes.Index(html, []byte(`<section id="load">`))
			if first < 0 || second < first {
				t.Errorf("conformance at %d, load at %d: want both, in this order", first, second)
			}
			summary, err := os.ReadFile(filepath.Join(dir, SummaryFile))
			if want := markdownOf(t, Bundle{Conformance: conformance, Load: load}); err != nil || !bytes.Equal(summary, want) {
				t.Errorf("the summary is not that of both (%v):\n%s", err, summary)
			}
		})
	}
}

// A broken file of an earlier run costs its own place on the page, and nothing of the new run.
func TestSaveBesideBrokenReport(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, LoadFile), []byte(`{"kind":"lo`), 0o666); err != nil {
		t.Fatal(err)
	}
	err := SaveConformance(dir, readModel(t, "pass").Conformance)
	var format *FormatError
	if !errors.As(err, &format) || !strings.Contains(err.Error(), LoadFile) {
		t.Errorf("got %v, want an error that names %s", err, LoadFile)
	}
	for _, name := range []string{ConformanceFile, JUnitFile, HTMLFile, SummaryFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// One file that cannot be written does not keep the others from being written.
func TestSaveGoesOnAfterFailure(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, JUnitFile), 0o777); err != nil {
		t.Fatal(err)
	}
	err := SaveConformance(dir, readModel(t, "pass").Conformance)
	if err == nil || !strings.Contains(err.Error(), JUnitFile) {
		t.Errorf("got %v, want an error that names %s", err, JUnitFile)
	}
	for _, name := range []string{ConformanceFile, HTMLFile, SummaryFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestReadDirErrors(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(empty, "file")
	renamed := t.TempDir()
	load, err := os.ReadFile(filepath.Join("testdata", "models", "load-good.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(renamed, ConformanceFile), load, 0o666), os.WriteFile(file, nil, 0o666)); err != nil {
		t.Fatal(err)
	}

	_, err = ReadDir(empty)
	if !errors.Is(err, ErrNoReport) {
		t.Errorf("empty folder: got %v, want ErrNoReport", err)
	}
	for _, part := range []string{empty, ConformanceFile, LoadFile} {
		if err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("empty folder: %q does not name %s", err, part)
		}
	}
	if _, err := ReadDir(filepath.Join(empty, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: got %v, want fs.ErrNotExist", err)
	}
	if _, err := ReadDir(file); err == nil || errors.Is(err, ErrNoReport) {
		t.Errorf("a file: got %v, want an error of its own", err)
	}
	var format *FormatError
	if _, err := ReadDir(renamed); !errors.As(err, &format) {
		t.Errorf("a load report named %s: got %v, want a *FormatError", ConformanceFile, err)
	}
}
