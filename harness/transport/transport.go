// Package transport carries whole messages over UDP, TCP and WebSocket
// (docs/protocol.md §2). A client dials a Conn; a server has a Listener, which
// reports to a Handler what happens on each Link. Both ends run over a Network:
// OS is the machine's, package memory has one without sockets whose time may be
// virtual.
package transport

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"time"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// Network makes byte streams and datagram sockets. The addresses are host:port.
type Network interface {
	// DialStream connects to a listener.
	DialStream(ctx context.Context, address string) (net.Conn, error)
	// DialPacket makes a datagram socket that talks to one address only.
	DialPacket(ctx context.Context, address string) (net.Conn, error)
	// ListenStream accepts byte streams; port 0 picks a free one.
	ListenStream(address string) (net.Listener, error)
	// ListenPacket receives datagrams from anyone; port 0 picks a free one.
	ListenPacket(address string) (PacketConn, error)
}

// PacketConn is the part of *net.UDPConn that a datagram listener needs.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (n int, err error)
	LocalAddr() net.Addr
	Close() error
}

// Conn is a client's end. One goroutine may send while another receives.
type Conn interface {
	Transport() wire.Transport
	// Send writes one message, framed as the transport does it. On a stream whose
	// peer does not read it waits for up to 10 s. The error is a *CloseError;
	// after one a stream cannot be sent on, a datagram socket can.
	Send(body []byte) error
	// Receive blocks for the next message, which is valid until the next call.
	// The error is a *CloseError; after a Timeout the connection may be read on.
	Receive() ([]byte, error)
	// SetReceiveDeadline bounds Receive; the zero time lifts the bound.
	SetReceiveDeadline(t time.Time) error
	// Close ends the connection in an orderly way: FIN, for WebSocket a close
	// frame with code 1000 before it, for UDP nothing at all.
	Close() error
	// Abort drops the connection: a TCP reset, and no close frame.
	Abort() error
	// Raw is the stream or datagram socket below, for input that no encoder
	// would write.
	Raw() net.Conn
}

// FrameConn is a Conn on WebSocket, whose frames can be written and watched one
// by one.
type FrameConn interface {
	Conn
	// WriteFrame writes one frame as it is, valid or not. The error is a *CloseError.
	WriteFrame(f websocket.Frame) error
	// OnControl adds a hook that Receive calls with every control frame received,
	// ahead of the hooks added before. The payload is valid during the call. Add
	// hooks before the first Receive.
	OnControl(hook func(opcode websocket.Opcode, payload []byte))
}

// Options of Dial and Listen. The zero value is plain, with the default limits.
type Options struct {
	TLS *tls.Config // nil for none; used on TCP and WebSocket
	// MaxMessage overrides the largest message received, in bytes. By default a
	// server takes what §2 says; a client takes 1 MiB from a stream, and any
	// datagram. Each UDP client has a buffer of that size, so a swarm sets less.
	MaxMessage int
	Quirks     Quirks // of a stream listener
}

// Quirks are where servers differ, and where the observed WebSocket server falls
// short of RFC 6455 and of HTTP (§2). The zero value keeps to them; Observed does
// as that server does.
type Quirks struct {
	Fragments  websocket.Fragments
	Violations websocket.Violations
	// ReservedBitsIgnored takes a frame whatever its three reserved bits are. Else
	// they have to be 0.
	ReservedBitsIgnored bool
	// ResetOnViolation ends a connection with a reset in place of a FIN where bytes
	// of the client may be unread: after a violation, on TCP after a length that is
	// refused.
	ResetOnViolation bool
	// QueryRefused answers a request for the path with a query with 404.
	QueryRefused bool
	// MuteOtherPaths leaves a request for another path, and one for the path with a
	// query, without an answer. Else the first gets 404, the second its upgrade.
	MuteOtherPaths bool
}

// Observed has every quirk of the observed server.
var Observed = Quirks{Fragments: websocket.AsMessages, Violations: websocket.ClosedTwice, ReservedBitsIgnored: true, MuteOtherPaths: true}

// Link is a server's end of one connection, or of one UDP remote address.
// Its methods may be called from any goroutine, with locks held, and never
// block. Links can be compared with ==; on UDP those with the same remote
// address are equal.
type Link interface {
	Transport() wire.Transport
	// Send queues one message. A link whose peer does not read is aborted when
	// MaxOutbox bytes wait, or a sixteenth of it while MaxOutboxes wait on all links.
	Send(body []byte)
	// Close ends the link in an orderly way once the queue is written; on UDP
	// nothing is sent.
	Close()
	RemoteAddr() netip.AddrPort
}

// MaxOutbox bounds in bytes what waits to be written on one stream link.
const MaxOutbox = 256 << 10

// MaxOutboxes bounds in bytes what waits on all stream links of a listener together,
// but for outboxShare of each.
const MaxOutboxes = 64 << 20

// outboxShare is what may wait on a link in any case.
const outboxShare = MaxOutbox / 16

// Handler is told what happens on a server's links. Calls for one link come in
// order and one at a time, those for different links may come at once.
type Handler interface {
	// Open announces a stream link; false refuses it, and it is dropped. UDP
	// has no connections: its remote addresses are not announced.
	Open(l Link) bool
	// Message delivers one message; body is valid during the call. On UDP it may
	// be empty. After Close of the link no message of it is delivered any more.
	Message(l Link, body []byte)
	// Closed is called once for each stream link that was opened, whoever
	// closed it; reason is a *CloseError, a *wire.FrameError or a
	// *websocket.ProtocolError.
	Closed(l Link, reason error)
}

// Listener is a server's listening socket.
type Listener interface {
	Transport() wire.Transport
	Addr() net.Addr
	// Serve reports to h until Close, and returns nil when the last link has
	// ended. Call it once.
	Serve(h Handler) error
	// Close stops listening and drops every link.
	Close() error
}
