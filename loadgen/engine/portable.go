package engine

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/tlsstream"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// batch is the number of arrivals that are handled in one wait.
const batch = 32

// portable is an engine that works wherever Go does: a blocked reader, which
// is one goroutine, for each connection, and a few more while connections are
// made.
type portable struct {
	config  *Config
	route   *router
	take    func(Arrival)
	inbox   chan Arrival
	alarm   host.Alarm
	woken   chan struct{} // has an element when a wait is to end
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	unwritten int // bytes that may wait on one stream

	mu     sync.Mutex
	secure [len(wire.Transports)]*tlsstream.Sessions // nil without TLS
	closed bool
	// By transport, so that a port that does not answer holds up no other.
	queue   [len(wire.Transports)][]request
	dialing [len(wire.Transports)]int // goroutines that work on the queue
	links   map[*portableLink]bool    // links that nobody has closed yet
}

// request is a connection that is to be made.
type request struct {
	transport wire.Transport
	id        ConnectionID
	seat      plan.Seat
	node      transport.Node
	routed    bool // node is where it leads to
}

func newPortable(c *Config, route *router, take func(Arrival)) *portable {
	ctx, cancel := context.WithCancel(context.Background())
	p := &portable{
		config: c, route: route, take: take, inbox: make(chan Arrival, bounds.Arrivals), alarm: host.NewAlarm(c.Target.Network),
		woken: make(chan struct{}, 1), ctx: ctx, cancel: cancel, links: map[*portableLink]bool{}, unwritten: c.maxUnwritten(),
	}
	for t, config := range c.Target.TLS {
		if config != nil {
			p.secure[t] = tlsstream.NewSessions(config)
		}
	}
	return p
}

func (p *portable) Open(t wire.Transport, id ConnectionID, seat plan.Seat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	r := request{transport: t, id: id, seat: seat}
	r.node, r.routed = p.route.pick(t, id, seat)
	p.queue[t] = append(p.queue[t], r)
	if p.dialing[t] < bounds.DialsAtOnce {
		p.dialing[t]++
		p.running.Go(func() { p.work(t) })
	}
}

func (p *portable) Queued(visit func(id ConnectionID)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, queue := range p.queue {
		for _, r := range queue {
			visit(r.id)
		}
	}
}

func (p *portable) Wait(limit time.Duration) error {
	if limit >= 0 {
		p.alarm.Set(limit)
	}
	select {
	case a := <-p.inbox:
		p.handle(a)
		p.takeMore()
	case <-p.alarm.Rings():
	case <-p.woken:
	}
	return nil
}

// takeMore empties the inbox as far as a batch goes.
func (p *portable) takeMore() {
	for range batch {
		select {
		case a := <-p.inbox:
			p.handle(a)
		default:
			return
		}
	}
}

// handle has the worker take an arrival, and its connection's reader go on.
func (p *portable) handle(a Arrival) {
	p.take(a)
	if a.handled != nil {
		<-a.handled
	}
}

func (p *portable) Took(time.Duration) {} // it does not wait before it reads

func (p *portable) Flush() {} // links write by themselves

func (p *portable) Wake() {
	select {
	case p.woken <- struct{}{}:
	default: // it is to end anyway
	}
}

// work makes connections on a transport until none is waiting.
func (p *portable) work(t wire.Transport) {
	for {
		r, ok := p.next(t)
		if !ok {
			return
		}
		p.connect(r)
	}
}

func (p *portable) next(t wire.Transport) (r request, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := &p.queue[t]
	if len(*queue) == 0 || p.closed {
		*queue = nil
		p.dialing[t]--
		return request{}, false
	}
	r, *queue = (*queue)[0], (*queue)[1:]
	return r, true
}

func (p *portable) connect(r request) {
	began := time.Since(p.config.Start)
	conn, err := p.dial(r)
	if err != nil {
		p.deliver(Arrival{Kind: Failed, ID: r.id, At: time.Since(p.config.Start), Err: err})
		return
	}
	l := newPortableLink(conn, p, r.id)
	if !p.keep(l) {
		_ = conn.Abort()
		return
	}
	p.deliver(Arrival{Kind: Opened, ID: r.id, At: time.Since(p.config.Start), Began: began, Link: l})
	p.running.Go(func() { p.read(l) })
}

func (p *portable) dial(r request) (transport.Conn, error) {
	dial, node := r.node.At.String(), r.node
	if !r.routed {
		var err error
		if dial, node, err = p.config.Target.Node(r.transport); err != nil {
			return nil, err
		}
	}
	options := p.config.Target.Options(r.transport, node)
	options.TLS = p.tls(r, node.Host)
	options.MaxMessage = p.config.maxMessage(r.transport)
	return transport.Dial(p.ctx, p.config.network(r.seat, r.node.At.Addr()), r.transport, dial, options)
}

// tls returns the TLS configuration of a connection, nil without TLS.
func (p *portable) tls(r request, server string) *tls.Config {
	sessions := p.secure[r.transport]
	if sessions == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return sessions.Config(int(r.seat), transport.HostName(server))
}

// read reports what comes in until the connection ends. Decoding is done here,
// where it is spread over the processors and the bytes need not be copied.
func (p *portable) read(l *portableLink) {
	if socket, ok := l.Conn.(transport.FrameConn); ok {
		socket.OnControl(func(opcode websocket.Opcode, payload []byte) {
			if opcode != websocket.OpClose {
				l.deliver(Arrival{Kind: Noise, ID: l.id, At: time.Since(p.config.Start), Size: int32(len(payload))})
			}
		})
	}
	for {
		body, err := l.Receive()
		a := Arrival{Kind: Received, ID: l.id, At: time.Since(p.config.Start)}
		if err != nil {
			a.Kind, a.Err = Ended, err
			p.deliver(a)
			return
		}
		a.Size = int32(len(body))
		if a.Message, err = wire.Decode(body); err != nil {
			a.Kind = Noise // a client passes over what it cannot read
		}
		if !l.deliver(a) {
			return
		}
	}
}

// deliver waits for room in the inbox; false when the engine is being closed.
func (p *portable) deliver(a Arrival) bool {
	select {
	case p.inbox <- a:
		return true
	case <-p.ctx.Done():
		return false
	}
}

// keep notes a link so that close finds it; false when it is too late.
func (p *portable) keep(l *portableLink) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.links[l] = true
	}
	return !p.closed
}

func (p *portable) Close() {
	p.cancel()
	p.mu.Lock()
	p.closed = true
	for l := range p.links {
		if !l.isClosing() {
			_ = l.Abort() // unlike Close it waits for nobody
		}
	}
	p.mu.Unlock()
	p.running.Wait()
	p.alarm.Stop()
}
