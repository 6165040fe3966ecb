package memory

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	// packetQueue is the number of datagrams that wait to be read; further ones are lost.
	packetQueue = 256
	// maxPayload is the largest payload of a datagram in bytes.
	maxPayload = 65507
)

type datagram struct {
	from netip.AddrPort
	data []byte
}

// packetConn is a datagram socket, connected to one address or to none.
type packetConn struct {
	network *Network
	local   netip.AddrPort
	remote  netip.AddrPort // invalid if the socket is not connected

	mu      sync.Mutex
	changed sync.Cond
	queue   []datagram
	refused bool // a datagram met a closed port; the next call reports it
	closed  bool
	until   deadline // for reads; writes never block
}

func newPacketConn(n *Network, remote netip.AddrPort) *packetConn {
	c := &packetConn{network: n, remote: remote}
	c.changed.L = &c.mu
	return c
}

// ReadFromUDPAddrPort waits for a datagram and truncates it to the length of b.
func (c *packetConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, netip.AddrPort{}, c.opError("read", net.ErrClosed)
		case c.until.passed:
			return 0, netip.AddrPort{}, c.opError("read", os.ErrDeadlineExceeded)
		case c.refused:
			c.refused = false
			return 0, netip.AddrPort{}, c.opError("read", os.NewSyscallError("read", syscall.ECONNREFUSED))
		case len(c.queue) > 0:
			d := c.queue[0]
			c.queue[0] = datagram{}
			c.queue = c.queue[1:]
			return copy(b, d.data), d.from, nil
		}
		c.changed.Wait()
	}
}

// WriteToUDPAddrPort sends one datagram, which may get lost.
func (c *packetConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if err := c.writeError(len(b)); err != nil {
		return 0, c.opError("write", err)
	}
	if receiver := c.network.packetSocket(to.Port()); receiver == nil || !receiver.receive(c.local, b) {
		c.refuse()
	}
	return len(b), nil
}

func (c *packetConn) writeError(size int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return net.ErrClosed
	case c.refused:
		c.refused = false
		return os.NewSyscallError("write", syscall.ECONNREFUSED)
	case size > maxPayload:
		return os.NewSyscallError("write", syscall.EMSGSIZE)
	}
	return nil
}

// receive queues a datagram. It returns false to report the port as closed: the socket
// is closed, or connected to another address.
func (c *packetConn) receive(from netip.AddrPort, data []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.remote.IsValid() && c.remote != from {
		return false
	}
	if len(c.queue) < packetQueue {
		c.queue = append(c.queue, datagram{from, slices.Clone(data)})
		c.changed.Broadcast()
	}
	return true
}

// refuse records that a datagram met a closed port, which only a connected socket
// reports.
func (c *packetConn) refuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.remote.IsValid() {
		c.refused = true
		c.changed.Broadcast()
	}
}

// Read receives on a connected socket.
func (c *packetConn) Read(b []byte) (int, error) {
	n, _, err := c.ReadFromUDPAddrPort(b)
	return n, err
}

// Write sends on a connected socket.
func (c *packetConn) Write(b []byte) (int, error) { return c.WriteToUDPAddrPort(b, c.remote) }

func (c *packetConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.closed, c.queue = true, nil
	c.until.set(time.Time{}, &c.changed)
	c.changed.Broadcast()
	c.network.unbindPacket(c.local.Port())
	return nil
}

func (c *packetConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.local) }

// RemoteAddr returns nil for a socket that is not connected.
func (c *packetConn) RemoteAddr() net.Addr {
	if !c.remote.IsValid() {
		return nil
	}
	return net.UDPAddrFromAddrPort(c.remote)
}

func (c *packetConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *packetConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.until.set(t, &c.changed)
	return nil
}

// SetWriteDeadline does nothing, as writes never block.
func (c *packetConn) SetWriteDeadline(time.Time) error { return nil }

func (c *packetConn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
