// Package reporttest has helpers for tests of several packages of reports: example
// reports, golden files, hostile texts, and checks for every page.
package reporttest

import (
	"embed"
	"encoding/json"
	"strings"
	"testing"

	"imcheck/reports"
)

//go:embed models
var modelFiles embed.FS

// Models are the names of the reports that Model gives.
var Models = []string{"pass", "fail", "unreachable", "known", "repeated", "load-good", "load-bottleneck"}

// Model returns one of the reports in models, each time anew.
func Model(t testing.TB, name string) reports.Bundle {
	t.Helper()
	text := ModelText(t, name)
	var b reports.Bundle
	var err error
	if strings.HasPrefix(name, "load-") {
		b.Load = &reports.Load{}
		err = json.Unmarshal(text, b.Load)
	} else {
		b.Conformance = &reports.Conformance{}
		err = json.Unmarshal(text, b.Conformance)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Capacity returns the report of a search for the capacity of a server, each time anew.
func Capacity(t testing.TB) *reports.Capacity {
	t.Helper()
	c := &reports.Capacity{}
	if err := json.Unmarshal(ModelText(t, "capacity"), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// ModelText returns the file of such a report.
func ModelText(t testing.TB, name string) []byte {
	t.Helper()
	text, err := modelFiles.ReadFile("models/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// LatencyWithHistogram returns the first latency that has a histogram.
func LatencyWithHistogram(t *testing.T, l *reports.Load) reports.Latency {
	t.Helper()
	for _, latency := range l.Latencies {
		if latency.Histogram != "" {
			return latency
		}
	}
	t.Fatal("no latency has a histogram")
	return reports.Latency{}
}

// Expiries has expiries of each form, with what is not known in them.
func Expiries() *reports.Conformance {
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "3 of 6 cases failed", DurationMs: 16_000}}
	for _, e := range []reports.Expiry{
		{SenseMode: "3S", Transport: "udp", Nominal: 10_000, Earliest: 9_901, Latest: 10_100, Verdict: reports.Pass},
		{SenseMode: "3S", Transport: "tcp", Nominal: 7_000, Earliest: 8_002.5, Latest: 8_002.5, Verdict: reports.Fail},
		{SenseMode: "3S", Transport: "ws", Nominal: 7_000, Earliest: 7_000, Latest: 7_000, Verdict: reports.Pass},
		{SenseMode: "10S", Transport: "udp", Nominal: 21_000, Earliest: 21_101, Verdict: reports.Fail},
		{SenseMode: "30S", Transport: "udp", Nominal: 62_000, Latest: 61_900, Verdict: reports.Fail},
		{SenseMode: "30S", Transport: "tcp", Nominal: 35_000, Verdict: reports.Error},
	} {
		e.Tolerance, e.Lag = 100, 1.5
		c.Expiries = append(c.Expiries, e)
		r := reports.Result{Case: "heartbeat/expiry", Transport: e.Transport, SenseMode: e.SenseMode, Level: reports.Must, Verdict: e.Verdict}
		if e.Verdict != reports.Pass {
			r.Reason = "no close"
		}
		c.Results = append(c.Results, r)
	}
	return c
}
