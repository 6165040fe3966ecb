package transport_test

import (
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// patience is the time after which a test over real sockets gives up; nothing depends on how
// long anything took.
const patience = 10 * time.Second

// event is one call of a Handler.
type event struct {
	call   string // "open", "message" or "closed"
	link   transport.Link
	body   string
	reason error
}

// probe is a Handler that forwards its calls to a test.
type probe struct {
	events    chan event
	refuse    bool                                 // every link
	onMessage func(l transport.Link, body []byte)  // called before the event is passed on
	onOpen    func(l transport.Link)               // likewise
	onClosed  func(l transport.Link, reason error) // likewise
}

func newProbe() *probe { return &probe{events: make(chan event, 10_000)} }

func (p *probe) Open(l transport.Link) bool {
	if p.onOpen != nil {
		p.onOpen(l)
	}
	p.events <- event{call: "open", link: l}
	return !p.refuse
}

func (p *probe) Message(l transport.Link, body []byte) {
	if p.onMessage != nil {
		p.onMessage(l, body)
	}
	p.events <- event{call: "message", link: l, body: string(body)}
}

func (p *probe) Closed(l transport.Link, reason error) {
	if p.onClosed != nil {
		p.onClosed(l, reason)
	}
	p.events <- event{call: "closed", link: l, reason: reason}
}

// bench is a server on one network, and what a test does with it.
type bench struct {
	*testing.T
	network   transport.Network
	transport transport.Listener
	kind      wire.Transport
	options   transport.Options // for the clients
	address   string
	probe     *probe
}

// setup changes a bench before its server starts.
type setup struct {
	server, client transport.Options
	probe          func(*probe)
}

// onNetworks runs a test over the machine's network and, inside a bubble whose
// end shows that no goroutine is left, over the one in memory.
func onNetworks(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Run("os", func(t *testing.T) { test(t, transport.OS{}) })
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, memory.New()) })
	})
}

// onServers runs a test against a server for each of the transports, on each
// network.
func onServers(t *testing.T, transports []wire.Transport, s setup, test func(b *bench)) {
	for _, kind := range transports {
		t.Run(kind.String(), func(t *testing.T) {
			onNetworks(t, func(t *testing.T, n transport.Network) { test(startServer(t, n, kind, s)) })
		})
	}
}

var (
	everyTransport = wire.Transports[:]
	streams        = []wire.Transport{wire.TCP, wire.WS}
)

func startServer(t *testing.T, n transport.Network, kind wire.Transport, s setup) *bench {
	t.Helper()
	l, err := transport.Listen(n, kind, "127.0.0.1:0", s.server)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, network: n, transport: l, kind: kind, options: s.client, address: l.Addr().String(), probe: newProbe()}
	if s.probe != nil {
		s.probe(b.probe)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve(b.probe) }()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("closing the listener: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return b
}

// dial makes a client that is closed at the end of the test.
func (b *bench) dial() transport.Conn {
	b.Helper()
	c, err := transport.Dial(b.Context(), b.network, b.kind, b.address, b.options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Abort() })
	if err := c.SetReceiveDeadline(time.Now().Add(patience)); err != nil {
		b.Fatal(err)
	}
	return c
}

// dialRaw makes a stream that no client touches.
func (b *bench) dialRaw() net.Conn {
	b.Helper()
	c, err := b.network.DialStream(b.Context(), b.address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// expect waits for the handler's next call, which has to be the one named.
func (b *bench) expect(call string) event {
	b.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case e := <-b.probe.events:
		if e.call != call {
			b.Fatalf("handler call %+v, want %s", e, call)
		}
		return e
	case <-timer.C:
		b.Fatalf("the handler was not called: want %s", call)
	}
	return event{}
}

// expectMessage waits for a message with this body.
func (b *bench) expectMessage(body string) event {
	b.Helper()
	e := b.expect("message")
	if e.body != body {
		b.Fatalf("the server got %q, want %q", e.body, body)
	}
	return e
}

// expectOpen waits for a link, on transports that have connections.
func (b *bench) expectOpen() event {
	b.Helper()
	if !b.kind.Connected() {
		return event{}
	}
	return b.expect("open")
}

// send writes from a client.
func (b *bench) send(c transport.Conn, body string) {
	b.Helper()
	if err := c.Send([]byte(body)); err != nil {
		b.Fatalf("Send: %v", err)
	}
}

// receive reads at a client.
func (b *bench) receive(c transport.Conn, want string) {
	b.Helper()
	got, err := c.Receive()
	if err != nil {
		b.Fatalf("Receive: %v, want %q", err, want)
	}
	if string(got) != want {
		b.Fatalf("Receive: %q, want %q", got, want)
	}
}

// closeReason reads at a client the end of the connection.
func (b *bench) closeReason(c transport.Conn) *transport.CloseError {
	b.Helper()
	for range 10_000 {
		_, err := c.Receive()
		if ended, ok := errors.AsType[*transport.CloseError](err); ok {
			return ended
		}
		if err != nil {
			b.Fatalf("Receive: %v, which is not a *CloseError", err)
		}
	}
	b.Fatal("the messages do not end")
	return nil
}

// write sends raw bytes, joined into one piece.
func (b *bench) write(c net.Conn, pieces ...[]byte) {
	b.Helper()
	if _, err := c.Write(slices.Concat(pieces...)); err != nil {
		b.Fatalf("Write: %v", err)
	}
}
