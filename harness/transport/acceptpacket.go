package transport

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"imcheck/protocol/wire"
)

// waitingPackets bounds the datagrams of one remote address that wait for Receive; further
// ones are lost, as in a socket's buffer.
const waitingPackets = 1024

// readPackets gives each datagram to the connection of its remote address.
func (a *Acceptor) readPackets() {
	conns := map[netip.AddrPort]*packetConn{}
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	buffer := make([]byte, maxPayload)
	for {
		n, from, err := a.packets.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed) || a.ctx.Err() != nil:
			return
		case err != nil:
			continue // a refusal of an earlier datagram
		}
		c, known := conns[from]
		if !known {
			c = &packetConn{socket: a.packets, remote: from, in: make(chan []byte, waitingPackets), closed: make(chan struct{})}
			conns[from] = c
			a.hand(c)
		}
		select {
		case c.in <- bytes.Clone(buffer[:n]):
		default:
		}
	}
}

// packetConn is a server's end of the datagrams of one remote address.
type packetConn struct {
	socket  PacketConn
	remote  netip.AddrPort
	in      chan []byte
	closed  chan struct{}
	closing sync.Once
}

// Transport is wire.UDP.
func (c *packetConn) Transport() wire.Transport { return wire.UDP }

// Send sends a datagram.
func (c *packetConn) Send(body []byte) error {
	if _, err := c.socket.WriteToUDPAddrPort(body, c.remote); err != nil {
		return closeError(err, false)
	}
	return nil
}

// Receive returns the next datagram.
func (c *packetConn) Receive() ([]byte, error) {
	select {
	case body := <-c.in:
		return body, nil
	case <-c.closed:
		return nil, &CloseError{Reason: ByUs}
	}
}

// SetReceiveDeadline is not supported.
func (c *packetConn) SetReceiveDeadline(time.Time) error { return errors.ErrUnsupported }

// Close ends Receive; nothing is sent.
func (c *packetConn) Close() error {
	c.closing.Do(func() { close(c.closed) })
	return nil
}

// Abort is Close.
func (c *packetConn) Abort() error { return c.Close() }

// Raw is nil: a datagram has no bytes below it.
func (c *packetConn) Raw() net.Conn { return nil }
