package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

const (
	// WriteTimeout bounds one write to a peer that does not read.
	WriteTimeout = 10 * time.Second
	// CloseTimeout bounds what Close of a connection writes to such a peer.
	CloseTimeout = time.Second
)

const (
	// readSize is the size of a stream's read buffer in bytes. It is small because
	// a swarm has tens of thousands of them, and most messages are shorter still.
	readSize = 1 << 10
	// keepSize is the capacity in bytes up to which a write buffer is kept for the
	// next message.
	keepSize = 1 << 10
)

// past is a deadline in the past. Setting it interrupts a blocked read.
var past = time.Unix(1, 0)

// clientStream has what the client's ends of TCP and WebSocket have in common.
type clientStream struct {
	raw    net.Conn // TLS included
	closed atomic.Bool
	muted  atomic.Bool

	in     []byte // read, but not handled yet; part of buffer
	buffer []byte

	// writing is a lock, held by putting a value in. A goroutine that waits for a mutex
	// would stop the virtual time that ends a stuck write.
	writing chan struct{}
	out     []byte
}

func newClientStream(raw net.Conn) clientStream {
	return clientStream{raw: raw, writing: make(chan struct{}, 1)}
}

// Raw returns the stream, inside TLS if there is any. Reading from it takes bytes away
// from Receive.
func (s *clientStream) Raw() net.Conn { return s.raw }

func (s *clientStream) SetReceiveDeadline(t time.Time) error { return s.raw.SetReadDeadline(t) }

// fill reads more bytes into in, which has to be empty. The error is a *CloseError.
func (s *clientStream) fill() error {
	if s.buffer == nil {
		s.buffer = make([]byte, readSize)
	}
	n, err := s.raw.Read(s.buffer)
	s.in = s.buffer[:n]
	if n > 0 || err == nil {
		return nil
	}
	return closeError(err, s.closed.Load())
}

// write writes what frame appends to an empty buffer at once. The error is a
// *CloseError.
func (s *clientStream) write(within time.Duration, frame func(b []byte) []byte) error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	if s.muted.Load() {
		return nil
	}
	s.out = frame(s.out[:0])
	err := s.raw.SetWriteDeadline(time.Now().Add(within))
	if err == nil {
		_, err = s.raw.Write(s.out)
		// The deadline is that of this write, not of later writes on Raw.
		_ = s.raw.SetWriteDeadline(time.Time{})
	}
	if cap(s.out) > keepSize {
		s.out = nil
	}
	if err != nil {
		return closeError(err, s.closed.Load())
	}
	return nil
}

// end sends a FIN and closes the stream. The half-close sends the FIN even if received
// bytes were never read, which would turn a plain close into a reset.
func (s *clientStream) end() error {
	if s.muted.Load() {
		return abort(s.raw)
	}
	closeWrite(s.raw)
	return s.raw.Close()
}

// Mute has this end write nothing more, see MutableConn.
func (s *clientStream) Mute() { s.muted.Store(true) }

func (s *clientStream) Abort() error {
	if s.closed.Swap(true) {
		return nil
	}
	return abort(s.raw)
}

// midMessage adds ErrMidMessage to the end of a stream by its peer.
func midMessage(err error) error {
	if ended, ok := errors.AsType[*CloseError](err); ok && ended.Reason == ByPeer {
		ended.Err = ErrMidMessage
	}
	return err
}

// socketOf returns the stream below TLS.
func socketOf(c net.Conn) net.Conn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c
}

// closeWrite sends a FIN, after the close alert of TLS if there is any. Its errors are
// ignored, as the stream may be closed already.
func closeWrite(c net.Conn) {
	if secure, ok := c.(*tls.Conn); ok {
		_ = secure.CloseWrite()
	}
	if half, ok := socketOf(c).(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// abort drops a stream with a reset.
func abort(c net.Conn) error {
	socket := socketOf(c)
	if lingering, ok := socket.(interface{ SetLinger(seconds int) error }); ok {
		_ = lingering.SetLinger(0)
	}
	return socket.Close()
}
