package client

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// gatedStream is the server's end of a stream behind a gate.
type gatedStream struct {
	net.Conn
	gate    *gate
	early   []byte // read while the stream was held
	unsent  []byte // written while the network is away; guarded by the gate's lock
	ended   chan struct{}
	ending  sync.Once
	stopped sync.Once
	unread  chan struct{} // closed when the server stops reading
}

// stream returns a stream of which some bytes have been read already.
func (g *gate) stream(c net.Conn, early []byte) *gatedStream {
	s := &gatedStream{Conn: c, gate: g, early: early, ended: make(chan struct{}), unread: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.streams = append(g.streams, s)
	return s
}

// hold reads a stream that was opened while the network is away, until it is back. alive is
// false when the client has ended it before, or the listener is closed.
func hold(c net.Conn, back, closed <-chan struct{}) (held []byte, alive bool) {
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		select {
		case <-back:
		case <-closed:
		case <-finished:
			return
		}
		_ = c.SetReadDeadline(time.Unix(1, 0)) // ends the read below
	}()
	for b := make([]byte, 4096); ; {
		n, err := c.Read(b)
		held = append(held, b[:n]...)
		if err == nil {
			continue
		}
		select {
		case <-closed:
			return nil, false
		default:
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, false
		}
		return held, c.SetReadDeadline(time.Time{}) == nil
	}
}

// Read waits for bytes, and while the network is away until it is back.
func (c *gatedStream) Read(b []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(b, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	if err := c.pass(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if held := c.pass(); held != nil {
		return 0, held
	}
	return n, err
}

// pass waits while the network is away, and for ever when the server has stopped reading,
// unless the stream is closed.
func (c *gatedStream) pass() error {
	select {
	case <-c.unread:
		<-c.ended
		return net.ErrClosed
	default:
	}
	if back := c.gate.away(); back != nil {
		select {
		case <-back:
		case <-c.ended:
			return net.ErrClosed
		}
	}
	return nil
}

// stopReading leaves everything unread from now on.
func (c *gatedStream) stopReading() {
	c.stopped.Do(func() { close(c.unread) })
}

// Write sends bytes, while the network is away once it is back.
func (c *gatedStream) Write(b []byte) (int, error) {
	c.gate.mu.Lock()
	if c.gate.back != nil {
		defer c.gate.mu.Unlock()
		c.unsent = append(c.unsent, b...)
		return len(b), nil
	}
	c.gate.mu.Unlock()
	return c.Conn.Write(b)
}

// Close closes the stream, which the client notices even while the network is away.
func (c *gatedStream) Close() error {
	c.ending.Do(func() { close(c.ended) })
	return c.Conn.Close()
}

// CloseWrite sends a FIN, as Close does.
func (c *gatedStream) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// SetLinger with 0 seconds makes Close a reset.
func (c *gatedStream) SetLinger(seconds int) error {
	if lingering, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
		return lingering.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}
