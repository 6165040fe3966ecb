package wire

import (
	"fmt"
	"strings"
)

// Transport names one of the three carriers of docs/protocol.md §2. TLS is a
// property of a connection, not a transport of its own.
type Transport uint8

// The transports, in the order in which reports list them.
const (
	UDP Transport = iota
	TCP
	WS
)

// Transports lists every transport.
var Transports = [...]Transport{UDP, TCP, WS}

// The largest messages that a server was observed to accept, in bytes (§2).
const (
	MaxDatagram  = 2048  // UDP: the rest of a longer datagram is cut off
	MaxTCPBody   = 6144  // TCP: a longer body closes the connection
	MaxTextFrame = 65536 // WebSocket: payload of one frame
)

// WebSocketPath is the path that the WebSocket listener serves (§2).
const WebSocketPath = "/websocket"

// String returns the name used in flags, files and reports: "udp", "tcp", "ws".
func (t Transport) String() string {
	switch t {
	case UDP:
		return "udp"
	case TCP:
		return "tcp"
	case WS:
		return "ws"
	}
	return fmt.Sprintf("transport(%d)", uint8(t))
}

// MaxMessage returns the size in bytes of the largest message that a 6.x server
// accepts on t.
func (t Transport) MaxMessage() int {
	switch t {
	case UDP:
		return MaxDatagram
	case TCP:
		return MaxTCPBody
	}
	return MaxTextFrame
}

// Connected reports whether a client on t sees the server close its connection. A
// UDP session that the server closes is merely forgotten (§2).
func (t Transport) Connected() bool { return t != UDP }

// ParseTransport returns the transport with a name, in either case.
func ParseTransport(name string) (Transport, error) {
	for _, t := range Transports {
		if strings.EqualFold(name, t.String()) {
			return t, nil
		}
	}
	return 0, fmt.Errorf("unknown transport %q: use udp, tcp or ws", name)
}

// MarshalText returns the transport's name, for JSON and YAML.
func (t Transport) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText parses a transport's name.
func (t *Transport) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTransport(string(text))
	return err
}
