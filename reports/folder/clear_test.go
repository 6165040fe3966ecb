package folder

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/internal/reporttest"
)

// put writes files, by their place in dir.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// files lists everything below dir that is not a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

const traceLine = `{"atMs":1e-05,"connection":"a","direction":"->","text":"{}"}` + "\n"

// conformanceRun leaves what a conformance run does in dir.
func conformanceRun(t *testing.T, dir string) {
	t.Helper()
	put(t, dir, map[string]string{
		"traces/login/accepted.udp.jsonl": traceLine, "traces/login/silent.tcp.3S.jsonl": "",
		"traces/heartbeat/expiry.ws.120S.3.jsonl": traceLine,
	})
	if err := SaveConformance(dir, reporttest.Model(t, "pass").Conformance); err != nil {
		t.Fatal(err)
	}
}

// loadRun leaves what a load does in dir, an interval log among it.
func loadRun(t *testing.T, dir string) {
	t.Helper()
	put(t, dir, map[string]string{"histograms/login.udp.hlog": "#[Latencies of imcheck in microseconds; Interval_Max in seconds]\n"})
	if err := SaveLoad(dir, reporttest.Model(t, "load-good").Load); err != nil {
		t.Fatal(err)
	}
}

// Everything that a run writes is gone, and its folders with it.
func TestClear(t *testing.T) {
	for kind, run := range map[string]func(*testing.T, string){reports.KindConformance: conformanceRun, reports.KindLoad: loadRun} {
		dir := t.TempDir()
		run(t, dir)
		before := files(t, dir)
		if removed, err := Clear(dir, kind); err != nil || removed != len(before) {
			t.Errorf("%s: %d of %d files were removed, %v", kind, removed, len(before), err)
		}
		if left := reporttest.Entries(t, dir); len(left) > 0 {
			t.Errorf("%s: left are %q", kind, left)
		}
		if removed, err := Clear(dir, kind); err != nil || removed != 0 {
			t.Errorf("%s: of nothing %d files were removed, %v", kind, removed, err)
		}
	}
}

// The run of the other kind stays as it is, and what shows both shows it alone.
func TestClearKeepsOtherKind(t *testing.T) {
	for _, test := range []struct {
		kind        string
		stays, goes func(*testing.T, string)
		gone        string
	}{
		{reports.KindConformance, loadRun, conformanceRun, "conformance"},
		{reports.KindLoad, conformanceRun, loadRun, "load"},
	} {
		alone, dir := t.TempDir(), t.TempDir()
		test.stays(t, alone)
		test.goes(t, dir)
		test.stays(t, dir)
		if _, err := Clear(dir, test.kind); err != nil {
			t.Fatal(err)
		}
		if got, want := files(t, dir), files(t, alone); !slices.Equal(got, want) {
			t.Errorf("%s: left are %q, want %q", test.kind, got, want)
		}
		for _, name := range []string{reports.HTMLFile, reports.SummaryFile, reports.JUnitFile, reports.CTRFFile} {
			got, err := os.ReadFile(filepath.Join(dir, name))
			want, wantErr := os.ReadFile(filepath.Join(alone, name))
			if err != nil || wantErr != nil || string(got) != string(want) {
				t.Errorf("%s of the other run shows more than that: %v, %v", name, err, wantErr)
			}
		}
	}
}

// A run of one kind does not touch what only the other has left.
func TestClearWithoutRun(t *testing.T) {
	dir := t.TempDir()
	loadRun(t, dir)
	put(t, dir, map[string]string{reports.SummaryFile: "## ✓ PASS load: as it was"})
	before := files(t, dir)
	if removed, err := Clear(dir, reports.KindConformance); err != nil || removed != 0 || !slices.Equal(files(t, dir), before) {
		t.Errorf("%d files were removed, %v", removed, err)
	}
	summary, err := os.ReadFile(filepath.Join(dir, reports.SummaryFile))
	if err != nil || !strings.HasSuffix(string(summary), "as it was") {
		t.Errorf("the summary was rewritten: %s, %v", summary, err)
	}
}

