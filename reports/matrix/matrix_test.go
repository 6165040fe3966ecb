package matrix

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/text"
)

var schemaFile = filepath.Join("..", "schema", "matrix.schema.json")

// run returns a run of two cases, of which one has a verdict on TCP.
func run(name, version string, onTCP reports.Verdict) *reports.Conformance {
	c := reporttest.Conformance(
		reports.Result{Case: "login/a", Transport: "udp", Verdict: reports.Pass},
		reports.Result{Case: "login/a", Transport: "tcp", Verdict: reports.Pass},
		reports.Result{Case: "login/b", Transport: "tcp", Verdict: onTCP},
	)
	c.Started = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c.Target.Name, c.Target.Version, c.ProtocolVersion = name, version, "6.5"
	c.Requirements = []reports.Requirement{
		{ID: "first", Section: "§1 Message", Text: "One thing.", Cases: []string{"login/b", "login/a"}},
		{ID: "second", Section: "§1 Message", Text: "Another thing.", Cases: []string{"login/other"}},
		{ID: "third", Section: "§3 Login", Text: "A thing of clients.", Unheld: "asked of a client"},
		{ID: "fourth", Section: "§3 Login", Text: "A last thing.", Cases: []string{"login/a"}},
	}
	return c
}

// folders writes runs into folders, those in paged with a page, and returns the folder of all.
func folders(t *testing.T, runs map[string]*reports.Conformance, paged ...string) string {
	t.Helper()
	root := t.TempDir()
	for name, c := range runs {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := reports.WriteFile(filepath.Join(dir, reports.ConformanceFile), func(w io.Writer) error { return reports.WriteConformanceJSON(w, c) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range paged {
		if err := os.WriteFile(filepath.Join(root, name, reports.HTMLFile), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// example has one implementation with a page and one without. Its folders are named as they
// are from the folder of the matrix.
func example(t *testing.T) *Matrix {
	t.Helper()
	good, bad := run("imserver", "6.5", reports.Pass), run("chatd", "2.1", reports.Fail)
	bad.Target.Organization, bad.Target.URL = "Example Ltd", "https://im.example/chatd"
	root := folders(t, map[string]*reports.Conformance{"a": good, "b": bad}, "a")
	m, err := Of([]string{filepath.Join(root, "a"), filepath.Join(root, "b")}, root)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b"} {
		m.Implementations[i].Folder = name
	}
	return m
}

func TestGolden(t *testing.T) {
	m := example(t)
	page := reporttest.Rendered(t, func(w io.Writer) error { return WriteHTML(w, m) })
	reporttest.Golden(t, reporttest.Bare(page), "golden", "matrix.html")
	reporttest.Golden(t, reporttest.Rendered(t, func(w io.Writer) error { return WriteJSON(w, m) }), "golden", "matrix.json")
	reporttest.Golden(t, reporttest.Rendered(t, func(w io.Writer) error { return WriteText(w, m, text.Options{}) }), "golden", "matrix.txt")
}

func TestSchema(t *testing.T) {
	reporttest.SchemaIsOf(t, schemaFile, reflect.TypeFor[Matrix]())
	m := example(t)
	if err := reporttest.FollowsSchema(t, schemaFile, reporttest.Rendered(t, func(w io.Writer) error { return WriteJSON(w, m) })); err != nil {
		t.Error(err)
	}
}

func TestPageEscapesEverything(t *testing.T) {
	m := example(t)
	h := reporttest.Hostile
	m.Implementations[1] = Implementation{Folder: h, Page: h, Name: h, Version: h, Organization: h, URL: h, ProtocolVersion: h, Command: []string{h}}
	m.Sections[0].Name = h
	m.Sections[0].Rows[0] = Row{ID: h, Text: h, Cells: []Cell{nil, {{h, reports.Fail, h, h}, {h, reports.Pass, h, ""}}}}
	reporttest.PageHidesControls(t, reporttest.PageEscapes(t, func(w io.Writer) error { return WriteHTML(w, m) }))
	reporttest.OnlyPrintable(t, string(reporttest.Rendered(t, func(w io.Writer) error { return WriteText(w, m, text.Options{}) })))
}

func TestPageLoadsNothing(t *testing.T) {
	m := example(t)
	reporttest.PageLoadsNothing(t, func(w io.Writer) error { return WriteHTML(w, m) })
}

// What cannot be shown side by side is refused, with the folder and the reason.
func TestRefused(t *testing.T) {
	older, client, later := run("old", "1", reports.Pass), run("client", "1", reports.Pass), run("imserver", "6.5", reports.Pass)
	older.Requirements, client.Role = nil, "client"
	later.Started = later.Started.Add(time.Hour)
	unnamed := run("", "", reports.Pass)
	root := folders(t, map[string]*reports.Conformance{
		"server": run("imserver", "6.5", reports.Pass), "later": later, "next": run("imserver", "6.6", reports.Pass),
		"older": older, "client": client, "unnamed": unnamed, "unnamed2": unnamed,
	})
	for _, name := range []string{"empty", "load"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := reports.WriteFile(filepath.Join(root, "load", reports.LoadFile), func(w io.Writer) error { return reports.WriteLoadJSON(w, reporttest.Load(1)) }); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ names, want string }{
		{"server next unnamed unnamed2", ""},
		{"server later", "are both runs of imserver 6.5, begun at 2026-03-02T09:00:00Z and 2026-03-02T10:00:00Z"},
		{"server client", "client is about a client, and the folders before it are about a server"},
		{"older", "lists no requirements"},
		{"load", "has the report of a load and none of conform"},
		{"empty", "no report in"},
		{"missing", "read the folder of a report"},
	} {
		var dirs []string
		for name := range strings.FieldsSeq(test.names) {
			dirs = append(dirs, filepath.Join(root, name))
		}
		_, err := Of(dirs, root)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.names, err, test.want)
		}
	}
}
