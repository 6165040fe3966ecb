package reports

import (
	"embed"
	"encoding/json"
	"strings"
	"testing"
)

//go:embed models
var modelFiles embed.FS

// models are the names of the reports that readModel gives.
var models = []string{"pass", "fail", "unreachable", "known", "repeated", "load-good", "load-bottleneck"}

// readModel gives one of the reports in models, each time anew.
func readModel(t testing.TB, name string) Bundle {
	t.Helper()
	text := modelText(t, name)
	var b Bundle
	var err error
	if strings.HasPrefix(name, "load-") {
		b.Load = &Load{}
		err = json.Unmarshal(text, b.Load)
	} else {
		b.Conformance = &Conformance{}
		err = json.Unmarshal(text, b.Conformance)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// modelText is the file of such a report.
func modelText(t testing.TB, name string) []byte {
	t.Helper()
	text, err := modelFiles.ReadFile("models/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// histogramOf is the first latency that has a histogram.
func histogramOf(t *testing.T, l *Load) Latency {
	t.Helper()
	for _, latency := range l.Latencies {
		if latency.Histogram != "" {
			return latency
		}
	}
	t.Fatal("no latency has a histogram")
	return Latency{}
}

// expiryModel has expiries of each form, with what is not known in them.
func expiryModel() *Conformance {
	c := &Conformance{Header: Header{Outcome: OutcomeFail, Reason: "3 of 6 cases failed", DurationMs: 16_000}}
	for _, e := range []Expiry{
		{SenseMode: "3S", Transport: "udp", Nominal: 10_000, Earliest: 9_901, Latest: 10_100, Verdict: Pass},
		{SenseMode: "3S", Transport: "tcp", Nominal: 7_000, Earliest: 8_002.5, Latest: 8_002.5, Verdict: Fail},
		{SenseMode: "3S", Transport: "ws", Nominal: 7_000, Earliest: 7_000, Latest: 7_000, Verdict: Pass},
		{SenseMode: "10S", Transport: "udp", Nominal: 21_000, Earliest: 21_101, Verdict: Fail},
		{SenseMode: "30S", Transport: "udp", Nominal: 62_000, Latest: 61_900, Verdict: Fail},
		{SenseMode: "30S", Transport: "tcp", Nominal: 35_000, Verdict: Error},
	} {
		e.Tolerance, e.Lag = 100, 1.5
		c.Expiries = append(c.Expiries, e)
		r := Result{Case: "heartbeat/expiry", Transport: e.Transport, SenseMode: e.SenseMode, Level: "MUST", Verdict: e.Verdict}
		if e.Verdict != Pass {
			r.Reason = "no close"
		}
		c.Results = append(c.Results, r)
	}
	return c
}
