package swarm

import (
	"slices"

	"imcheck/protocol/wire"
)

// openFilesReserve is the number of files that a process has open besides its clients'
// connections: standard streams, the runtime's own, a control API, the report.
const openFilesReserve = 64

// filesOfAWorker are those that an event loop has besides its connections.
const filesOfAWorker = 2

// OpenFilesNeeded returns how many open files the run takes: a client has one
// connection, and on UDP many may have one socket.
func (c Config) OpenFilesNeeded() uint64 {
	needed := openFilesReserve + filesOfAWorker*c.workers()
	for _, t := range wire.Transports {
		if slices.Contains(c.Transports, t) {
			needed += c.sockets(t)
		}
	}
	return uint64(needed)
}
