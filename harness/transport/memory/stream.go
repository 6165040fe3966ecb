package memory

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// streamConn is one end of a stream. Besides those of net.Conn it has the methods of
// *net.TCPConn for closing.
type streamConn struct {
	peer          *streamConn
	in, out       *pipe
	local, remote netip.AddrPort
	release       func() // frees the dialer's port; nil at the other end

	mu       sync.Mutex
	closed   bool
	resetAll bool // SetLinger(0): Close resets
}

// newStream makes a stream and returns the dialer's end.
func newStream(client, server netip.AddrPort) *streamConn {
	there, back := newPipe(), newPipe()
	c := &streamConn{in: back, out: there, local: client, remote: server}
	c.peer = &streamConn{in: there, out: back, local: server, remote: client, peer: c}
	return c
}

func (c *streamConn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	if err == io.EOF { // not wrapped, as readers expect
		return n, err
	}
	return n, c.opError("read", err)
}

func (c *streamConn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	return n, c.opError("write", err)
}

// Close closes both directions: with a FIN, or with a reset if received bytes were not
// read, or after SetLinger(0).
func (c *streamConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	reset := c.resetAll
	c.in.update(func(p *pipe) {
		reset = reset || p.buffer.Len() > 0
		p.readerClosed, p.reset = true, p.reset || reset
		p.buffer.Reset()
		p.readUntil.set(time.Time{}, &p.changed)
	})
	c.out.update(func(p *pipe) {
		p.writerClosed, p.reset = true, p.reset || reset
		p.finished = p.finished || !reset
		p.writeUntil.set(time.Time{}, &p.changed)
	})
	if c.release != nil {
		c.release()
	}
	return nil
}

// CloseWrite sends a FIN; reading goes on.
func (c *streamConn) CloseWrite() error {
	var err error
	c.out.update(func(p *pipe) {
		if p.writerClosed {
			err = net.ErrClosed
			return
		}
		p.finished = true
	})
	return c.opError("close", err)
}

// SetLinger with 0 seconds makes Close a reset; any other value makes it orderly again,
// without a wait: what was written has arrived.
func (c *streamConn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.resetAll = seconds == 0
	return nil
}

// drop resets a connection that was not established.
func (c *streamConn) drop() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

func (c *streamConn) LocalAddr() net.Addr { return net.TCPAddrFromAddrPort(c.local) }

func (c *streamConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

func (c *streamConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *streamConn) SetReadDeadline(t time.Time) error {
	var err error
	c.in.update(func(p *pipe) {
		if p.readerClosed {
			err = net.ErrClosed
			return
		}
		p.readUntil.set(t, &p.changed)
	})
	return c.opError("set", err)
}

func (c *streamConn) SetWriteDeadline(t time.Time) error {
	var err error
	c.out.update(func(p *pipe) {
		if p.writerClosed {
			err = net.ErrClosed
			return
		}
		p.writeUntil.set(t, &p.changed)
	})
	return c.opError("set", err)
}

func (c *streamConn) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
