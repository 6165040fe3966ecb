package reports

import (
	"encoding/json"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// exampleDiff compares the two runs in testdata/diff. They have no histogram
// logs, so that what a test would find in those is put in.
func exampleDiff(t *testing.T) *Diff {
	t.Helper()
	d, err := CompareDirs(filepath.Join("testdata", "diff", "old"), filepath.Join("testdata", "diff", "new"), DiffBounds{MaxDriftMs: 50, MaxP99Percent: 10, MinP99Us: 100})
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
		if row := &d.Load.Latencies[i]; row.Kind == "login" && row.Transport == AllTransports && row.Percentile == 99.9 {
			row.NoiseP, row.NoiseUnjudged, row.Judgement = &chance, "", Noise
		}
	}
	d.judge()
	return d
}

func TestDiffGolden(t *testing.T) {
	d := exampleDiff(t)
	if n := strings.Count(strings.Join(d.Notes, "\n"), "measured by"); n != 1 {
		t.Errorf("what both kinds of report show is told %d times", n)
	}
	for name, write := range map[string]func(io.Writer) error{
		"diff.txt":         func(w io.Writer) error { return WriteDiffText(w, d, TextOptions{}) },
		"diff-verbose.txt": func(w io.Writer) error { return WriteDiffText(w, d, TextOptions{Verbose: true}) },
		"diff-color.txt":   func(w io.Writer) error { return WriteDiffText(w, d, TextOptions{Color: true}) },
		"diff.md":          func(w io.Writer) error { return WriteDiffMarkdown(w, d) },
		"diff.json":        func(w io.Writer) error { return WriteDiffJSON(w, d) },
		"diff.html":        func(w io.Writer) error { return WriteDiffHTML(w, d, ".") },
	} {
		t.Run(name, func(t *testing.T) { compareGolden(t, bare(rendered(t, write)), "golden", name) })
	}
}

func TestDiffJSONIsReadBack(t *testing.T) {
	d := exampleDiff(t)
	var got Diff
	if err := json.Unmarshal(rendered(t, func(w io.Writer) error { return WriteDiffJSON(w, d) }), &got); err != nil {
		t.Fatal(err)
	}
	d.loads = nil // no part of the JSON
	if !reflect.DeepEqual(&got, d) {
		t.Errorf("got %+v, want %+v", got, *d)
	}
}

// hostileDiff has hostile text wherever a text can stand.
func hostileDiff() *Diff {
	var d Diff
	fillHostile(reflect.ValueOf(&d).Elem())
	d.Conformance, d.Load = &ConformanceDiff{}, &LoadDiff{}
	fillHostile(reflect.ValueOf(d.Conformance).Elem())
	fillHostile(reflect.ValueOf(d.Load).Elem())
	d.Load.NewOutcome += "other"
	load := hostileBundle().Load
	load.Latencies[0].Transport, load.Timeline[0].P99Us = AllTransports, 1
	d.loads = &[2]*Load{load, load}
	d.Outcome = OutcomeFail
	return &d
}

func TestDiffTextIsPrintable(t *testing.T) {
	got := string(rendered(t, func(w io.Writer) error { return WriteDiffText(w, hostileDiff(), TextOptions{Verbose: true}) }))
	onlyPrintable(t, got)
}

// Outside of code, which is shown as it is, there is nothing but words.
func TestDiffMarkdownIsPlainText(t *testing.T) {
	got := string(rendered(t, func(w io.Writer) error { return WriteDiffMarkdown(w, hostileDiff()) }))
	onlyPrintable(t, got)
	if strings.ContainsAny(withoutCode(t, got), "<>[]") {
		t.Errorf("there is markup in %s", got)
	}
}

// A row of a Markdown table has as many fields as its head, whatever is in them.
func TestDiffMarkdownTablesAreWhole(t *testing.T) {
	got := string(rendered(t, func(w io.Writer) error { return WriteDiffMarkdown(w, exampleDiff(t)) }))
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

func TestDiffHTMLEscapesEverything(t *testing.T) {
	pageHidesControls(t, pageEscapes(t, func(w io.Writer) error { return WriteDiffHTML(w, hostileDiff(), ".") }))
}

func TestDiffHTMLLoadsNothing(t *testing.T) {
	d := exampleDiff(t)
	pageLoadsNothing(t, func(w io.Writer) error { return WriteDiffHTML(w, d, ".") })
}

func TestDiffOnFullDisk(t *testing.T) {
	d := exampleDiff(t)
	failsOnFullDisk(t, map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return WriteDiffText(w, d, TextOptions{}) },
		"Markdown": func(w io.Writer) error { return WriteDiffMarkdown(w, d) },
		"JSON":     func(w io.Writer) error { return WriteDiffJSON(w, d) },
		"page":     func(w io.Writer) error { return WriteDiffHTML(w, d, ".") },
	})
}
