package reports_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/ctrf"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/junit"
	"imcheck/reports/markdown"
	"imcheck/reports/page"
	"imcheck/reports/text"
)

func TestReadErrors(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"empty":             {"", "it is empty"},
		"cut short":         {`{"schema":1,"kind":"conformance","resul`, "cut short after 39 bytes"},
		"not JSON":          {"PASS  96 passed", "it is not JSON"},
		"text after it":     {`{"schema":1,"kind":"load","outcome":"pass"} {}`, "it is not JSON"},
		"a list":            {`[]`, "it is not a JSON object"},
		"another object":    {`{"name":"x"}`, `lacks a "kind"`},
		"no schema":         {`{"kind":"load"}`, `lacks a "kind" or a "schema"`},
		"unknown kind":      {`{"schema":1,"kind":"soak"}`, `its kind is "soak"`},
		"newer":             {`{"schema":2,"kind":"load","outcome":7}`, "schema 2 and this version reads schema 1: update imcheck"},
		"newer kind":        {`{"schema":9,"kind":"soak"}`, "update imcheck"},
		"wrong type":        {`{"schema":1,"kind":"load","seed":"x"}`, `field "seed" holds a string`},
		"wrong type of its": {`{"schema":"1","kind":"load"}`, `field "schema" holds a string`},
		"unknown outcome":   {`{"schema":1,"kind":"load","outcome":"fine"}`, `outcome "fine"`},
		"unknown verdict":   {`{"schema":1,"kind":"conformance","outcome":"pass","results":[{"case":"a/b","verdict":"ok"}]}`, `case "a/b" has the unknown verdict "ok"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "some.json")
			if err := os.WriteFile(path, []byte(test.content), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := reports.Read(path)
			var format *reports.FormatError
			if !errors.As(err, &format) {
				t.Fatalf("got %v, want a *FormatError", err)
			}
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %q, want the path and %q", err, test.want)
			}
		})
	}
}

// Every prefix of a report is refused, and none is taken for a whole one.
func TestReadTruncated(t *testing.T) {
	c := reporttest.Model(t, "fail").Conformance
	c.Results = c.Results[:2]
	whole := bytes.TrimSpace(reporttest.Rendered(t, func(w io.Writer) error { return reports.WriteConformanceJSON(w, c) }))
	for n := range len(whole) {
		if _, err := reports.Parse("p", whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read as a report", n, len(whole))
		}
	}
}

func TestReadMissing(t *testing.T) {
	if _, err := reports.Read(filepath.Join(t.TempDir(), "none.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

// Fields that a later version of the same schema adds do not get in the way.
func TestReadIgnoresUnknownFields(t *testing.T) {
	b, err := reports.Parse("p", []byte(`{"schema":1,"kind":"load","outcome":"pass","scenario":"chat","new":{"a":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	if b.Load == nil || b.Load.Scenario != "chat" || b.Load.ClosedLoop {
		t.Errorf("got %+v", b.Load)
	}
}

// Schema and kind cannot be forgotten, and lists are lists even when empty.
func TestWriteJSONOfEmptyModels(t *testing.T) {
	tests := map[string]struct {
		write func(io.Writer) error
		kind  string
		lists []string
	}{
		"conformance": {func(w io.Writer) error { return reports.WriteConformanceJSON(w, &reports.Conformance{}) }, reports.KindConformance, []string{"results"}},
		"load":        {func(w io.Writer) error { return reports.WriteLoadJSON(w, &reports.Load{}) }, reports.KindLoad, []string{"latencies", "messages"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got map[string]any
			if err := json.Unmarshal(reporttest.Rendered(t, test.write), &got); err != nil {
				t.Fatal(err)
			}
			if got["kind"] != test.kind || got["schema"] != float64(reports.SchemaVersion) {
				t.Errorf("kind %v, schema %v", got["kind"], got["schema"])
			}
			for _, list := range test.lists {
				if _, ok := got[list].([]any); !ok {
					t.Errorf("%s is %v, want a list", list, got[list])
				}
			}
		})
	}
}

func TestWriteJSONRefusesNaN(t *testing.T) {
	err := reports.WriteLoadJSON(io.Discard, &reports.Load{RatePerSecond: math.NaN()})
	if err == nil || !strings.Contains(err.Error(), "encode the report") {
		t.Errorf("got %v", err)
	}
}

// A report that was read is written back as it stood.
func TestJSONGolden(t *testing.T) {
	for _, name := range reporttest.Models {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("internal", "reporttest", "models", name+".json")
			b, err := reports.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			got := reporttest.Rendered(t, func(w io.Writer) error {
				if b.Conformance != nil {
					return reports.WriteConformanceJSON(w, b.Conformance)
				}
				return reports.WriteLoadJSON(w, b.Load)
			})
			reporttest.Golden(t, got, "..", file)
		})
	}
}

func TestDataOnFullDisk(t *testing.T) {
	c, l := reporttest.Model(t, "fail").Conformance, reporttest.Model(t, "load-good").Load
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"conformance JSON": func(w io.Writer) error { return reports.WriteConformanceJSON(w, c) },
		"load JSON":        func(w io.Writer) error { return reports.WriteLoadJSON(w, l) },
		"timeline CSV":     func(w io.Writer) error { return reports.WriteTimelineCSV(w, l) },
		"histogram":        func(w io.Writer) error { return reports.WriteHistogram(w, reporttest.LatencyWithHistogram(t, l)) },
	})
}

