package transport

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"imcheck/protocol/wire"
)

// udpConn is a client's datagram socket.
type udpConn struct {
	raw    net.Conn
	limit  int
	buffer []byte
	closed atomic.Bool
}

// maxPayload is the largest payload of a UDP datagram over IPv4 in bytes. A server may
// answer with more than the 2048 bytes that it accepts (§2).
const maxPayload = 65507

func newUDPConn(raw net.Conn, o Options) *udpConn {
	return &udpConn{raw: raw, limit: o.limit(maxPayload)}
}

func (c *udpConn) Transport() wire.Transport { return wire.UDP }

func (c *udpConn) Raw() net.Conn { return c.raw }

func (c *udpConn) SetReceiveDeadline(t time.Time) error { return c.raw.SetReadDeadline(t) }

func (c *udpConn) Send(body []byte) error {
	if _, err := c.raw.Write(body); err != nil {
		return closeError(err, c.closed.Load())
	}
	return nil
}

func (c *udpConn) Receive() ([]byte, error) {
	if c.buffer == nil {
		c.buffer = make([]byte, c.limit+1) // one more, to recognise a truncated datagram
	}
	n, err := c.raw.Read(c.buffer)
	if err != nil {
		return nil, closeError(err, c.closed.Load())
	}
	if n > c.limit {
		return nil, &CloseError{Reason: Broken, Err: fmt.Errorf("a datagram is over the limit of %d bytes", c.limit)}
	}
	return c.buffer[:n], nil
}

func (c *udpConn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.raw.Close()
}

func (c *udpConn) Abort() error { return c.Close() }
