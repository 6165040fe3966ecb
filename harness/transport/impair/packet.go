package impair

import (
	"io"
	"math"
	"net"
	"slices"
	"sync"
	"time"
)

// maxUnread is the largest number of datagrams in flight or waiting to be read.
const maxUnread = 1024

// packetConn is an impaired datagram socket.
type packetConn struct {
	net.Conn // the socket, for its addresses
	in       inbox
	out      packetSender
}

func newPacketConn(socket net.Conn, out, in *datagrams[[]byte], closings *closings) *packetConn {
	c := &packetConn{
		Conn: socket,
		in:   inbox{socket: socket, window: maxUnread, arriving: in},
		out:  packetSender{socket: socket, schedule: out, closings: closings},
	}
	c.in.start()
	c.out.start()
	return c
}

func (c *packetConn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	return n, opError("read", c.Conn, err)
}

// Write sends one datagram after its delay. The error may be that of an earlier one.
func (c *packetConn) Write(b []byte) (int, error) {
	if err := c.out.send(b); err != nil {
		return 0, opError("write", c.Conn, err)
	}
	return len(b), nil
}

// Close ends reading at once. What was written is still sent when it is due; then the
// socket is closed.
func (c *packetConn) Close() error {
	if !c.out.close() {
		return opError("close", c.Conn, net.ErrClosed)
	}
	c.in.close()
	return nil
}

func (c *packetConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *packetConn) SetReadDeadline(t time.Time) error {
	return opError("set", c.Conn, c.in.setDeadline(t))
}

// SetWriteDeadline does nothing, as writes never block.
func (c *packetConn) SetWriteDeadline(time.Time) error { return nil }

// packetSender sends datagrams when they are due: at once from send, later from a timer.
type packetSender struct {
	socket   io.WriteCloser
	closings *closings
	timer    *time.Timer

	mu       sync.Mutex
	schedule *datagrams[[]byte]
	failure  error // failed send of a datagram by the timer
	closed   bool
	freed    bool // the socket is closed too
}

func (s *packetSender) start() {
	s.timer = time.AfterFunc(math.MaxInt64, s.expire)
	s.timer.Stop()
}

func (s *packetSender) send(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	if err := s.failure; err != nil {
		s.failure = nil
		return err
	}
	s.schedule.add(time.Now(), slices.Clone(b))
	return s.flush()
}

func (s *packetSender) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.flush(); err != nil {
		s.failure = err
	}
}

// close returns false if the sender was closed before.
func (s *packetSender) close() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.closed = true
	s.closings.begin()
	_ = s.flush() // nobody is left to report an error to
	return true
}

// stop discards what is not due yet, and leaves the socket open.
func (s *packetSender) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.freed = true, true
	s.timer.Stop()
	s.schedule.queue = queue[[]byte]{}
}

// flush sends what is due and sets the timer for the rest. It returns the first error,
// but sends the datagrams after it too, as on a socket. It is called with mu held.
func (s *packetSender) flush() (failure error) {
	for {
		next, ok := s.schedule.take(time.Now())
		if !ok {
			break
		}
		if _, err := s.socket.Write(next.data); err != nil && failure == nil {
			failure = err
		}
	}
	if due, ok := s.schedule.next(); ok {
		s.timer.Reset(time.Until(due))
	} else if s.closed && !s.freed {
		s.freed = true
		_ = s.socket.Close()
		s.closings.end()
	}
	return failure
}

// opError adds the operation to an error, as sockets do. Errors that callers compare,
// such as io.EOF, are returned as they are.
func opError(op string, socket net.Conn, err error) error {
	if err == nil || isWrapped(err) {
		return err
	}
	return &net.OpError{Op: op, Net: socket.RemoteAddr().Network(), Source: socket.LocalAddr(), Addr: socket.RemoteAddr(), Err: err}
}
