// Package memory is a network without sockets, for package transport and for
// anything else that takes a net.Conn or a net.Listener, net/http included.
// As far as programs can observe, it behaves like loopback on Linux: FIN and reset,
// refused connections and datagrams, full buffers, deadlines. It blocks only on
// condition variables, channels and timers of its own, so that its time is virtual
// inside a testing/synctest bubble.
package memory

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"

	"imcheck/harness/transport"
)

// Network is one machine, which every host of an address means; its own address is
// 127.0.0.1. Streams and datagrams have separate ports, as usual. Make one with New.
type Network struct {
	mu      sync.Mutex
	streams ports[*listener]
	packets ports[*packetConn]
}

var _ transport.Network = (*Network)(nil)

// New returns a network without listeners.
func New() *Network {
	return &Network{
		streams: ports[*listener]{used: map[uint16]*listener{}, last: lastPort},
		packets: ports[*packetConn]{used: map[uint16]*packetConn{}, last: lastPort},
	}
}

// The range that port 0 picks from, which is that of Linux.
const (
	firstPort = 32768
	lastPort  = 60999
)

// ports maps the ports in use to their listeners. The value is nil if nobody listens on
// a port.
type ports[T any] struct {
	used map[uint16]T
	last uint16 // the port that was picked last
}

// bind reserves a port, or any free one for 0.
func (p *ports[T]) bind(port uint16, by T) (uint16, error) {
	if port != 0 {
		if _, taken := p.used[port]; taken {
			return 0, os.NewSyscallError("bind", syscall.EADDRINUSE)
		}
		p.used[port] = by
		return port, nil
	}
	for range lastPort - firstPort + 1 {
		if p.last++; p.last > lastPort {
			p.last = firstPort
		}
		if _, taken := p.used[p.last]; !taken {
			p.used[p.last] = by
			return p.last, nil
		}
	}
	return 0, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
}

// DialStream connects to a listener. It is refused at once if there is none, and waits
// for ctx if the backlog of the listener is full.
func (n *Network) DialStream(ctx context.Context, address string) (net.Conn, error) {
	port, err := parsePort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	remote := net.TCPAddrFromAddrPort(local(port))
	client, l, err := n.connect(port)
	if err == nil {
		err = l.offer(ctx, client.peer)
	}
	if err != nil {
		if client != nil {
			client.drop()
		}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: remote, Err: err}
	}
	return client, nil
}

// connect opens a stream to the listener of a port.
func (n *Network) connect(port uint16) (client *streamConn, l *listener, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l = n.streams.used[port]
	if l == nil {
		return nil, nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	source, err := n.streams.bind(0, nil)
	if err != nil {
		return nil, nil, err
	}
	client = newStream(local(source), local(port))
	client.release = func() { n.unbindStream(source) }
	return client, l, nil
}

// DialPacket makes a datagram socket connected to address.
func (n *Network) DialPacket(_ context.Context, address string) (net.Conn, error) {
	port, err := parsePort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "udp", Err: err}
	}
	c, err := n.bindPacket(0, local(port))
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "udp", Addr: net.UDPAddrFromAddrPort(local(port)), Err: err}
	}
	return c, nil
}

// ListenStream accepts streams on the port of address; port 0 picks a free one.
func (n *Network) ListenStream(address string) (net.Listener, error) {
	port, err := parsePort(address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	l := newListener()
	bound, err := n.streams.bind(port, l)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: net.TCPAddrFromAddrPort(local(port)), Err: err}
	}
	l.address = local(bound)
	l.release = func() { n.unbindStream(bound) }
	return l, nil
}

// ListenPacket receives datagrams on the port of address; port 0 picks a free one.
func (n *Network) ListenPacket(address string) (transport.PacketConn, error) {
	port, err := parsePort(address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "udp", Err: err}
	}
	c, err := n.bindPacket(port, netip.AddrPort{})
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "udp", Addr: net.UDPAddrFromAddrPort(local(port)), Err: err}
	}
	return c, nil
}

func (n *Network) bindPacket(port uint16, remote netip.AddrPort) (*packetConn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := newPacketConn(n, remote)
	bound, err := n.packets.bind(port, c)
	if err != nil {
		return nil, err
	}
	c.local = local(bound)
	return c, nil
}

func (n *Network) unbindStream(port uint16) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.streams.used, port)
}

func (n *Network) unbindPacket(port uint16) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.packets.used, port)
}

// packetSocket returns the socket that receives datagrams on a port, or nil.
func (n *Network) packetSocket(port uint16) *packetConn {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.packets.used[port]
}

func local(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

func parsePort(address string) (uint16, error) {
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("address %q: %w: use a number from 0 to 65535", address, errPort)
	}
	return uint16(port), nil
}

var errPort = errors.New("bad port")
