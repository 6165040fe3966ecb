package ctrf

import (
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/internal/reporttest"
)

// schema is what the format allows of the fields that are written here.
var schema = filepath.Join("testdata", "ctrf.schema.json")

// runsOf returns the checks of the runs that a bundle has.
func runsOf(b reports.Bundle) (runs []checks.Run) {
	if b.Conformance != nil {
		runs = append(runs, checks.OfConformance(b.Conformance))
	}
	if b.Load != nil {
		runs = append(runs, checks.OfLoad(b.Load))
	}
	return runs
}

func rendered(t *testing.T, b reports.Bundle) []byte {
	t.Helper()
	return reporttest.Rendered(t, func(w io.Writer) error { return Write(w, runsOf(b)...) })
}

// read decodes what was written.
func read(t *testing.T, b reports.Bundle) results {
	t.Helper()
	var d document
	if err := json.Unmarshal(rendered(t, b), &d); err != nil {
		t.Fatal(err)
	}
	return d.Results
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"fail", "repeated", "unreachable", "load-good", "load-bottleneck"} {
		t.Run(name, func(t *testing.T) {
			got := rendered(t, reporttest.Model(t, name))
			reporttest.Golden(t, got, "golden", name+".ctrf.json")
		})
	}
}

// Every report follows the format, one of both kinds and one with hostile texts too.
func TestFollowsFormat(t *testing.T) {
	bundles := map[string]reports.Bundle{
		"hostile": reporttest.HostileBundle(),
		"both":    {Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load},
		"nothing": {Conformance: &reports.Conformance{}},
	}
	for _, name := range reporttest.Models {
		bundles[name] = reporttest.Model(t, name)
	}
	for name, b := range bundles {
		t.Run(name, func(t *testing.T) {
			if err := reporttest.FollowsSchema(t, schema, rendered(t, b)); err != nil {
				t.Error(err)
			}
			got := read(t, b)
			s := got.Summary
			if s.Tests != len(got.Tests) || s.Tests != s.Passed+s.Failed+s.Skipped+s.Pending+s.Other || s.Start > s.Stop {
				t.Errorf("the summary does not add up: %+v of %d tests", s, len(got.Tests))
			}
		})
	}
}

// The schema of the test refuses what the format does.
func TestFormatRefuses(t *testing.T) {
	good := rendered(t, reporttest.Model(t, "repeated"))
	first := func(r map[string]any) map[string]any {
		return reporttest.FirstOf(r["results"].(map[string]any)["tests"])
	}
	for name, spoil := range map[string]func(r map[string]any){
		"no version":    func(r map[string]any) { delete(r, "specVersion") },
		"other format":  func(r map[string]any) { r["reportFormat"] = "JUnit" },
		"own field":     func(r map[string]any) { r["outcome"] = "pass" },
		"own status":    func(r map[string]any) { first(r)["status"] = "inconclusive" },
		"half a milli":  func(r map[string]any) { first(r)["duration"] = 0.5 },
		"no name":       func(r map[string]any) { first(r)["name"] = "" },
		"suite as text": func(r map[string]any) { first(r)["suite"] = "qos" },
		"no summary":    func(r map[string]any) { delete(r["results"].(map[string]any), "summary") },
	} {
		t.Run(name, func(t *testing.T) { reporttest.SchemaRefuses(t, schema, good, spoil) })
	}
}

func TestStatuses(t *testing.T) {
	want := map[reports.Verdict]string{
		reports.Pass: "passed", reports.Warn: "passed",
		reports.Fail: "failed", reports.UnexpectedPass: "failed", reports.Error: "failed",
		reports.Inconclusive: "other", reports.ExpectedFailure: "other",
		reports.NotSupported: "skipped", reports.Skipped: "skipped",
	}
	for _, v := range reports.Verdicts {
		result := reports.Result{Case: "qos/ack", Transport: "udp", Verdict: v, Reason: "why", DurationMs: 12.6}
		got := read(t, reports.Bundle{Conformance: &reports.Conformance{Results: []reports.Result{result}}}).Tests[0]
		if got.Status != want[v] || got.RawStatus != string(v) || got.Name != "qos/ack [udp]" || got.Duration != 13 {
			t.Errorf("%s: got %+v", v, got)
		}
	}
}

// The rounds of a case are the attempts of one test. It is flaky when its verdict
// changed, and has failed when any of them has.
func TestRounds(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_000)
	c := &reports.Conformance{Header: reports.Header{Started: at, DurationMs: 500, Outcome: reports.OutcomeFail}, Rounds: 2}
	round := func(name string, n int, v reports.Verdict) {
		c.Results = append(c.Results, reports.Result{Case: name, Transport: "tcp", Round: n, Verdict: v, Reason: "why", StartedMs: float64(100 * n), DurationMs: 50})
	}
	round("a/steady", 2, reports.Pass)
	round("a/steady", 1, reports.Pass)
	round("b/flaky", 2, reports.Fail)
	round("b/flaky", 1, reports.Pass)
	c.Flakes = reports.FindFlakes(c.Results)
	got := read(t, reports.Bundle{Conformance: c})
	if len(got.Tests) != 2 || got.Summary.Flaky != 1 || got.Summary.Failed != 1 || got.Summary.Passed != 1 {
		t.Fatalf("got %+v", got)
	}
	steady, flaky := got.Tests[0], got.Tests[1]
	if steady.Flaky || steady.Status != "passed" || steady.Retries != 2 || steady.Duration != 100 {
		t.Errorf("steady: %+v", steady)
	}
	if !flaky.Flaky || flaky.Status != "failed" || flaky.Start != at.UnixMilli()+100 || flaky.Stop != at.UnixMilli()+250 {
		t.Errorf("flaky: %+v", flaky)
	}
	var statuses []string
	for _, a := range flaky.RetryAttempts {
		statuses = append(statuses, a.Status)
	}
	if !slices.Equal(statuses, []string{"passed", "failed"}) {
		t.Errorf("attempts %q", statuses)
	}
}

// Nothing of what a target sent is obeyed where the report is shown.
func TestPrintable(t *testing.T) {
	for _, test := range read(t, reporttest.HostileBundle()).Tests {
		for _, text := range []string{test.Name, test.Message, test.Trace} {
			if strings.ContainsAny(text, "\x1b\x00\u202e") {
				t.Errorf("not printable: %q", text)
			}
		}
	}
}

func TestOnFullDisk(t *testing.T) {
	runs := runsOf(reporttest.Model(t, "fail"))
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"CTRF": func(w io.Writer) error { return Write(w, runs...) },
	})
}

func TestWithoutRun(t *testing.T) {
	if err := Write(io.Discard); err == nil {
		t.Error("no error without any run")
	}
}
