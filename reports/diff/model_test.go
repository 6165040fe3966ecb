package diff

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
)

// recordedFolder returns a whole folder of a load run with its logs, in which every
// percentile is about us or a multiple of it.
func recordedFolder(t *testing.T, us int64) string {
	t.Helper()
	dir, l := recordRun(t, us)
	l.Outcome = reports.OutcomePass
	for i := range l.Latencies {
		row := &l.Latencies[i]
		row.P50Us, row.P99Us, row.P999Us = us, 2*us, 2*us
	}
	if err := folder.SaveLoad(dir, l); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDirsTestsForNoise(t *testing.T) {
	quick, slow := recordedFolder(t, 100), recordedFolder(t, 200)
	d, err := Dirs(quick, slow, Bounds{MaxP99Percent: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range d.Load.Latencies {
		if row.Judgement != Regressed || row.NoiseP == nil || *row.NoiseP >= noiseLevel {
			t.Errorf("got %+v", row)
		}
	}
	if want := "regressed: 9 latency percentiles; compared: 9 latency percentiles"; d.Reason != want || d.ExitCode != 1 || len(d.Notes) != 0 {
		t.Errorf("%q, exit code %d, notes %q", d.Reason, d.ExitCode, d.Notes)
	}
	if d, err := Dirs(slow, quick, Bounds{MaxP99Percent: 10}); err != nil || d.ExitCode != 0 || d.Load.latencies(Improved) != 9 {
		t.Errorf("the other way round: %+v, %v", d, err)
	}
}

// A report that says that all is slower, with seconds that are not, shows the one
// thing that a rank test finds: that most of the run was as before.
func TestDirsCallsNoiseWhatTheSecondsDoNotShow(t *testing.T) {
	old, new := recordedFolder(t, 100), recordedFolder(t, 100)
	b, err := reports.ReadDir(new)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Load.Latencies {
		b.Load.Latencies[i].P999Us *= 3
	}
	if err := folder.SaveLoad(new, b.Load); err != nil {
		t.Fatal(err)
	}
	d, err := Dirs(old, new, Bounds{MaxP99Percent: 10})
	if err != nil || d.Load.latencies(Noise) != 3 || d.Load.latencies(Held) != 6 || d.ExitCode != 0 {
		t.Errorf("got %+v, %v", d.Load, err)
	}
}

func TestDirsRefuses(t *testing.T) {
	good := recordedFolder(t, 100)
	t.Run("a log that is cut short", func(t *testing.T) {
		slow := recordedFolder(t, 200)
		path := filepath.Join(slow, reports.HistogramFolder, "c2c_ack.udp.hlog")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text[:len(text)-9], 0o666); err != nil {
			t.Fatal(err)
		}
		_, err = Dirs(good, slow, Bounds{})
		if format, ok := errors.AsType[*reports.FormatError](err); !ok || format.Path != path {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a folder without a report", func(t *testing.T) {
		if _, err := Dirs(good, t.TempDir(), Bounds{}); !errors.Is(err, reports.ErrNoReport) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("another kind", func(t *testing.T) {
		other := t.TempDir()
		if err := folder.SaveConformance(other, reporttest.Conformance(reporttest.Stays)); err != nil {
			t.Fatal(err)
		}
		_, err := Dirs(good, other, Bounds{})
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("got %v", err)
		}
	})
}

// What only one of the folders has is left out, and that is said.
func TestDirsWithMoreInOneFolder(t *testing.T) {
	both, one := recordedFolder(t, 100), recordedFolder(t, 100)
	if err := folder.SaveConformance(both, reporttest.Conformance(reporttest.Stays)); err != nil {
		t.Fatal(err)
	}
	d, err := Dirs(both, one, Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Conformance != nil || d.Load == nil || len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "only what both have is compared") {
		t.Errorf("got %+v", d)
	}
}

// A comparison is not a run, and is refused where one is read.
func TestDiffIsNoReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), reports.ConformanceFile)
	text := reporttest.Rendered(t, func(w io.Writer) error { return WriteJSON(w, &Diff{Outcome: reports.OutcomePass}) })
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := reports.Read(path)
	if format, ok := errors.AsType[*reports.FormatError](err); !ok || !strings.Contains(format.Reason, `its kind is "diff"`) {
		t.Errorf("got %v", err)
	}
}
