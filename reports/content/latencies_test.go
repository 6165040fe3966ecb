package content

import (
	"slices"
	"testing"

	"imcheck/reports"
)

func TestShownLatencies(t *testing.T) {
	latencies := []reports.Latency{
		{Kind: "c2c_delivery", Transport: reports.AllTransports, From: reports.FromSend, P99Us: 1000},
		{Kind: "c2c_delivery", Transport: reports.AllTransports, From: reports.FromDue, P99Us: 2000}, // 1 ms apart: no news
		{Kind: "login", Transport: "ws", From: reports.FromDue, P99Us: 9000},
		{Kind: "login", Transport: "ws", From: reports.FromSend, P99Us: 4000}, // of one transport only
		{Kind: "login", Transport: reports.AllTransports, From: reports.FromDue, P99Us: 5001},
		{Kind: "login", Transport: reports.AllTransports, From: reports.FromSend, P99Us: 4000}, // 1.001 ms apart
		{Kind: "heartbeat", Transport: "tcp", From: reports.FromSend, P99Us: 100},              // with nothing to compare
	}
	names := func(all bool) []string {
		var got []string
		for _, l := range ShownLatencies(latencies, all) {
			got = append(got, string(l.Kind)+" "+l.Transport+" "+l.From)
		}
		return got
	}
	want := []string{"login all due", "login all send", "login ws due", "heartbeat tcp send", "c2c_delivery all due"}
	if got := names(false); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := names(true); len(got) != len(latencies) {
		t.Errorf("all: got %q", got)
	}
}