// What a run did not write stays, also under names that a run uses.
func TestClearKeepsFilesOfOthers(t *testing.T) {
	others := map[string]string{
		"junit.xml":                              `<?xml version="1.0"?><testsuites><testsuite name="mine" tests="1"/></testsuites>`,
		"ctrf.json":                              `{"reportFormat":"CTRF","specVersion":"0.0.0","generatedBy":"mine"}`,
		"report.json":                            `{"kind":"conformance"}`,
		"load.json":                              `[]`,
		"report.html":                            "<!DOCTYPE html><p>mine",
		"summary.md":                             "# Mine\n## ✓ PASS conformance\n",
		"timeline.csv":                           "at,what\n",
		"notes.txt":                              "mine",
		"traces/login/accepted.udp.jsonl":        `{"mine":true}`,
		"traces/login/notes.jsonl":               traceLine,
		"traces/accepted.udp.jsonl":              traceLine,
		"traces/login/deeper/accepted.udp.jsonl": traceLine,
		"histograms/login.all.due.hgrm":          "mine",
		"histograms/login.udp.hlog":              "#[Histogram log format version 1.3]\n",
		"more/junit.xml":                         `<?xml version="1.0"?><testsuites><testsuite name="imcheck conformance"/></testsuites>`,
		"more/traces/login/accepted.udp.jsonl":   traceLine,
	}
	dir := t.TempDir()
	put(t, dir, others)
	before := files(t, dir)
	for _, kind := range []string{reports.KindConformance, reports.KindLoad} {
		if removed, err := Clear(dir, kind); err != nil || removed != 0 {
			t.Errorf("%s: %d files were removed, %v", kind, removed, err)
		}
	}
	if left := files(t, dir); !slices.Equal(left, before) {
		t.Errorf("left are %q", left)
	}
}

// A link leads to what belongs to somebody else.
func TestClearFollowsNoLink(t *testing.T) {
	elsewhere, dir := t.TempDir(), t.TempDir()
	conformanceRun(t, elsewhere)
	before := files(t, elsewhere)
	for _, name := range []string{TraceFolder, reports.JUnitFile} {
		if err := os.Symlink(filepath.Join(elsewhere, name), filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links: ", err)
		}
	}
	if removed, err := Clear(dir, reports.KindConformance); err != nil || removed != 0 {
		t.Errorf("%d files were removed, %v", removed, err)
	}
	if left := files(t, elsewhere); !slices.Equal(left, before) {
		t.Errorf("where the links lead to %q is left", left)
	}
}

// A comparison in the folder of a run goes, and what the run wrote is as it was.
func TestClearComparison(t *testing.T) {
	dir := t.TempDir()
	loadRun(t, dir)
	want := files(t, dir)
	alone, err := os.ReadFile(filepath.Join(dir, reports.JUnitFile))
	if err := errors.Join(err, SaveComparison(dir, checks.Run{Header: reports.Header{Kind: KindDiff}})); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"diff.json", "diff.md", "diff.html"} {
		text, err := os.ReadFile(filepath.Join("..", "diff", "testdata", "golden", name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, map[string]string{name: string(text)})
	}
	if removed, err := Clear(dir, KindDiff); err != nil || removed != 3 || !slices.Equal(files(t, dir), want) {
		t.Errorf("%d files were removed, %v", removed, err)
	}
	if left, err := os.ReadFile(filepath.Join(dir, reports.JUnitFile)); err != nil || !bytes.Equal(left, alone) {
		t.Errorf("%s is not that of the run alone (%v):\n%s", reports.JUnitFile, err, left)
	}
	put(t, dir, map[string]string{"diff.json": "{}", "diff.md": "# Mine", "diff.html": "<!DOCTYPE html>"})
	if removed, err := Clear(dir, KindDiff); err != nil || removed != 0 {
		t.Errorf("%d files of others were removed, %v", removed, err)
	}
}

// A comparison in a folder of its own leaves nothing.
func TestClearComparisonAlone(t *testing.T) {
	dir := t.TempDir()
	if err := SaveComparison(dir, checks.Run{Header: reports.Header{Kind: KindDiff}}); err != nil {
		t.Fatal(err)
	}
	if removed, err := Clear(dir, KindDiff); err != nil || removed != 2 || len(files(t, dir)) > 0 {
		t.Errorf("%d files were removed, %v; left are %q", removed, err, files(t, dir))
	}
}

func TestClearWithoutFolder(t *testing.T) {
	if removed, err := Clear(filepath.Join(t.TempDir(), "none"), reports.KindLoad); removed != 0 || err != nil {
		t.Errorf("%d, %v", removed, err)
	}
}
