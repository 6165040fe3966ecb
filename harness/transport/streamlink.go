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
	// decoder returns what reads the stream of a link, once TLS is there if there is any. It
	// releases the outbox when frames can be sent.
	decoder func(out *outbox, limit int, quirks Quirks) streamDecoder
}

// streamDecoder reads the bytes of a stream as they arrive.
type streamDecoder interface {
	// decode delivers the messages that are complete now, and answers what it answers itself.
	// The error is the reason for the end of the stream.
	decode(in []byte, to streamReceiver) error
}

// streamReceiver takes the messages of a stream.
type streamReceiver interface {
	// deliver takes a message, which is valid as long as the bytes that were decoded; false
	// reports that the link is closed.
	deliver(body []byte) bool
	// settle has every message that was taken handled, so that what the decoder sends comes
	// after the answers.
	settle()
}

// errLinkClosed ends the reading of a link that was closed by this end.
var errLinkClosed = errors.New("the link is closed")

// streamLink is a server's end of one TCP or WebSocket connection, with a goroutine that reads.
type streamLink struct {
	protocol *streamProtocol
	socket   net.Conn
	conn     net.Conn // the socket, or TLS over it
	limit    int
	quirks   Quirks
	remote   netip.AddrPort
	out      *connOutbox
	handler  Handler

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
	l.handler = h
	reason := l.read()
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

// read reads until the stream ends and returns the reason.
func (l *streamLink) read() error {
	if err := l.handshakeTLS(); err != nil {
		return err
	}
	decoder := l.protocol.decoder(&l.out.outbox, l.limit, l.quirks)
	buffer := make([]byte, readSize)
	for {
		n, readErr := l.conn.Read(buffer)
		if err := decoder.decode(buffer[:n], l); err != nil {
			return err
		}
		if readErr != nil {
			return closeError(readErr, false)
		}
	}
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
	<-l.out.ended
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
func (l *streamLink) deliver(body []byte) bool {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if !closed {
		l.handler.Message(l, body)
	}
	return !closed
}

// settle does nothing, as deliver does not return before a message is handled.
func (l *streamLink) settle() {}

// end writes what is queued, sends the FIN, and closes the socket soon after, whether
// the peer closes its side or not.
func (l *streamLink) end() {
	l.out.finish(nil)
	<-l.out.ended
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
