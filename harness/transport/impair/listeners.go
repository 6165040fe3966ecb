package impair

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Listeners returns inner with the connections impaired that its listeners accept, for a
// test that plays a server: Out leads to the client. ctx has the name of the connections,
// as for those that are dialed, to which their number is added in the order in which they
// are accepted, on UDP that of the first datagrams of their addresses.
func (p *Path) Listeners(ctx context.Context, inner transport.Network, kind wire.Transport) transport.Network {
	if !p.Policy().Impairs(kind) {
		return inner
	}
	seed, name := p.identity(ctx)
	return &listeners{Network: inner, path: p, kind: kind, seed: seed, name: name}
}

// listeners is a transport.Network whose accepted connections are impaired.
type listeners struct {
	transport.Network
	path     *Path
	kind     wire.Transport
	seed     int64
	name     string
	accepted atomic.Int64
}

// nextName returns the name of the next connection.
func (n *listeners) nextName() string { return fmt.Sprintf("%s %d", n.name, n.accepted.Add(1)) }

func (n *listeners) ListenStream(address string) (net.Listener, error) {
	l, err := n.Network.ListenStream(address)
	if err != nil {
		return nil, err
	}
	return &streamListener{l, n}, nil
}

type streamListener struct {
	net.Listener
	network *listeners
}

func (l *streamListener) Accept() (net.Conn, error) {
	socket, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	n := l.network
	return n.path.stream(socket, n.kind, n.seed, n.nextName()), nil
}

func (n *listeners) ListenPacket(address string) (transport.PacketConn, error) {
	socket, err := n.Network.ListenPacket(address)
	if err != nil {
		return nil, err
	}
	l := &packetListener{
		PacketConn: socket, network: n, remotes: map[netip.AddrPort]*remote{},
		arrived: make(chan arrivedDatagram, maxUnread), closed: make(chan struct{}),
	}
	l.pumping.Go(l.pump)
	return l, nil
}

// packetListener is a datagram socket whose traffic is impaired for each remote address.
type packetListener struct {
	transport.PacketConn
	network *listeners
	arrived chan arrivedDatagram
	closed  chan struct{}
	closing sync.Once
	pumping sync.WaitGroup

	mu      sync.Mutex
	remotes map[netip.AddrPort]*remote
}

type arrivedDatagram struct {
	from netip.AddrPort
	data []byte
}

// remote has the traffic in flight from and to one remote address.
type remote struct {
	listener *packetListener
	address  netip.AddrPort
	in, out  packetSender
}

// remote returns the traffic of an address, which it makes if need be.
func (l *packetListener) remote(address netip.AddrPort) *remote {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.remotes[address]
	if r == nil {
		n := l.network
		out, in := n.path.datagrams(n.kind, n.seed, n.nextName())
		r = &remote{listener: l, address: address}
		r.out = packetSender{socket: outward{r}, schedule: out, closings: n.path.closings}
		r.in = packetSender{socket: inward{r}, schedule: in, closings: n.path.closings}
		r.out.start()
		r.in.start()
		l.remotes[address] = r
	}
	return r
}

// pump moves datagrams from the socket into the schedules until it is closed.
func (l *packetListener) pump() {
	buffer := make([]byte, pumpSize)
	for {
		n, from, err := l.PacketConn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			_ = l.remote(from).in.send(buffer[:n]) // fails only after Close
		}
	}
}

// ReadFromUDPAddrPort waits for a datagram that is due.
func (l *packetListener) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-l.arrived:
		return copy(b, d.data), d.from, nil
	case <-l.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// WriteToUDPAddrPort sends one datagram after its delay. The error may be that of an
// earlier one.
func (l *packetListener) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if err := l.remote(to).out.send(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Close closes the socket at once: what is in flight is lost.
func (l *packetListener) Close() (err error) {
	l.closing.Do(func() {
		close(l.closed)
		err = l.PacketConn.Close()
		l.pumping.Wait()
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, r := range l.remotes {
			r.in.stop()
			r.out.stop()
		}
	})
	return err
}

// outward writes datagrams that are due to the socket.
type outward struct{ *remote }

func (w outward) Write(b []byte) (int, error) {
	return w.listener.PacketConn.WriteToUDPAddrPort(b, w.address)
}

// Close does nothing: the socket is that of all addresses.
func (w outward) Close() error { return nil }

// inward hands datagrams that are due to the reader.
type inward struct{ *remote }

func (w inward) Write(b []byte) (int, error) {
	select {
	case w.listener.arrived <- arrivedDatagram{w.address, b}:
	default: // lost, as in a full buffer
	}
	return len(b), nil
}

// Close does nothing, as that of outward.
func (w inward) Close() error { return nil }