// What can be read can be rendered in every way.
func FuzzRead(f *testing.F) {
	for _, v := range reports.Verdicts { // short seeds: long ones are spent on minimizing
		f.Add(fmt.Appendf(nil, `{"schema":1,"kind":"conformance","outcome":"fail","results":[{"case":"a/b","transport":"udp","verdict":%q,"measurements":[{"valueMs":1}],"transcript":[{"text":"x"}]}]}`, v))
	}
	f.Add([]byte(`{"schema":1,"kind":"conformance","outcome":"fail","results":[{"case":"/","verdict":"fail","transcript":[{"connection":"` + strings.Repeat("long", 40) + `","text":"` + strings.Repeat("x", 200) + `"}]}]}`))
	f.Add([]byte(`{"schema":1,"kind":"load","outcome":"pass","latencies":[{"kind":"login","from":"send","p99Us":-9223372036854775808}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		b, err := reports.Parse("p", document)
		if err != nil {
			var format *reports.FormatError
			if !errors.As(err, &format) {
				t.Fatalf("%v is no *FormatError", err)
			}
			return
		}
		if err := errors.Join(page.Write(io.Discard, b), markdown.Write(io.Discard, b), junit.Write(io.Discard, folder.Checks(b)...), ctrf.Write(io.Discard, folder.Checks(b)...)); err != nil {
			t.Error(err)
		}
		if c := b.Conformance; c != nil {
			if err := errors.Join(text.WriteConformance(io.Discard, c, text.Options{Verbose: true}), text.WriteConformance(io.Discard, c, text.Options{}), reports.WriteConformanceJSON(io.Discard, c)); err != nil {
				t.Error(err)
			}
			return
		}
		if err := errors.Join(text.WriteLoad(io.Discard, b.Load, text.Options{Verbose: true}), reports.WriteLoadJSON(io.Discard, b.Load)); err != nil {
			t.Error(err)
		}
	})
}

// A report of before the field that says so is of a closed loop by its scenario.
func TestParseFindsClosedLoops(t *testing.T) {
	b, err := reports.Parse("p", []byte(`{"schema":1,"kind":"load","outcome":"pass","scenario":"echo"}`))
	if err != nil || b.Load == nil || !b.Load.ClosedLoop {
		t.Errorf("got %+v, %v; want a closed loop", b.Load, err)
	}
}
