package relay

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"imcheck/protocol/wire"
)

// streams forwards the byte streams that come to one address.
type streams struct {
	relay    *Relay
	kind     wire.Transport
	listener net.Listener
	target   string
}

func (r *Relay) listenStreams(kind wire.Transport, address, target string) (net.Addr, error) {
	l, err := r.config.Network.ListenStream(address)
	if err != nil {
		return nil, err
	}
	s := &streams{relay: r, kind: kind, listener: l, target: target}
	return l.Addr(), r.serve(l, s.accept)
}

// accept takes connections until Close.
func (s *streams) accept() {
	for {
		client, err := s.listener.Accept()
		if s.relay.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			if err == nil {
				abort(client)
			}
			return
		}
		if err == nil { // else it was gone before it was accepted
			if !s.relay.spawn(func() { s.connect(client) }) {
				abort(client)
			}
		}
	}
}

// connect connects a client to the server. One for whom that fails is reset.
func (s *streams) connect(client net.Conn) {
	e := Entry{Event: EventRefused, Transport: s.kind.String(), Client: client.RemoteAddr().String(), Server: s.target}
	number, ok := s.relay.number()
	if !ok {
		e.Reason = "too many connections"
		s.relay.log.add(e)
		abort(client)
		return
	}
	if !s.relay.gate.pass(s.relay.ctx, true) {
		abort(client)
		return
	}
	ctx, cancel := s.relay.dialing(s.kind, number, 0)
	defer cancel()
	server, err := s.relay.path.Network(s.relay.config.Network, s.kind).DialStream(ctx, s.target)
	if err != nil {
		e.Event, e.Reason = EventUnreachable, err.Error()
		s.relay.log.add(e)
		abort(client)
		return
	}
	p := &pair{streams: s, number: number, client: client, server: server}
	if !s.relay.add(number, p) {
		p.reset()
		return
	}
	p.run()
	s.relay.remove(number)
}

// pair is a client's stream and that to the server.
type pair struct {
	streams        *streams
	number         int
	client, server net.Conn
	parted         atomic.Bool // half-open: nothing passes any more
	aborted        atomic.Bool
}

// run forwards in both directions until both have ended, or one broke.
func (p *pair) run() {
	var working sync.WaitGroup
	working.Go(func() { p.pump(p.server, p.client) })
	working.Go(func() { p.pump(p.client, p.server) })
	working.Wait()
	_, _ = p.client.Close(), p.server.Close()
}

// pump forwards one direction. Its end is passed on as what it was: a FIN or a reset; one
// that is half-open keeps it to itself.
func (p *pair) pump(to, from net.Conn) {
	r := p.streams.relay
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !r.gate.pass(r.ctx, true) {
			return
		}
		if n > 0 && !p.parted.Load() {
			if _, failed := to.Write(buffer[:n]); failed != nil && err == nil {
				err = failed
			}
		}
		switch {
		case err == nil:
		case p.parted.Load():
			_ = from.Close()
			return
		case errors.Is(err, io.EOF):
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // fails on a stream that is closed already
			}
			return
		default:
			p.reset()
			return
		}
	}
}

func (p *pair) describe() Entry {
	return Entry{
		Transport: p.streams.kind.String(), Connection: nameOf(p.number, 0),
		Client: p.client.RemoteAddr().String(), Server: p.streams.target, From: p.server.LocalAddr().String(),
	}
}

func (p *pair) rebind() bool { return false }

// halfOpen lets nothing pass from now on; neither end learns of it, nor of the other's end.
func (p *pair) halfOpen() bool { return !p.parted.Swap(true) }

// reset ends both streams with a reset.
func (p *pair) reset() bool {
	if p.aborted.Swap(true) {
		return false
	}
	abort(p.client)
	abort(p.server)
	return true
}

func (p *pair) close() { p.reset() }

// abort closes a stream with a reset.
func abort(c net.Conn) {
	if lingering, ok := c.(interface{ SetLinger(seconds int) error }); ok {
		_ = lingering.SetLinger(0)
	}
	_ = c.Close()
}
