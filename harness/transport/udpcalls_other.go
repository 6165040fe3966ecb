//go:build !linux

package transport

// newDatagramCalls returns nil, as a system call is for one datagram here.
func newDatagramCalls(PacketConn, int) datagramCalls { return nil }
