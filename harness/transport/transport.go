// Package transport carries whole messages over UDP, TCP and WebSocket
// (docs/protocol.md §2). A client dials a Conn; a server has a Listener, which
// reports to a Handler what happens on each Link. Both ends run over a Network: OS is
// that of the machine, package memory has one without sockets whose time may be
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
	// DialPacket makes a datagram socket that is connected to one address.
	DialPacket(ctx context.Context, address string) (net.Conn, error)
	// ListenStream accepts byte streams; port 0 picks a free one.
	ListenStream(address string) (net.Listener, error)
	// ListenPacket receives datagrams from any address; port 0 picks a free one.
	ListenPacket(address string) (PacketConn, error)
}

// PacketConn is the part of *net.UDPConn that a datagram listener needs.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (n int, err error)
	LocalAddr() net.Addr
	Close() error
}

// Conn is a client's end of a connection. One goroutine may send while another
// receives.
type Conn interface {
	Transport() wire.Transport
	// Send writes one message, framed for the transport. On a stream whose peer does not
	// read it blocks for up to WriteTimeout. The error is a *CloseError; after it a
	// datagram socket can still be used for sending, a stream cannot.
	Send(body []byte) error
	// Receive blocks until the next message, which is valid until the next call. The
	// error is a *CloseError; after a Timeout the connection can be read on.
	Receive() ([]byte, error)
	// SetReceiveDeadline bounds Receive; the zero time removes the bound.
	SetReceiveDeadline(t time.Time) error
	// Close closes the connection in an orderly way: with a FIN, on WebSocket after a
	// close frame with code 1000. On UDP nothing is sent.
	Close() error
	// Abort drops the connection with a TCP reset and without a close frame.
	Abort() error
	// Raw returns the stream or datagram socket below, to write what no encoder would
	// write.
	Raw() net.Conn
}

// MutableConn is a Conn on a stream that can fall silent, as that of a host that loses its
// power.
type MutableConn interface {
	Conn
	// Mute has this end write nothing more: Send and answers to control frames are without
	// effect, and Close is Abort. Receiving goes on. A write that is under way is not stopped.
	Mute()
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

// Options of Dial and Listen. The zero value means no TLS and the default limits.
type Options struct {
	TLS *tls.Config // for TCP and WebSocket; nil means none
	// MaxMessage is the largest message received, in bytes. By default a server accepts
	// what §2 says; a client accepts 1 MiB on a stream, and any datagram. Each UDP client
	// has a buffer of that size, so a swarm sets less.
	MaxMessage int
	Quirks     Quirks // for a stream listener

	// Host is the name, with a port or without one, by which Dial calls the server in a TLS
	// handshake and in a request for a WebSocket; "" means the address that is dialed.
	Host    string
	Upgrade UpgradeRequest // how Dial requests a WebSocket
}

// Quirks are the ways in which servers differ, and in which the observed WebSocket
// server violates RFC 6455 and HTTP (§2). The zero value conforms to both; Observed
// behaves as that server does.
type Quirks struct {
	Fragments  websocket.Fragments
	Violations websocket.Violations
	// ReservedBitsIgnored accepts a frame whatever its three reserved bits are. Otherwise
	// they have to be 0.
	ReservedBitsIgnored bool
	// ResetOnViolation ends a connection with a reset in place of a FIN if bytes of the
	// client may be unread: after a violation, on TCP after a refused length.
	ResetOnViolation bool
	// QueryRefused answers a request for the path with a query with 404.
	QueryRefused bool
	// MuteOtherPaths does not answer a request for another path, nor one for the path
	// with a query. Otherwise the first gets 404, the second its upgrade.
	MuteOtherPaths bool
}

// Observed has every quirk of the observed server.
var Observed = Quirks{Fragments: websocket.AsMessages, Violations: websocket.ClosedTwice, ReservedBitsIgnored: true, MuteOtherPaths: true}

// Link is a server's end of a connection; on UDP it is one remote address. Its methods
// may be called from any goroutine, with locks held, and never block. Links can be
// compared with ==; on UDP those of the same remote address are equal.
type Link interface {
	Transport() wire.Transport
	// Send queues one message. A link whose peer does not read is aborted once MaxOutbox
	// bytes are queued, or a sixteenth of that while MaxOutboxes are queued on all links.
	Send(body []byte)
	// Close closes the link in an orderly way once the queue is written. On UDP it does
	// nothing.
	Close()
	// GoAway is Close of a server that stops: on WebSocket the close frame has code 1001.
	GoAway()
	RemoteAddr() netip.AddrPort
}

// MaxOutbox is the largest write queue of one stream link in bytes.
const MaxOutbox = 256 << 10

// MaxOutboxes is the largest size in bytes of the write queues of all stream links of a
// listener together, but for outboxShare of each.
const MaxOutboxes = 64 << 20

// outboxShare is the size in bytes that a link's write queue may have in any case.
const outboxShare = MaxOutbox / 16

// Handler handles what happens on a server's links. Calls for one link are made in
// order and one at a time, those for different links concurrently.
type Handler interface {
	// Open announces a stream link; the link is dropped if it returns false. UDP has no
	// connections, and its remote addresses are not announced.
	Open(l Link) bool
	// Message delivers one message; body is valid during the call. On UDP it may be
	// empty. No message is delivered after Close of the link.
	Message(l Link, body []byte)
	// Closed is called once for each stream link that was opened, whoever closed it. The
	// reason is a *CloseError, a *wire.FrameError or a *websocket.ProtocolError.
	Closed(l Link, reason error)
}

// Listener is a server's listening socket.
type Listener interface {
	Transport() wire.Transport
	Addr() net.Addr
	// Serve reports to h until Close, and returns nil once the last link has ended. Call
	// it once.
	Serve(h Handler) error
	// Shutdown stops listening, waits until every link has ended and what is queued is
	// written, or until the context is done, and then does what Close does. It ends no
	// link itself.
	Shutdown(ctx context.Context) error
	// Close stops listening and drops every link.
	Close() error
}
