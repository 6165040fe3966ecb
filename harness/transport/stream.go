package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

const (
	// readSize is the read buffer of one stream connection in bytes. It is
	// small because a swarm has tens of thousands of them, and most messages
	// are shorter still.
	readSize = 1 << 10
	// keepSize is the largest write buffer in bytes that is kept for the next
	// message.
	keepSize = 1 << 10
	// writeTimeout bounds one write to a peer that does not read.
	writeTimeout = 10 * time.Second
	// farewellTimeout bounds what Close writes to a peer that does not read.
	farewellTimeout = time.Second
)

// past is a deadline that has passed: setting it wakes a blocked read.
var past = time.Unix(1, 0)

// clientStream is what the client's ends of TCP and WebSocket have in common.
type clientStream struct {
	raw    net.Conn // TLS included
	closed atomic.Bool

	in     []byte // read, but not yet taken; part of buffer
	buffer []byte

	// writing is held during a write by having put a value in. A goroutine that
	// waits for a mutex would stop the virtual time that ends a stuck write.
	writing chan struct{}
	out     []byte
}

func newClientStream(raw net.Conn) clientStream {
	return clientStream{raw: raw, writing: make(chan struct{}, 1)}
}

// Raw gives the stream, inside TLS where there is any. Reading from it takes
// bytes away from Receive.
func (s *clientStream) Raw() net.Conn { return s.raw }

func (s *clientStream) SetReceiveDeadline(t time.Time) error { return s.raw.SetReadDeadline(t) }

// fill reads more bytes into in, which has to be used up. The error is a
// *CloseError.
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

// write sends what frame appends to an empty buffer in one piece.
func (s *clientStream) write(within time.Duration, frame func(b []byte) []byte) error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	s.out = frame(s.out[:0])
	err := s.raw.SetWriteDeadline(time.Now().Add(within))
	if err == nil {
		_, err = s.raw.Write(s.out)
		// The bound is that of this write, not of what a test writes on Raw later.
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

// end sends a FIN and frees the stream. The half-close makes the FIN go out
// even when received bytes were never read, which turns a plain close into a
// reset.
func (s *clientStream) end() error {
	closeWrite(s.raw)
	return s.raw.Close()
}

func (s *clientStream) Abort() error {
	if s.closed.Swap(true) {
		return nil
	}
	return abort(s.raw)
}

// midMessage notes on the end of a stream that a message was cut off by it.
func midMessage(err error) error {
	if ended, ok := errors.AsType[*CloseError](err); ok && ended.Reason == ByPeer {
		ended.Err = ErrMidMessage
	}
	return err
}

// socketOf is the stream below TLS.
func socketOf(c net.Conn) net.Conn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c
}

// closeWrite sends a FIN, after TLS's own farewell where there is TLS. That it
// fails on a stream that is gone already is of no interest.
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
