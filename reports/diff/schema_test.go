package diff

import (
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// schemaFile describes diff.json.
var schemaFile = filepath.Join("..", "schema", "diff.schema.json")

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	reporttest.SchemaIsOf(t, schemaFile, reflect.TypeFor[Diff]())
}

// dirs compares two folders with the bounds that the program has.
func dirs(t *testing.T, before, after string) *Diff {
	t.Helper()
	d, err := Dirs(before, after, DefaultBounds)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestJSONFollowsSchema(t *testing.T) {
	other := reporttest.Stays
	other.Case = "login/other"
	one, both := reporttest.Conformance(reporttest.Stays), reporttest.Conformance(reporttest.Stays, other)
	quick, slow := recordedFolder(t, 10_000), recordedFolder(t, 20_000)
	for name, d := range map[string]*Diff{
		"example":           exampleDiff(t),
		"nothing known":     {Outcome: reports.OutcomePass},
		"case that is gone": compareRuns(t, both, one),
		"case that is new":  compareRuns(t, one, both),
		"repeated case":     compareRuns(t, reporttest.Conformance(reporttest.Expiry(1, 7000, 7010)...), reporttest.Conformance(reporttest.Expiry(1, 9000, 9001, 9002)...)),
		"slower load":       dirs(t, quick, slow),
		"the same load":     dirs(t, quick, quick),
		"load without logs": compareLoads(t, reporttest.Load(100), reporttest.Load(200), always(noise{missing: "old"})),
		"load of an echo":   compareLoads(t, &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "echo"}, &reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable}, Scenario: "echo"}, always(notNoise)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := reporttest.FollowsSchema(t, schemaFile, reporttest.Rendered(t, func(w io.Writer) error { return WriteJSON(w, d) })); err != nil {
				t.Error(err)
			}
		})
	}
}

// A file that is not a comparison of this version does not follow the schema.
func TestSchemaRefuses(t *testing.T) {
	text := reporttest.Rendered(t, func(w io.Writer) error { return WriteJSON(w, exampleDiff(t)) })
	first := reporttest.FirstOf
	conformance := func(d map[string]any) map[string]any { return d["conformance"].(map[string]any) }
	load := func(d map[string]any) map[string]any { return d["load"].(map[string]any) }
	for name, spoil := range map[string]func(d map[string]any){
		"newer version":       func(d map[string]any) { d["schema"] = 2 },
		"other kind":          func(d map[string]any) { d["kind"] = reports.KindLoad },
		"outcome of a run":    func(d map[string]any) { d["outcome"] = reports.OutcomeUnreachable },
		"unknown exit code":   func(d map[string]any) { d["exitCode"] = 2 },
		"no bounds":           func(d map[string]any) { delete(d, "bounds") },
		"no time":             func(d map[string]any) { d["old"].(map[string]any)["started"] = "yesterday" },
		"further field":       func(d map[string]any) { d["extra"] = true },
		"null list":           func(d map[string]any) { conformance(d)["changes"] = nil },
		"unknown verdict":     func(d map[string]any) { first(conformance(d)["changes"])["new"] = "ok" },
		"unknown change":      func(d map[string]any) { first(conformance(d)["changes"])["change"] = "worse" },
		"unknown judgement":   func(d map[string]any) { first(conformance(d)["drifts"])["judgement"] = "fine" },
		"further in a list":   func(d map[string]any) { first(load(d)["latencies"])["extra"] = 1 },
		"other percentile":    func(d map[string]any) { first(load(d)["latencies"])["percentile"] = 42 },
		"fraction of a µs":    func(d map[string]any) { first(load(d)["latencies"])["oldUs"] = 0.5 },
		"more than certain":   func(d map[string]any) { first(load(d)["latencies"])["noiseP"] = 1.5 },
		"figure without unit": func(d map[string]any) { delete(first(load(d)["figures"]), "unit") },
	} {
		t.Run(name, func(t *testing.T) { reporttest.SchemaRefuses(t, schemaFile, text, spoil) })
	}
}

// wordsOf are words of any type, as text.
func wordsOf[T ~string](all ...T) (words []string) {
	for _, word := range all {
		words = append(words, string(word))
	}
	return words
}

// The words that a field can have are those of the constants.
func TestSchemaHasEveryWord(t *testing.T) {
	root := reporttest.ReadSchema(t, schemaFile)
	// That a pass was not expected says nothing of the target: it is a pass here.
	verdicts := slices.DeleteFunc(slices.Clone(reports.Verdicts[:]), func(v reports.Verdict) bool { return v == reports.UnexpectedPass })
	var compared []string
	for _, percentile := range percentiles {
		compared = append(compared, fmt.Sprint(percentile))
	}
	latency := root.Defs["latency"].Properties
	for name, test := range map[string]struct {
		node *reporttest.SchemaNode
		want []string
	}{
		"outcome":           {root.Properties["outcome"], wordsOf(reports.OutcomePass, reports.OutcomeFail)},
		"outcome of a load": {root.Defs["outcome"], wordsOf(reports.OutcomePass, reports.OutcomeFail, reports.OutcomeUnreachable, reports.OutcomeInconclusive)},
		"verdict":           {root.Defs["verdict"], wordsOf(verdicts...)},
		"change":            {root.Defs["caseChange"].Properties["change"], wordsOf(changes...)},
		"judgement":         {root.Defs["judgement"], wordsOf(Held, Regressed, Improved, Noise, Inconclusive, NotCompared)},
		"latency kind":      {latency["kind"], reports.KindNames(reports.LatencyKinds)},
		"percentile":        {latency["percentile"], compared},
	} {
		if got := test.node.Words(); !slices.Equal(got, test.want) {
			t.Errorf("%s: the schema has %q, want %q", name, got, test.want)
		}
	}
	if got := root.Properties["kind"].Const; got != Kind {
		t.Errorf("kind %v, want %s", got, Kind)
	}
	if got := root.Properties["schema"].Const; got != float64(reports.SchemaVersion) {
		t.Errorf("version %v, want %d: describe a new version in the schema", got, reports.SchemaVersion)
	}
}
