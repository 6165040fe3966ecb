package merge

import (
	"slices"
	"testing"

	"imcheck/reports"
)

// The connections of all shards to one address are added up.
func TestAddNodes(t *testing.T) {
	a := reports.Node{Transport: "tcp", Host: "x:1", Address: "127.0.0.1:1", Opened: 1, Failed: 2, Ended: 3}
	b := reports.Node{Transport: "udp", Host: "x:1", Address: "127.0.0.1:1", Opened: 5}
	total := &reports.Load{}
	addNodes(total, []reports.Node{a})
	addNodes(total, []reports.Node{b, a})
	want := []reports.Node{{Transport: "tcp", Host: "x:1", Address: "127.0.0.1:1", Opened: 2, Failed: 4, Ended: 6}, b}
	if !slices.Equal(total.Nodes, want) {
		t.Errorf("the sum is %+v, want %+v", total.Nodes, want)
	}
}
