package transport

import "net/netip"

// Node is one address of a server that may have several.
type Node struct {
	Host string         // the name that it goes by in requests, with a port or without one
	At   netip.AddrPort // the address that is dialed
}
