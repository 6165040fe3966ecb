package swarm

import (
	"time"

	"imcheck/loadgen/host"
	"imcheck/protocol/wire"
)

// Needs is what one process of a run needs of its machine.
type Needs struct {
	Clients     int
	MemoryBytes int64 // about, without messages under way
	OpenFiles   uint64
	Sources     int // the fewest source addresses that have ports for all clients
}

// Memory in bytes that a process and its clients take, as docs/performance.md has it.
const (
	processBytes  = 20 << 20
	sharedBytes   = 450      // a UDP client on a shared socket; as much for a connection that it has abandoned, as below
	packetBytes   = 1_000    // another one, or a TCP client
	wsBytes       = 1_350    // a WebSocket client
	tlsBytes      = 11 << 10 // on top of these
	impairedBytes = 1_800    // on an impaired path, on top of these
	everyoneBytes = 4        // a client of the whole run: its place in the schedule
	peerBytes     = 24       // a place among the peers of a client
)

// Needs returns what this process needs.
func (c Config) Needs() Needs {
	schedule, engines := c.schedule(), c.engines(time.Time{})
	n := Needs{Clients: c.OwnClients(), MemoryBytes: processBytes, OpenFiles: c.OpenFilesNeeded(), Sources: 1}
	n.MemoryBytes += int64(c.Population())*everyoneBytes + int64(n.Clients)*int64(schedule.Places())*peerBytes
	open, policy := c.connectionsOn(), c.impairment()
	for _, t := range c.Transports {
		on, each := open[t.String()], int64(packetBytes)
		switch {
		case t == wire.WS:
			each = wsBytes
		case t == wire.UDP && engines.Sockets(t, on, 1) < on:
			each = sharedBytes
		}
		if c.Target.TLS[t] != nil {
			each += tlsBytes
		}
		if policy.Impairs(t) {
			each += impairedBytes
		}
		n.MemoryBytes += int64(on) * each
		ports := host.EphemeralPorts()
		n.Sources = max(n.Sources, (on+ports-1)/ports)
	}
	return n
}

// Large reports whether a process has so many clients that its needs are worth knowing.
func (n Needs) Large() bool { return n.Clients >= host.ManyClients }
