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

// The largest message a server was observed to take, in bytes (§2).
const (
	MaxDatagram  = 2048  // UDP: the rest of a longer datagram is cut off
	MaxTCPBody   = 6144  // TCP: a longer body closes the connection
	MaxTextFrame = 65536 // WebSocket: payload of one frame
)

// WebSocketPath is the path that the WebSocket listener serves (§2).
const WebSocketPath = "/websocket"

// String is the name used in flags, files and reports: "udp", "tcp", "ws".
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

// MaxMessage is the largest message in bytes that a 6.x server takes on t.
func (t Transport) MaxMessage() int {
	switch t {
	case UDP:
		return MaxDatagram
	case TCP:
		return MaxTCPBody
	}
	return MaxTextFrame
}

// Connected reports whether t has a connection that a server can be seen to
// close. A UDP session that the server closes is merely forgotten (§2).
func (t Transport) Connected() bool { return t != UDP }

// ParseTransport reads a transport's name, in either case.
func ParseTransport(name string) (Transport, error) {
	for _, t := range Transports {
		if strings.EqualFold(name, t.String()) {
			return t, nil
		}
	}
	return 0, fmt.Errorf("unknown transport %q: use udp, tcp or ws", name)
}

// MarshalText makes a transport a name in JSON and YAML.
func (t Transport) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Transport) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTransport(string(text))
	return err
}
