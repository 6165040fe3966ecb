package diff

import (
	"encoding/json"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/ctrf"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/junit"
	"imcheck/reports/text"
)

// exampleDiff compares the two runs in testdata/diff. They have no histogram
// logs, so that what a test would find in those is put in.
func exampleDiff(t *testing.T) *Diff {
	t.Helper()
	d, err := Dirs(filepath.Join("testdata", "diff", "old"), filepath.Join("testdata", "diff", "new"), Bounds{MaxDriftMs: 50, MaxP99Percent: 10, MinP99Us: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Notes { // with the same slashes everywhere
		d.Notes[i] = strings.ReplaceAll(d.Notes[i], d.Old.Folder, "old")
	}
	d.Old.Folder, d.New.Folder = "old", "new"
	d.Tool, d.Command = "imcheck v1.2.0", []string{"imcheck", "report", "diff", "old", "new"}
	chance := 0.25
	for i := range d.Load.Latencies {
		if row := &d.Load.Latencies[i]; row.Kind == "login" && row.Transport == reports.AllTransports && row.Percentile == 99.9 {
			row.NoiseP, row.NoiseUnjudged, row.Judgement = &chance, "", Noise
		}
	}
	d.judge()
	return d
}

func TestGolden(t *testing.T) {
	d := exampleDiff(t)
	if n := strings.Count(strings.Join(d.Notes, "\n"), "measured by"); n != 1 {
		t.Errorf("what both kinds of report show is told %d times", n)
	}
	for name, write := range map[string]func(io.Writer) error{
		"diff.txt":         func(w io.Writer) error { return WriteText(w, d, text.Options{}) },
		"diff-verbose.txt": func(w io.Writer) error { return WriteText(w, d, text.Options{Verbose: true}) },
		"diff-color.txt":   func(w io.Writer) error { return WriteText(w, d, text.Options{Color: true}) },
		"diff.md":          func(w io.Writer) error { return WriteMarkdown(w, d) },
		"diff.json":        func(w io.Writer) error { return WriteJSON(w, d) },
		"diff.junit.xml":   func(w io.Writer) error { return junit.Write(w, d.Checks()) },
		"diff.ctrf.json":   func(w io.Writer) error { return ctrf.Write(w, d.Checks()) },
		"diff.html":        func(w io.Writer) error { return WriteHTML(w, d, ".") },
	} {
		t.Run(name, func(t *testing.T) {
			reporttest.Golden(t, reporttest.Bare(reporttest.Rendered(t, write)), "golden", name)
		})
	}
}

// Each regression is a check that has failed, and a comparison without any has none.
func TestChecks(t *testing.T) {
	d := exampleDiff(t)
	run := d.Checks()
	want := d.Conformance.regressions() + d.Conformance.times(Regressed) + d.Load.counted(Regressed) + d.Load.latencies(Regressed)
	if d.Load.OutcomeRegress {
		want++
	}
	if got := run.Count(checks.Failed); got != want || want == 0 {
		t.Errorf("%d checks have failed, want %d", got, want)
	}
	if err := reporttest.FollowsSchema(t, filepath.Join("..", "ctrf", "testdata", "ctrf.schema.json"), reporttest.Rendered(t, func(w io.Writer) error { return ctrf.Write(w, run) })); err != nil {
		t.Error(err)
	}
	old := filepath.Join("testdata", "diff", "old")
	same, err := Dirs(old, old, DefaultBounds)
	if err != nil {
		t.Fatal(err)
	}
	run = same.Checks()
	if got := run.Count(checks.Failed) + run.Count(checks.Broken); got != 0 || run.Count(checks.Passed) == 0 {
		t.Errorf("of a run and itself %d checks have failed and %d passed", got, run.Count(checks.Passed))
	}
}

func TestJSONIsReadBack(t *testing.T) {
	d := exampleDiff(t)
	var got Diff
	if err := json.Unmarshal(reporttest.Rendered(t, func(w io.Writer) error { return WriteJSON(w, d) }), &got); err != nil {
		t.Fatal(err)
	}
	d.loads = nil // no part of the JSON
	if !reflect.DeepEqual(&got, d) {
		t.Errorf("got %+v, want %+v", got, *d)
	}
}

// hostileDiff has hostile text wherever it can have text.
func hostileDiff() *Diff {
	var d Diff
	reporttest.FillHostile(reflect.ValueOf(&d).Elem())
	d.Conformance, d.Load = &Conformance{}, &Load{}
	reporttest.FillHostile(reflect.ValueOf(d.Conformance).Elem())
	reporttest.FillHostile(reflect.ValueOf(d.Load).Elem())
	d.Load.NewOutcome += "other"
	load := reporttest.HostileBundle().Load
	load.Latencies[0].Transport, load.Timeline[0].P99Us = reports.AllTransports, 1
	d.loads = &[2]*reports.Load{load, load}
	d.Outcome = reports.OutcomeFail
	return &d
}

func TestTextIsPrintable(t *testing.T) {
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteText(w, hostileDiff(), text.Options{Verbose: true}) }))
	reporttest.OnlyPrintable(t, got)
}

// Outside of code, which is shown as it is, there is nothing but words.
func TestMarkdownIsPlainText(t *testing.T) {
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteMarkdown(w, hostileDiff()) }))
	reporttest.OnlyPrintable(t, got)
	if strings.ContainsAny(reporttest.WithoutCode(t, got), "<>[]") {
		t.Errorf("there is markup in %s", got)
	}
}

// A row of a Markdown table has as many fields as its head, whatever is in them.
func TestMarkdownTablesAreWhole(t *testing.T) {
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteMarkdown(w, exampleDiff(t)) }))
	columns := 0
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|")
		if columns != 0 && n != columns {
			t.Errorf("%d instead of %d bars in %s", n, columns, line)
		}
		columns = n
	}
	if !strings.Contains(got, `\x7c1\x7c`) {
		t.Error("no field has a bar: the test shows nothing")
	}
}

func TestPageEscapesEverything(t *testing.T) {
	reporttest.PageHidesControls(t, reporttest.PageEscapes(t, func(w io.Writer) error { return WriteHTML(w, hostileDiff(), ".") }))
}

func TestPageLoadsNothing(t *testing.T) {
	d := exampleDiff(t)
	reporttest.PageLoadsNothing(t, func(w io.Writer) error { return WriteHTML(w, d, ".") })
}

func TestOnFullDisk(t *testing.T) {
	d := exampleDiff(t)
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return WriteText(w, d, text.Options{}) },
		"Markdown": func(w io.Writer) error { return WriteMarkdown(w, d) },
		"JSON":     func(w io.Writer) error { return WriteJSON(w, d) },
		"page":     func(w io.Writer) error { return WriteHTML(w, d, ".") },
	})
}
