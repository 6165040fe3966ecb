package merge

import (
	"fmt"

	"imcheck/reports"
)

// nodeSums add up the connections to each address, and the latencies there.
type nodeSums struct {
	order []nodeKey // in which they were first seen
	nodes map[nodeKey]*nodeSum
}

type nodeKey struct{ transport, host, address string }

// nodeSum is one address in all shards.
type nodeSum struct {
	row       reports.Node // without latencies
	latencies seriesSums
}

// add adds the addresses of a shard.
func (t *nodeSums) add(nodes []reports.Node) error {
	if t.nodes == nil {
		t.nodes = map[nodeKey]*nodeSum{}
	}
	for _, n := range nodes {
		key := nodeKey{n.Transport, n.Host, n.Address}
		sum := t.nodes[key]
		if sum == nil {
			sum = &nodeSum{row: reports.Node{Transport: n.Transport, Host: n.Host, Address: n.Address}}
			t.nodes[key] = sum
			t.order = append(t.order, key)
		}
		sum.row.Opened += n.Opened
		sum.row.Failed += n.Failed
		sum.row.Ended += n.Ended
		sum.row.LoggedIn += n.LoggedIn
		if err := sum.latencies.addRows(n.Latencies); err != nil {
			return fmt.Errorf("the node %s: %w", n.Address, err)
		}
	}
	return nil
}

// rows returns the addresses of the whole run.
func (t *nodeSums) rows() (rows []reports.Node, err error) {
	for _, key := range t.order {
		sum := t.nodes[key]
		if sum.row.Latencies, _, err = sum.latencies.rows(); err != nil {
			return nil, fmt.Errorf("the node %s: %w", key.address, err)
		}
		rows = append(rows, sum.row)
	}
	return rows, nil
}
