package reports_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestReadDirErrors(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(empty, "file")
	renamed := t.TempDir()
	load := reporttest.ModelText(t, "load-good")
	if err := errors.Join(os.WriteFile(filepath.Join(renamed, reports.ConformanceFile), load, 0o666), os.WriteFile(file, nil, 0o666)); err != nil {
		t.Fatal(err)
	}

	_, err := reports.ReadDir(empty)
	if !errors.Is(err, reports.ErrNoReport) {
		t.Errorf("empty folder: got %v, want ErrNoReport", err)
	}
	for _, part := range []string{empty, reports.ConformanceFile, reports.LoadFile} {
		if err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("empty folder: %q does not name %s", err, part)
		}
	}
	if _, err := reports.ReadDir(filepath.Join(empty, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: got %v, want fs.ErrNotExist", err)
	}
	if _, err := reports.ReadDir(file); err == nil || errors.Is(err, reports.ErrNoReport) {
		t.Errorf("a file: got %v, want an error of its own", err)
	}
	var format *reports.FormatError
	if _, err := reports.ReadDir(renamed); !errors.As(err, &format) {
		t.Errorf("a load report named %s: got %v, want a *FormatError", reports.ConformanceFile, err)
	}
}
