package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// The time for which, and the bytes up to which, a server reads on after its FIN.
// Closing a socket with unread bytes makes the system send a reset, which can destroy
// what was just written, such as a kick-out.
const (
	lingerTime  = time.Second
	lingerBytes = 64 << 10
)

// streamProtocol has the differences between TCP and WebSocket at a server.
type streamProtocol struct {
	transport wire.Transport
	// frame appends one framed message.
	frame func(b, body []byte) []byte
	// goodbye is sent last when the server closes a link by itself.
	goodbye []byte
	// goingAway is sent in place of goodbye when the server stops.
	goingAway []byte
	// serve reads until the stream ends and returns the reason.
	serve func(l *streamLink, h Handler) error
}

// streamLink is a server's end of one TCP or WebSocket connection.
type streamLink struct {
	protocol *streamProtocol
	socket   net.Conn
	conn     net.Conn // the socket, or TLS over it
	limit    int
	quirks   Quirks
	remote   netip.AddrPort
	out      *outbox

	mu     sync.Mutex
	closed bool // by Close, or because reading has ended
}

func newStreamLink(p *streamProtocol, socket net.Conn, o Options, waiting *atomic.Int64) *streamLink {
	l := &streamLink{
		protocol: p, socket: socket, conn: socket,
		limit: o.limit(p.transport.MaxMessage()), quirks: o.Quirks, remote: addrPort(socket.RemoteAddr()),
	}
	if o.TLS != nil {
		l.conn = tls.Server(socket, o.TLS)
	}
	l.out = newOutbox(l.conn, waiting)
	return l
}

func (l *streamLink) Transport() wire.Transport { return l.protocol.transport }

func (l *streamLink) RemoteAddr() netip.AddrPort { return l.remote }

func (l *streamLink) Send(body []byte) {
	l.out.add(func(b []byte) []byte { return l.protocol.frame(b, body) })
}

// Close interrupts the reader, which then ends the link.
func (l *streamLink) Close() { l.close(l.protocol.goodbye) }

// GoAway is Close of a server that stops.
func (l *streamLink) GoAway() { l.close(l.protocol.goingAway) }

func (l *streamLink) close(last []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.out.finish(last)
		_ = l.socket.SetReadDeadline(past)
	}
}

// drop ends the link at once and discards its queue.
func (l *streamLink) drop() {
	l.out.drop()
	_ = l.socket.Close()
}

// run serves the link from Open to Closed.
func (l *streamLink) run(h Handler) {
	if !h.Open(l) {
		l.drop()
		return
	}
	reason := l.protocol.serve(l, h)
	if l.stopReading() {
		reason = &CloseError{Reason: ByUs}
	}
	if failure := l.out.err(); failure != nil {
		reason = &CloseError{Reason: ByUs, Err: failure}
	}
	h.Closed(l, reason)
	if l.quirks.ResetOnViolation && isViolation(reason) {
		l.reset()
		return
	}
	l.end()
}

// isViolation reports whether a link ended because of forbidden bytes.
func isViolation(reason error) bool {
	if _, refused := errors.AsType[*wire.FrameError](reason); refused {
		return true
	}
	broken, ok := errors.AsType[*websocket.ProtocolError](reason)
	return ok && broken.Code != 0
}

// reset writes what is queued and ends the stream without a FIN.
func (l *streamLink) reset() {
	l.out.finish(nil)
	<-l.out.idle
	_ = abort(l.conn)
}

// stopReading closes the link to further messages. It reports whether Close had been
// called before.
func (l *streamLink) stopReading() (byRules bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	byRules, l.closed = l.closed, true
	return byRules
}

// deliver reports a message and returns true, unless the link is closed.
func (l *streamLink) deliver(h Handler, body []byte) bool {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if !closed {
		h.Message(l, body)
	}
	return !closed
}

// end writes what is queued, sends the FIN, and closes the socket soon after, whether
// the peer closes its side or not.
func (l *streamLink) end() {
	l.out.finish(nil)
	<-l.out.idle
	closeWrite(l.conn)
	_ = l.socket.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, l.socket, lingerBytes)
	_ = l.socket.Close()
}

// handshakeTLS makes the TLS handshake, if there is TLS.
func (l *streamLink) handshakeTLS() error {
	secure, ok := l.conn.(*tls.Conn)
	if !ok {
		return nil
	}
	if err := secure.Handshake(); err != nil {
		return closeError(err, false)
	}
	return nil
}

// addrPort returns the address of a socket in a form that is equal for IPv4 and
// IPv4-mapped sockets.
func addrPort(a net.Addr) netip.AddrPort {
	if known, ok := a.(interface{ AddrPort() netip.AddrPort }); ok {
		return unmapped(known.AddrPort())
	}
	return netip.AddrPort{}
}

// unmapped turns an IPv4-mapped IPv6 address back into IPv4.
func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
