package relay

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

// maxDatagram is the largest datagram of UDP over IPv4, in bytes.
const maxDatagram = 65507

// packets forwards the datagrams that come to one address.
type packets struct {
	relay   *Relay
	socket  transport.PacketConn
	target  string
	clients map[netip.AddrPort]*flow // used by one goroutine, except for ended
	ended   sync.Map                 // netip.AddrPort of flows that ended, until the goroutine notices
}

func (r *Relay) listenPackets(address, target string) (net.Addr, error) {
	socket, err := r.config.Network.ListenPacket(address)
	if err != nil {
		return nil, err
	}
	p := &packets{relay: r, socket: socket, target: target, clients: map[netip.AddrPort]*flow{}}
	return socket.LocalAddr(), r.serve(socket, p.read)
}

// read forwards the datagrams of clients until Close.
func (p *packets) read() {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := p.socket.ReadFromUDPAddrPort(buffer)
		switch {
		case p.relay.ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			continue // a refusal of an earlier datagram
		case !p.relay.gate.pass(p.relay.ctx, false):
			return
		}
		if f := p.flowOf(from); f != nil {
			f.send(buffer[:n])
		}
	}
}

// flowOf returns the flow of a client, which it begins with its first datagram; nil if that
// fails.
func (p *packets) flowOf(client netip.AddrPort) *flow {
	if old, ended := p.ended.LoadAndDelete(client); ended && p.clients[client] == old {
		delete(p.clients, client)
	}
	if f, ok := p.clients[client]; ok {
		return f
	}
	refused := Entry{Event: EventRefused, Transport: wire.UDP.String(), Client: client.String()}
	number, ok := p.relay.number()
	if !ok {
		refused.Reason = "too many connections"
		p.relay.log.add(refused)
		return nil
	}
	f := &flow{packets: p, client: client, number: number}
	if err := f.dial(); err != nil {
		refused.Event, refused.Reason = EventUnreachable, err.Error()
		p.relay.log.add(refused)
		return nil
	}
	if !p.relay.add(number, f) {
		f.close()
		return nil
	}
	f.idle = time.AfterFunc(idleTime, f.close)
	p.clients[client] = f
	return f
}

// flow is the datagrams of one client.
type flow struct {
	packets *packets
	client  netip.AddrPort
	number  int
	idle    *time.Timer

	mu     sync.Mutex
	server net.Conn
	again  int // sockets before this one
	closed bool
}

// dial opens the socket to the server, and closes the one before.
func (f *flow) dial() error {
	r := f.packets.relay
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return net.ErrClosed
	}
	if f.server != nil {
		f.again++
	}
	ctx, cancel := r.dialing(wire.UDP, f.number, f.again)
	defer cancel()
	server, err := r.path.Network(r.config.Network, wire.UDP).DialPacket(ctx, f.packets.target)
	if err != nil {
		return err
	}
	if !r.spawn(func() { f.pump(server) }) {
		_ = server.Close()
		return net.ErrClosed
	}
	if f.server != nil {
		_ = f.server.Close() // what is in flight is still sent
	}
	f.server = server
	return nil
}

// send forwards a datagram to the server.
func (f *flow) send(data []byte) {
	if f.lost(impair.Out, data) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.idle.Reset(idleTime)
		_, _ = f.server.Write(data) // a refusal, as by a server that is not there, is a loss
	}
}

// lost reports whether a datagram meets an outage, and logs that.
func (f *flow) lost(d impair.Direction, data []byte) bool {
	r := f.packets.relay
	if !r.gate.isOut(time.Now()) {
		return false
	}
	e := datagramEntry(EventDropped, wire.UDP, d, data)
	e.Connection, e.Reason = f.describe().Connection, "outage"
	r.log.add(e)
	return true
}

// pump forwards the datagrams of the server until the socket is closed.
func (f *flow) pump(server net.Conn) {
	buffer := make([]byte, maxDatagram)
	for {
		n, err := server.Read(buffer)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			continue // of an earlier datagram; the server may come back
		case err != nil:
			return
		case !f.packets.relay.gate.pass(f.packets.relay.ctx, false):
			return
		}
		if f.lost(impair.In, buffer[:n]) {
			continue
		}
		_, err = f.packets.socket.WriteToUDPAddrPort(buffer[:n], f.client) // a client that is gone loses it
		if delivered := f.packets.relay.config.Delivered; delivered != nil && err == nil {
			delivered(buffer[:n])
		}
	}
}

func (f *flow) describe() Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Entry{
		Transport: wire.UDP.String(), Connection: nameOf(f.number, f.again),
		Client: f.client.String(), Server: f.packets.target, From: f.server.LocalAddr().String(),
	}
}

// rebind gives the client another port in the eyes of the server, as a NAT does that has
// forgotten it.
func (f *flow) rebind() bool { return f.dial() == nil }

func (f *flow) halfOpen() bool { return false }

func (f *flow) reset() bool { return false }

func (f *flow) close() {
	f.mu.Lock()
	done := f.closed
	f.closed = true
	if f.idle != nil {
		f.idle.Stop()
	}
	if !done {
		_ = f.server.Close()
	}
	f.mu.Unlock()
	if !done {
		f.packets.ended.Store(f.client, f)
		f.packets.relay.remove(f.number)
	}
}
