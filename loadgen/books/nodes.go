package books

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// NodeID is the place of an address of the target among those of its transport, from 1;
// 0 for connections that are not followed by address.
type NodeID uint16

// NodeIDOf returns the ID of the address at a place, from 1. What is beyond any use is
// not followed.
func NodeIDOf(place int) NodeID {
	if place > math.MaxUint16 {
		return 0
	}
	return NodeID(place)
}

// MaxNodeLatencies bounds the addresses of a transport whose latencies are kept: as many
// as the histograms of a worker have 10 MB for. Logins are counted for all.
const MaxNodeLatencies = 64

// Nodes have what one worker, or all together, has measured by the address of the
// target. They belong to the worker's goroutine until it has ended.
type Nodes [len(wire.Transports)][]nodeAccount

// nodeAccount has the measurements at one address.
type nodeAccount struct {
	loggedIn int64
	latency  [Kinds]*hdrhistogram.Histogram // nil for what has not been measured
}

// of returns the account of an address; nil for ID 0.
func (n *Nodes) of(t wire.Transport, id NodeID) *nodeAccount {
	if id == 0 {
		return nil
	}
	for len(n[t]) < int(id) {
		n[t] = append(n[t], nodeAccount{})
	}
	return &n[t][id-1]
}

// LogIn counts a login that succeeded.
func (n *Nodes) LogIn(t wire.Transport, id NodeID) {
	if account := n.of(t, id); account != nil {
		account.loggedIn++
	}
}

// Record counts a latency, from the origin by which its kind is compared.
func (n *Nodes) Record(k Kind, t wire.Transport, id NodeID, took time.Duration) {
	account := n.of(t, id)
	if account == nil || id > MaxNodeLatencies {
		return
	}
	if account.latency[k] == nil {
		account.latency[k] = reports.NewCoarseHistogram()
	}
	reports.Record(account.latency[k], took)
}

// Merge adds what another worker has, which keeps its own.
func (n *Nodes) Merge(other *Nodes) {
	for _, t := range wire.Transports {
		for i := range other[t] {
			account := n.of(t, NodeIDOf(i+1))
			account.loggedIn += other[t][i].loggedIn
			for k, h := range other[t][i].latency {
				switch {
				case h == nil:
				case account.latency[k] == nil:
					account.latency[k] = h.Clone()
				default:
					account.latency[k].Merge(h)
				}
			}
		}
	}
}

// Complete adds to the row of an address what was measured there.
func (n *Nodes) Complete(row *reports.Node, t wire.Transport, id NodeID) error {
	account := n.of(t, id)
	if account == nil {
		return nil
	}
	row.LoggedIn = account.loggedIn
	for k, h := range account.latency {
		if h == nil {
			continue
		}
		s := series(Kind(k), t, 0)
		if Kind(k) == EchoReply {
			s.From = reports.FromSend
		}
		latency, err := reports.NewLatency(s, h)
		if err != nil {
			return err
		}
		row.Latencies = append(row.Latencies, latency)
	}
	return nil
}
