package content

import (
	"fmt"
	"testing"

	"imcheck/reports"
)

// A node is named by its address, and by its name where that differs; what failed is marked.
func TestNodeTable(t *testing.T) {
	nodes := []reports.Node{
		{Transport: "tcp", Host: "im.example:1", Address: "127.0.0.1:1", Opened: 4711, Failed: 1, LoggedIn: 4700},
		{Transport: "ws", Host: "127.0.0.2:1", Address: "127.0.0.2:1", Opened: 1},
	}
	rows := NodeTable(nodes).Rows
	const want = "[[{127.0.0.1:1 (im.example:1) } {tcp } {4,711 } {1 bad} {0 } {4,700 }] [{127.0.0.2:1 } {ws } {1 } {0 } {0 } {0 }]]"
	if got := fmt.Sprint(rows); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := len(NodeTable(make([]reports.Node, 1000)).Rows); got != maxNodeRows {
		t.Errorf("%d rows, want %d", got, maxNodeRows)
	}
}

// The latencies of a kind are beside each other, so that nodes can be compared.
func TestNodeLatencyTable(t *testing.T) {
	of := func(kind reports.LatencyKind, us int64) reports.Latency {
		return reports.Latency{Kind: kind, Transport: "tcp", From: reports.FromDue, Count: 1000, P50Us: us, P99Us: 2 * us, MaxUs: 3 * us}
	}
	nodes := []reports.Node{
		{Transport: "tcp", Address: "127.0.0.1:1", Latencies: []reports.Latency{of(reports.KindLogin, 100), of(reports.KindC2SAck, 200)}},
		{Transport: "tcp", Address: "127.0.0.2:1", Latencies: []reports.Latency{of(reports.KindLogin, 4000)}},
		{Transport: "tcp", Address: "127.0.0.3:1"},
	}
	rows := NodeLatencyTable(nodes).Rows
	const want = "[[{login } {tcp } {127.0.0.1:1 } {1,000 } {100 µs } {200 µs } {300 µs }] " +
		"[{login } {tcp } {127.0.0.2:1 } {1,000 } {4.00 ms } {8.00 ms } {12.0 ms }] " +
		"[{c2s ack } {tcp } {127.0.0.1:1 } {1,000 } {200 µs } {400 µs } {600 µs }]]"
	if got := fmt.Sprint(rows); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	many := reports.Node{Latencies: make([]reports.Latency, 1000)}
	if got := len(NodeLatencyTable([]reports.Node{many}).Rows); got != maxNodeRows {
		t.Errorf("%d rows, want %d", got, maxNodeRows)
	}
}
