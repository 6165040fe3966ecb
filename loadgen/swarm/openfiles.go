package swarm

import (
	"slices"
	"time"

	"imcheck/loadgen/engine"
	"imcheck/protocol/wire"
)

// openFilesReserve is the number of files that a process has open besides its clients'
// connections: standard streams, the runtime's own, a control API, the report.
const openFilesReserve = 64

// OpenFilesNeeded returns how many open files the run takes: a client has one
// connection, besides one that it has abandoned, and on UDP many may have one socket.
func (c Config) OpenFilesNeeded() uint64 {
	engines, workers, open := c.engines(time.Time{}), c.workers(), c.connectionsOn()
	needed := openFilesReserve + engine.FilesBesideConnections*workers
	for _, t := range wire.Transports {
		if slices.Contains(c.Transports, t) {
			needed += engines.Sockets(t, open[t.String()], workers)
		}
	}
	return uint64(needed)
}
