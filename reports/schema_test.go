package reports_test

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// schemaFiles are where the two kinds of report are described.
var schemaFiles = map[string]string{reports.KindConformance: "report.schema.json", reports.KindLoad: "load.schema.json"}

// validate holds the text of a report against the schema of its kind.
func validate(t *testing.T, kind string, text []byte) error {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("schema", schemaFiles[kind]))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestReportsFollowSchema(t *testing.T) {
	bundles := map[string]reports.Bundle{
		"expiries":         {Conformance: reporttest.Expiries()},
		"empty report":     {Conformance: &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}}},
		"empty load":       {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable, ExitCode: 3}, Scenario: "idle"}},
		"part of a load":   {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "echo", Shard: reports.Shard{Index: 2, Of: 4, Run: "x"}}},
		"sum of loads":     {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "chat", Shards: []reports.ShardResult{{Index: 1, Outcome: reports.OutcomePass}}}},
		"load with storm":  {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail}, Scenario: "storm", Recovery: &reports.Recovery{P50Ms: 2.5, P99Ms: -1, P100Ms: -1}}},
		"load with outage": {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail}, Scenario: "push", Sessions: reports.Sessions{Outages: []reports.Outage{{FromMs: 1000, ToMs: 2000}}}}},
	}
	for _, name := range reporttest.Models {
		bundles[name] = reporttest.Model(t, name)
	}
	for name, b := range bundles {
		t.Run(name, func(t *testing.T) {
			kind, write := reports.KindConformance, func(w io.Writer) error { return reports.WriteConformanceJSON(w, b.Conformance) }
			if b.Load != nil {
				kind, write = reports.KindLoad, func(w io.Writer) error { return reports.WriteLoadJSON(w, b.Load) }
			}
			if err := validate(t, kind, reporttest.Rendered(t, write)); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is no report of this version does not follow the schema.
func TestSchemaRefuses(t *testing.T) {
	first := func(list any) map[string]any { return list.([]any)[0].(map[string]any) }
	for name, test := range map[string]struct {
		model string
		spoil func(report map[string]any)
	}{
		"newer version":      {"fail", func(r map[string]any) { r["schema"] = 2 }},
		"other kind":         {"fail", func(r map[string]any) { r["kind"] = reports.KindLoad }},
		"unknown outcome":    {"fail", func(r map[string]any) { r["outcome"] = "fine" }},
		"no outcome":         {"fail", func(r map[string]any) { delete(r, "outcome") }},
		"unknown exit code":  {"fail", func(r map[string]any) { r["exitCode"] = 5 }},
		"no time":            {"fail", func(r map[string]any) { r["started"] = "yesterday" }},
		"further field":      {"fail", func(r map[string]any) { r["extra"] = true }},
		"null list":          {"fail", func(r map[string]any) { r["results"] = nil }},
		"unknown verdict":    {"fail", func(r map[string]any) { first(r["results"])["verdict"] = "ok" }},
		"unknown level":      {"fail", func(r map[string]any) { first(r["results"])["level"] = "MAY" }},
		"further in a list":  {"fail", func(r map[string]any) { first(r["results"])["extra"] = 1 }},
		"counted verdict":    {"fail", func(r map[string]any) { r["counts"] = map[string]any{"ok": 1} }},
		"unknown percentile": {"load-good", func(r map[string]any) { first(r["latencies"])["p42Us"] = 1 }},
		"text for a number":  {"load-good", func(r map[string]any) { first(r["latencies"])["p50Us"] = "1 ms" }},
		"negative count":     {"load-good", func(r map[string]any) { first(r["messages"])["sent"] = -1 }},
		"fraction of one":    {"load-good", func(r map[string]any) { first(r["messages"])["sent"] = 0.5 }},
		"clients on nothing": {"load-good", func(r map[string]any) { r["clients"] = map[string]any{"quic": 1} }},
	} {
		t.Run(name, func(t *testing.T) {
			text := reporttest.ModelText(t, test.model)
			var report map[string]any
			if err := json.Unmarshal(text, &report); err != nil {
				t.Fatal(err)
			}
			kind := report["kind"].(string)
			test.spoil(report)
			spoilt, err := json.Marshal(report)
			if err != nil {
				t.Fatal(err)
			}
			if validate(t, kind, spoilt) == nil {
				t.Error("it follows the schema")
			}
		})
	}
}
