package reports_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
)

// A search that was read is written back as it stood, and follows its schema; so does one
// that found nothing.
func TestCapacityJSON(t *testing.T) {
	file := filepath.Join("internal", "reporttest", "models", "capacity.json")
	b, err := reports.Read(file)
	if err != nil || b.Capacity == nil {
		t.Fatalf("got %v, %+v", err, b)
	}
	written := reporttest.Rendered(t, func(w io.Writer) error { return reports.WriteCapacityJSON(w, b.Capacity) })
	reporttest.Golden(t, written, "..", file)
	empty := &reports.Capacity{Header: reports.Header{Outcome: reports.OutcomeUnreachable}, Search: reports.SearchRate, Ending: reports.EndingGone}
	for _, text := range [][]byte{written, reporttest.Rendered(t, func(w io.Writer) error { return reports.WriteCapacityJSON(w, empty) })} {
		if err := reporttest.FollowsSchema(t, schemaFiles[reports.KindCapacity], text); err != nil {
			t.Error(err)
		}
	}
}

// The words that a field can have are those of the constants.
func TestCapacitySchemaHasEveryWord(t *testing.T) {
	schema := reporttest.ReadSchema(t, schemaFiles[reports.KindCapacity])
	step := schema.Defs["step"].Properties
	for name, test := range map[string]struct{ got, want []string }{
		"search":  {schema.Properties["search"].Words(), []string{reports.SearchRate, reports.SearchClients}},
		"ending":  {schema.Properties["ending"].Words(), texts(reports.Endings)},
		"came":    {step["came"].Words(), texts(reports.Cames)},
		"why":     {step["why"].Words(), texts(reports.Whys)},
		"latency": {step["latency"].Words(), texts(reports.LatencyKinds)},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: the schema has %q, want %q", name, test.got, test.want)
		}
	}
	if got := schema.Properties["kind"].Const; got != reports.KindCapacity {
		t.Errorf("kind %v, want %s", got, reports.KindCapacity)
	}
}

func texts[W ~string](words []W) (all []string) {
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

func TestCapacityRefusesUnknownWords(t *testing.T) {
	for text, want := range map[string]string{
		`{"schema":1,"kind":"capacity","outcome":"pass","ending":"soon"}`:                                        `its ending "soon" is unknown`,
		`{"schema":1,"kind":"capacity","outcome":"fine","ending":"found"}`:                                       `outcome "fine"`,
		`{"schema":1,"kind":"capacity","outcome":"pass","ending":"found","steps":[{"number":3,"came":"apart"}]}`: `step 3 came to the unknown "apart"`,
	} {
		if _, err := reports.Parse("p", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// The folder of a search has its page and files, and is cleared with the reports of its
// steps; files of others stay.
func TestSaveAndClearCapacity(t *testing.T) {
	dir := t.TempDir()
	c := reporttest.Capacity(t)
	if err := folder.SaveCapacity(dir, c); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Steps[:2] {
		if err := folder.SaveLoad(filepath.Join(dir, filepath.FromSlash(s.Folder)), reporttest.Model(t, "load-good").Load); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := reporttest.Entries(t, dir), []string{reports.CapacityFile, reports.CTRFFile, reports.JUnitFile, reports.HTMLFile, reports.StepsFolder, reports.SummaryFile}; !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
	b, err := reports.ReadDir(dir)
	if err != nil || b.Capacity == nil || b.Load != nil || b.Capacity.Reason != c.Reason || len(b.Capacity.Steps) != len(c.Steps) {
		t.Errorf("the report that was read is not the one that was saved: %v", err)
	}
	mine := filepath.Join(dir, reports.StepsFolder, "notes.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if removed, err := folder.Clear(dir, reports.KindCapacity); err != nil || removed < 20 {
		t.Errorf("removed %d files: %v", removed, err)
	}
	if got := reporttest.Entries(t, dir); !slices.Equal(got, []string{reports.StepsFolder}) {
		t.Errorf("the folder still holds %q", got)
	}
	if got := reporttest.Entries(t, filepath.Dir(mine)); !slices.Equal(got, []string{"notes.txt"}) {
		t.Errorf("among the steps there still are %q", got)
	}
}

// A conformance run in the same folder stays when a search is cleared, and is shown with it
// until then.
func TestCapacityBesideConformance(t *testing.T) {
	dir := t.TempDir()
	saves := []func() error{
		func() error { return folder.SaveCapacity(dir, reporttest.Capacity(t)) },
		func() error { return folder.SaveConformance(dir, reporttest.Model(t, "pass").Conformance) },
	}
	for _, save := range saves {
		if err := save(); err != nil {
			t.Fatal(err)
		}
	}
	shows := func(id string) bool {
		page, err := os.ReadFile(filepath.Join(dir, reports.HTMLFile))
		return err == nil && strings.Contains(string(page), `<section id="`+id+`">`)
	}
	if !shows("conformance") || !shows("capacity") {
		t.Error("the page does not show both")
	}
	if _, err := folder.Clear(dir, reports.KindCapacity); err != nil {
		t.Fatal(err)
	}
	if !shows("conformance") || shows("capacity") {
		t.Error("the page does not show the conformance run alone")
	}
}
