package client

import (
	"errors"
	"net"
	"net/netip"
	"sync"

	"imcheck/harness/transport"
)

// gate is the network of a scripted server, which can be lost for a while and can translate
// the addresses of datagrams.
//
// While it is lost, datagrams are dropped in both directions. On streams, as TCP has it,
// bytes arrive once the network is back; a connection that the client has opened and given
// up in the meantime was never there.
type gate struct {
	transport.Network

	mu      sync.Mutex
	back    chan struct{} // closed when the network comes back; nil while it is there
	closed  bool
	streams []*gatedStream
	nat     translation
}

func newGate(network transport.Network) *gate { return &gate{Network: network} }

// lose cuts the network off.
func (g *gate) lose() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.back == nil && !g.closed {
		g.back = make(chan struct{})
	}
}

// restore brings the network back, with what streams have held.
func (g *gate) restore() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.back == nil {
		return
	}
	for _, c := range g.streams {
		_, _ = c.Conn.Write(c.unsent) // a stream that has ended shows that to its reader
		c.unsent = nil
	}
	close(g.back)
	g.back = nil
}

// close brings the network back for good.
func (g *gate) close() {
	g.restore()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// away returns a channel that is closed when the network is back, nil while it is there.
func (g *gate) away() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.back
}

// rebind makes every client that has sent a datagram so far come from another port.
func (g *gate) rebind() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.nat.rebind()
}

func (g *gate) ListenPacket(address string) (transport.PacketConn, error) {
	socket, err := g.Network.ListenPacket(address)
	if err != nil {
		return nil, err
	}
	return &gatedPackets{socket, g}, nil
}

// gatedPackets is the socket of a server on UDP.
type gatedPackets struct {
	transport.PacketConn
	gate *gate
}

func (c *gatedPackets) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := c.PacketConn.ReadFromUDPAddrPort(b)
		if err != nil || c.gate.away() == nil {
			c.gate.mu.Lock()
			defer c.gate.mu.Unlock()
			return n, c.gate.nat.outside(from), err
		}
	}
}

func (c *gatedPackets) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	c.gate.mu.Lock()
	inside, known := c.gate.nat.inside(to)
	dropped := c.gate.back != nil || !known
	c.gate.mu.Unlock()
	if dropped {
		return len(b), nil
	}
	return c.PacketConn.WriteToUDPAddrPort(b, inside)
}

// translation maps the addresses of clients to those that the server sees, as a router with
// NAT does. The zero value leaves them as they are.
type translation struct {
	shown  map[netip.AddrPort]netip.AddrPort // by the real address
	ported uint16                            // ports that were given out
}

// firstPort is the first port that rebound clients come from: below those of real ones.
const firstPort = 1

// outside returns the address that the server sees.
func (t *translation) outside(real netip.AddrPort) netip.AddrPort {
	if t.shown == nil {
		t.shown = map[netip.AddrPort]netip.AddrPort{}
	}
	if _, known := t.shown[real]; !known {
		t.shown[real] = real
	}
	return t.shown[real]
}

// inside returns the real address; ok is false for one that is no longer anybody's.
func (t *translation) inside(shown netip.AddrPort) (real netip.AddrPort, ok bool) {
	for from, to := range t.shown {
		if to == shown {
			return from, true
		}
	}
	return netip.AddrPort{}, false
}

func (t *translation) rebind() {
	for from := range t.shown {
		t.shown[from] = netip.AddrPortFrom(from.Addr(), firstPort+t.ported)
		t.ported++
	}
}

func (g *gate) ListenStream(address string) (net.Listener, error) {
	inner, err := g.Network.ListenStream(address)
	if err != nil {
		return nil, err
	}
	l := &gatedListener{Listener: inner, gate: g, accepted: make(chan net.Conn), closed: make(chan struct{})}
	l.working.Go(l.acceptAll)
	return l, nil
}

// gatedListener accepts streams, those that are opened while the network is away once it is
// back.
type gatedListener struct {
	net.Listener
	gate     *gate
	accepted chan net.Conn
	closed   chan struct{}
	closing  sync.Once
	working  sync.WaitGroup
}

// acceptAll accepts streams until the listener is closed.
func (l *gatedListener) acceptAll() {
	for {
		c, err := l.Listener.Accept()
		switch back := l.gate.away(); {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // it was gone before it was accepted
		case back == nil:
			l.hand(l.gate.stream(c, nil))
		default:
			l.working.Go(func() {
				if held, alive := hold(c, back, l.closed); alive {
					l.hand(l.gate.stream(c, held))
				} else {
					_ = c.Close()
				}
			})
		}
	}
}

// hand gives a stream to Accept.
func (l *gatedListener) hand(c net.Conn) {
	select {
	case l.accepted <- c:
	case <-l.closed:
		_ = c.Close()
	}
}

func (l *gatedListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *gatedListener) Close() (err error) {
	l.closing.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
		l.working.Wait()
	})
	return err
}
