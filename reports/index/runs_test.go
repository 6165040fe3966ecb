package index

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
)

// indexStart is the start of the first run of runFolders.
var indexStart = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)

// saveRun leaves a run in a folder below root, begun so many hours after indexStart.
func saveRun(t *testing.T, root, name string, hours int, b reports.Bundle) string {
	t.Helper()
	dir := filepath.Join(root, name)
	started := indexStart.Add(time.Duration(hours) * time.Hour)
	if c := b.Conformance; c != nil {
		c.Started = started
		if err := folder.SaveConformance(dir, c); err != nil {
			t.Fatal(err)
		}
	}
	if l := b.Load; l != nil {
		l.Started = started.Add(time.Minute)
		if err := folder.SaveLoad(dir, l); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runFolders are five folders: three of conformance, two of which have a load as
// well, one with a load only, and one whose cases were repeated.
func runFolders(t *testing.T) (root string, dirs []string) {
	t.Helper()
	root = t.TempDir()
	slow := reporttest.Model(t, "load-good").Load
	for i := range slow.Latencies {
		slow.Latencies[i].P50Us *= 9
		slow.Latencies[i].P99Us *= 90
	}
	slow.Messages[0].Lost += 12
	slow.Outcome, slow.ExitCode = reports.OutcomeFail, 1
	fixed := reporttest.Model(t, "fail").Conformance
	for i := range fixed.Results {
		if fixed.Results[i].Verdict == reports.Fail {
			fixed.Results[i].Verdict = reports.Pass
		}
	}
	fixed.Outcome = reports.OutcomePass
	for i, run := range []struct {
		name string
		reports.Bundle
	}{
		{"run-1", reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load}},
		{"run-2", reports.Bundle{Conformance: fixed}},
		{"repeated", reporttest.Model(t, "repeated")},
		{"load", reports.Bundle{Load: slow}},
		{"run 3#?%41", reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load}},
	} {
		dirs = append(dirs, saveRun(t, root, run.name, i, run.Bundle))
	}
	return root, dirs
}

func readRuns(t *testing.T, dirs []string) []Run {
	t.Helper()
	runs, err := Read(dirs)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestReadNewestFirst(t *testing.T) {
	_, dirs := runFolders(t)
	want := slices.Clone(dirs)
	slices.Reverse(want)
	for range len(dirs) {
		dirs = append(dirs[1:], dirs[0])
		var got []string
		for _, run := range readRuns(t, dirs) {
			got = append(got, run.Folder)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// A folder counts once, by whatever path it is named.
func TestReadCountsEachFolderOnce(t *testing.T) {
	root, dirs := runFolders(t)
	linked := filepath.Join(root, "linked")
	if err := os.Symlink(dirs[0], linked); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	runs := readRuns(t, []string{dirs[0], dirs[0] + string(filepath.Separator), filepath.Join(dirs[1], "..", "run-1"), linked, dirs[1]})
	if len(runs) != 2 || runs[1].Folder != dirs[0] || runs[0].Folder != dirs[1] {
		t.Errorf("got %d runs: %+v", len(runs), runs)
	}
}

// All folders that cannot be read are named at once.
func TestReadNamesEveryBadFolder(t *testing.T) {
	root, dirs := runFolders(t)
	empty, broken, missing := filepath.Join(root, "empty"), filepath.Join(root, "broken"), filepath.Join(root, "missing")
	if err := errors.Join(os.Mkdir(empty, 0o777), os.Mkdir(broken, 0o777),
		os.WriteFile(filepath.Join(broken, reports.LoadFile), []byte(`{"schema":1,"ki`), 0o666)); err != nil {
		t.Fatal(err)
	}
	runs, err := Read([]string{dirs[0], empty, dirs[1], broken, missing})
	if runs != nil || !errors.Is(err, reports.ErrNoReport) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v, %v", runs, err)
	}
	if _, ok := errors.AsType[*reports.FormatError](err); !ok {
		t.Errorf("%v is no *FormatError", err)
	}
	for _, dir := range []string{empty, broken, missing} {
		if !strings.Contains(err.Error(), dir) {
			t.Errorf("%v does not name %s", err, dir)
		}
	}
}

// What an index does not show is not kept: it would fill the memory.
func TestRunsAreLean(t *testing.T) {
	_, dirs := runFolders(t)
	for _, run := range readRuns(t, dirs) {
		if c := run.Conformance; c != nil {
			for _, r := range c.Results {
				if r.Transcript != nil || r.Expected != "" || r.Requirement != "" {
					t.Fatalf("%s keeps %+v", run.Folder, r)
				}
			}
		}
		if l := run.Load; l != nil {
			for _, row := range l.Latencies {
				if row.Histogram != "" {
					t.Fatalf("%s keeps a histogram", run.Folder)
				}
			}
			if l.Timeline != nil {
				t.Errorf("%s keeps its seconds", run.Folder)
			}
		}
	}
}

func TestSharedFolder(t *testing.T) {
	root := t.TempDir()
	in := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	tests := []struct {
		dirs []string
		want string
	}{
		{[]string{in("a", "1"), in("a", "2")}, in("a")},
		{[]string{in("a", "1", "x"), in("a", "2"), in("b")}, root},
		{[]string{in("a"), in("a", "1")}, in("a")},
		{[]string{in("ab"), in("a")}, root},
		{[]string{in("a", "..", "b", "1"), in("b", "2")}, in("b")},
		{[]string{in("a")}, in("a")},
	}
	for _, test := range tests {
		if got, err := SharedFolder(test.dirs); err != nil || got != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.dirs, got, err, test.want)
		}
	}
	top := filepath.VolumeName(root) + string(filepath.Separator)
	if got, err := SharedFolder([]string{filepath.Join(top, "a"), filepath.Join(top, "b")}); err == nil {
		t.Errorf("nothing but the root: got %q", got)
	}
}

func TestSharedFolderIsSeenFromHere(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := SharedFolder([]string{"a", filepath.Join("b", "1")}); err != nil || got != here {
		t.Errorf("got %q, %v, want %q", got, err, here)
	}
}

func TestRecognize(t *testing.T) {
	root, dirs := runFolders(t)
	runs := readRuns(t, dirs)
	ours, others := filepath.Join(root, File), filepath.Join(dirs[0], reports.HTMLFile)
	if err := reports.WriteFile(ours, func(w io.Writer) error { return WriteHTML(w, runs, root) }); err != nil {
		t.Fatal(err)
	}
	if is, err := Recognize(ours); err != nil || !is {
		t.Errorf("an index: got %v, %v", is, err)
	}
	if is, err := Recognize(others); err != nil || is {
		t.Errorf("another page: got %v, %v", is, err)
	}
	if _, err := Recognize(filepath.Join(root, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no page: got %v", err)
	}
}
