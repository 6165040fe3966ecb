package impair

import (
	"math"
	"net"
	"sync"
	"time"
)

// maxUnread bounds the datagrams that wait to be read, those under way included.
const maxUnread = 1024

// packetConn is an impaired datagram socket.
type packetConn struct {
	net.Conn // the socket: addresses
	in       inbox
	out      packetSender
}

func newPacketConn(socket net.Conn, out, in *datagrams, closings *closings) *packetConn {
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

// Write takes one datagram. The error may be that of an earlier one, which failed
// after its delay.
func (c *packetConn) Write(b []byte) (int, error) {
	if err := c.out.send(b); err != nil {
		return 0, opError("write", c.Conn, err)
	}
	return len(b), nil
}

// Close ends reading at once. What was written goes out all the same, when its
// time has come; then the socket is freed.
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

// SetWriteDeadline bounds nothing, as a write never waits.
func (c *packetConn) SetWriteDeadline(time.Time) error { return nil }

// packetSender lets datagrams out when their time has come: at once from send,
// later from a timer.
type packetSender struct {
	socket   net.Conn
	closings *closings
	timer    *time.Timer

	mu       sync.Mutex
	schedule *datagrams
	failure  error // of a datagram sent by the timer
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
	s.schedule.add(time.Now(), b)
	return s.flush()
}

func (s *packetSender) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.flush(); err != nil {
		s.failure = err
	}
}

// close reports false when it was closed before.
func (s *packetSender) close() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.closed = true
	s.closings.begin()
	_ = s.flush() // nobody is left to tell
	return true
}

// flush writes what is due and sets the timer for the rest. It returns the first
// error; the datagrams after it are sent all the same, as one that was refused
// does not keep the next from being sent. It is called with mu held.
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

// opError names what failed, as the errors of sockets do. Errors that callers
// compare, such as io.EOF, come from inside the socket as they are.
func opError(op string, socket net.Conn, err error) error {
	if err == nil || isWrapped(err) {
		return err
	}
	return &net.OpError{Op: op, Net: socket.RemoteAddr().Network(), Source: socket.LocalAddr(), Addr: socket.RemoteAddr(), Err: err}
}
