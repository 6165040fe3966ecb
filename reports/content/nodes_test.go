package content

import (
	"fmt"
	"testing"

	"imcheck/reports"
)

// A node is named by its address, and by its name where that differs; what failed is marked.
func TestNodeTable(t *testing.T) {
	nodes := []reports.Node{
		{Transport: "tcp", Host: "im.example:1", Address: "127.0.0.1:1", Opened: 4711, Failed: 1},
		{Transport: "ws", Host: "127.0.0.2:1", Address: "127.0.0.2:1", Opened: 1},
	}
	rows := NodeTable(nodes).Rows
	const want = "[[{127.0.0.1:1 (im.example:1) } {tcp } {4,711 } {1 bad} {0 }] [{127.0.0.2:1 } {ws } {1 } {0 } {0 }]]"
	if got := fmt.Sprint(rows); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := len(NodeTable(make([]reports.Node, 1000)).Rows); got != maxNodeRows {
		t.Errorf("%d rows, want %d", got, maxNodeRows)
	}
}
