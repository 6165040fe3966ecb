package page

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// hourOfLoad returns a run of an hour in which everything was measured: each kind of
// latency on each transport from both origins, with the histogram of so many
// values, and a sample a second.
func hourOfLoad(tb testing.TB, values int) *reports.Load {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	l := &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass, DurationMs: 3_600_000}, Scenario: "steady", Clients: map[string]int{"udp": 1000, "tcp": 1000, "ws": 1000}}
	l.Sessions = reports.Sessions{LoggedIn: 3000, PeakOnline: 3000, AtEnd: 3000, Outages: []reports.Outage{{FromMs: 1_000_000, ToMs: 1_030_000}}}
	for _, kind := range chartKinds {
		for _, from := range []string{reports.FromDue, reports.FromSend} {
			for _, transport := range []string{"udp", "tcp", "ws", reports.AllTransports} {
				h := reporttest.Histogram()
				for range values {
					if err := h.RecordValue(random.Int64N(1 << (6 + random.IntN(18)))); err != nil {
						tb.Fatal(err)
					}
				}
				row, err := reports.NewLatency(reports.Series{Kind: kind, Transport: transport, From: from}, h)
				if err != nil {
					tb.Fatal(err)
				}
				l.Latencies = append(l.Latencies, row)
			}
		}
	}
	for second := range int64(3600) {
		l.Timeline = append(l.Timeline, reports.Sample{
			AtMs: 1000 * (second + 1), Online: 3000, Sent: 1000 + random.Int64N(50), Delivered: 500 + random.Int64N(20), LoggedIn: random.Int64N(3),
			Errors: random.Int64N(2), P50Us: 200 + random.Int64N(90), P99Us: 900 + random.Int64N(9000), LateP99Us: 50 + random.Int64N(300),
		})
	}
	return l
}

// maxPage is the largest size of the page of an hour.
const maxPage = 10_000_000

// The page of a long run is one that can be sent and opened, and is whole.
func TestPageOfAnHour(t *testing.T) {
	l := hourOfLoad(t, 2000)
	got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Load: l}) })
	if len(got) > maxPage {
		t.Errorf("the page has %d bytes, want at most %d", len(got), maxPage)
	}
	charts := len(chartKinds) + len(courseParts(l))
	if n := bytes.Count(got, []byte(`<svg class="plot"`)); n != charts {
		t.Errorf("the page has %d charts, want %d", n, charts)
	}
	if n := bytes.Count(got, []byte("<tr>")); n < len(l.Timeline) {
		t.Errorf("the page has %d rows, fewer than the run has seconds", n)
	}
	t.Logf("%d bytes", len(got))
}

// Of a run that goes on for longer the page does not grow with every second.
func TestPageOfManyHours(t *testing.T) {
	l := &reports.Load{Header: reports.Header{Outcome: reports.OutcomePass}}
	for second := range int64(30_000) {
		l.Timeline = append(l.Timeline, reports.Sample{AtMs: 1000 * second, Online: 10, Sent: 5 + second%7, P99Us: 1000 + second%500, P50Us: 500})
	}
	got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Load: l}) })
	if len(got) > 100_000 {
		t.Errorf("the page has %d bytes", len(got))
	}
	if !strings.Contains(string(got), "30000 seconds one by one are in timeline.csv") {
		t.Error("the page does not say where its seconds are")
	}
}

func BenchmarkPageOfAnHour(b *testing.B) {
	l := hourOfLoad(b, 20_000)
	for b.Loop() {
		if err := Write(io.Discard, reports.Bundle{Load: l}); err != nil {
			b.Fatal(err)
		}
	}
}
