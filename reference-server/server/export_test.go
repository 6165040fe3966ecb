package server

import (
	"net"

	"imcheck/harness/wire"
)

// Tap puts faults around a stream as a listener does; nil when none of them works
// on the streams of that transport.
func Tap(c net.Conn, t wire.Transport, faults ...Fault) net.Conn {
	b := newBehaviour(Config{Faults: faults})
	if b.streams[t] == nil {
		return nil
	}
	return b.streams[t](c)
}
