package reports_test

import (
	"io"
	"path/filepath"
	"reflect"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// schemaFiles are the descriptions of the kinds of report.
var schemaFiles = map[string]string{
	reports.KindConformance: filepath.Join("schema", "report.schema.json"),
	reports.KindLoad:        filepath.Join("schema", "load.schema.json"),
	reports.KindCapacity:    filepath.Join("schema", "capacity.schema.json"),
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	for kind, model := range map[string]reflect.Type{reports.KindConformance: reflect.TypeFor[reports.Conformance](), reports.KindLoad: reflect.TypeFor[reports.Load](), reports.KindCapacity: reflect.TypeFor[reports.Capacity]()} {
		t.Run(kind, func(t *testing.T) { reporttest.SchemaIsOf(t, schemaFiles[kind], model) })
	}
}

func TestReportsFollowSchema(t *testing.T) {
	bundles := map[string]reports.Bundle{
		"expiries":          {Conformance: reporttest.Expiries()},
		"under load":        {Conformance: reporttest.UnderLoad()},
		"impaired":          {Conformance: &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}, Impairment: reporttest.Impaired(7, "udp: drop=4%")}},
		"impaired, empty":   {Conformance: &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}, Impairment: &reports.Impairment{}}},
		"target's memory":   {Conformance: &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}, TargetMemory: &reports.TargetMemory{}}},
		"empty report":      {Conformance: &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}}},
		"empty load":        {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable, ExitCode: 3}, Scenario: "idle"}},
		"part of a load":    {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "echo", Shard: reports.Shard{Index: 2, Of: 4, Run: "x"}}},
		"sum of loads":      {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "chat", Shards: []reports.ShardResult{{Index: 1, Outcome: reports.OutcomePass}}}},
		"load with storm":   {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail}, Scenario: "storm", Recovery: &reports.Recovery{P50Ms: 2.5, P99Ms: -1, P100Ms: -1}}},
		"load with exports": {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "idle", Exports: []reports.Export{{Protocol: "OTLP", To: "http://a", Failed: 1, Error: "x"}, {Protocol: "remote write", To: "http://b", Sent: 1, End: true}}}},
		"load with outage":  {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail}, Scenario: "push", Sessions: reports.Sessions{Outages: []reports.Outage{{FromMs: 1000, ToMs: 2000}}}}},
		"silent storm":      {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "storm", Storm: "silent", Recovery: &reports.Recovery{Silent: &reports.Silent{Zombies: 3, KeptMaxMs: -1, ServerFollowed: true}}}},
		"network away":      {Load: &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}, Scenario: "storm", Storm: "away", Recovery: &reports.Recovery{Away: &reports.Away{ForMs: 10, Messages: []reports.AwayMessages{{Kind: "c2s", Sent: 1, Missing: -1}}}}}},
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
			if err := reporttest.FollowsSchema(t, schemaFiles[kind], reporttest.Rendered(t, write)); err != nil {
				t.Error(err)
			}
		})
	}
}

// A file that is not a report of this version does not follow the schema.
func TestSchemaRefuses(t *testing.T) {
	first := reporttest.FirstOf
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
			path := schemaFiles[reports.KindConformance]
			if reporttest.Model(t, test.model).Load != nil {
				path = schemaFiles[reports.KindLoad]
			}
			reporttest.SchemaRefuses(t, path, reporttest.ModelText(t, test.model), test.spoil)
		})
	}
}
