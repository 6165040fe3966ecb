package merge

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// latencyOf returns the latency of logins on TCP with some values.
func latencyOf(t *testing.T, values ...time.Duration) reports.Latency {
	t.Helper()
	h := reports.NewCoarseHistogram()
	for _, d := range values {
		reports.Record(h, d)
	}
	row, err := reports.NewLatency(reports.Series{Kind: reports.KindLogin, Transport: "tcp", From: reports.FromDue}, h)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// The connections of all shards to one address are added up, and the latencies there.
func TestNodeSums(t *testing.T) {
	a := reports.Node{Transport: "tcp", Host: "x:1", Address: "127.0.0.1:1", Opened: 1, Failed: 2, Ended: 3, LoggedIn: 4}
	b := reports.Node{Transport: "udp", Host: "x:1", Address: "127.0.0.1:1", Opened: 5}
	first, second := a, a
	first.Latencies = []reports.Latency{latencyOf(t, time.Millisecond)}
	second.Latencies = []reports.Latency{latencyOf(t, 3*time.Millisecond, 5*time.Millisecond)}
	var sums nodeSums
	for _, shard := range [][]reports.Node{{first}, {b, second}, {a}} {
		if err := sums.add(shard); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sums.rows()
	if err != nil {
		t.Fatal(err)
	}
	whole := reports.Node{
		Transport: "tcp", Host: "x:1", Address: "127.0.0.1:1", Opened: 3, Failed: 6, Ended: 9, LoggedIn: 12,
		Latencies: []reports.Latency{latencyOf(t, time.Millisecond, 3*time.Millisecond, 5*time.Millisecond)},
	}
	if want := []reports.Node{whole, b}; !reflect.DeepEqual(got, want) {
		t.Errorf("the sum is %+v, want %+v", got, want)
	}
	first.Latencies[0].Histogram = ""
	if err := sums.add([]reports.Node{first}); err == nil || !strings.Contains(err.Error(), "the node 127.0.0.1:1: no histogram was kept") {
		t.Errorf("a latency without its histogram: %v", err)
	}
}
