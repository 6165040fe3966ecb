package eventloop

import (
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/internal/certificate"
	"imcheck/protocol/wire"
)

// patience is the time after which a test gives up; nothing depends on how long
// anything took.
const patience = 10 * time.Second

// world is a loop with a Handler that records its calls.
type world struct {
	*testing.T
	*Loop
	conns     map[uint64]Conn
	messages  map[uint64][]string
	ends      map[uint64]*transport.CloseError
	failures  map[uint64]error
	controls  map[uint64]int                // bytes of pings and pongs, one more for each
	onMessage func(tag uint64, body []byte) // may be nil
}

func newWorld(t *testing.T, c Config) *world {
	t.Helper()
	w := &world{
		T: t, conns: map[uint64]Conn{}, messages: map[uint64][]string{},
		ends: map[uint64]*transport.CloseError{}, failures: map[uint64]error{}, controls: map[uint64]int{},
	}
	for _, kind := range streams {
		if c.MaxMessage[kind] == 0 {
			c.MaxMessage[kind] = 1 << 20
		}
	}
	if c.MaxDatagram == 0 {
		c.MaxDatagram = wire.MaxDatagram
	}
	var err error
	if w.Loop, err = New(c, w); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Loop.Close)
	return w
}

func (w *world) Opened(tag uint64, c Conn, _ time.Time) { w.conns[tag] = c }
func (w *world) Failed(tag uint64, err error)           { w.failures[tag] = err }

func (w *world) Message(tag uint64, body []byte) {
	w.messages[tag] = append(w.messages[tag], string(body))
	if w.onMessage != nil {
		w.onMessage(tag, body)
	}
}

func (w *world) Control(tag uint64, size int) { w.controls[tag] += size + 1 }

func (w *world) Ended(tag uint64, err error) {
	ended, ok := errors.AsType[*transport.CloseError](err)
	if !ok || w.ends[tag] != nil {
		w.Errorf("the end of %d is %v after %v, want one *transport.CloseError", tag, err, w.ends[tag])
	}
	w.ends[tag] = ended
}

// until polls until something has happened.
func (w *world) until(what string, happened func() bool) {
	w.Helper()
	for end := time.Now().Add(patience); !happened(); {
		if err := w.Poll(time.Until(end)); err != nil {
			w.Fatal(err)
		}
		if w.Flush(); !happened() && time.Now().After(end) {
			w.Fatalf("waiting for %s: there are %d connections, messages %v, ends %v, failures %v", what, len(w.conns), w.messages, w.ends, w.failures)
		}
	}
}

// dial opens a connection with its seat as its tag.
func (w *world) dial(t wire.Transport, seat int) Conn {
	w.Helper()
	w.Open(t, uint64(seat), seat)
	w.until("a connection", func() bool { return w.conns[uint64(seat)] != nil || w.failures[uint64(seat)] != nil })
	if err := w.failures[uint64(seat)]; err != nil {
		w.Fatal(err)
	}
	return w.conns[uint64(seat)]
}

// say sends messages.
func (w *world) say(c Conn, bodies ...string) {
	w.Helper()
	for _, body := range bodies {
		if err := c.Send([]byte(body)); err != nil {
			w.Fatalf("Send: %v", err)
		}
	}
	w.Flush()
}

func (w *world) end(tag uint64) *transport.CloseError {
	w.Helper()
	w.until("the end of a connection", func() bool { return w.ends[tag] != nil })
	return w.ends[tag]
}

// peer is an echo server for one transport that records its calls.
type peer struct {
	address string
	secure  *tls.Config // of its clients
	mu      sync.Mutex
	links   []transport.Link
	remotes map[netip.AddrPort]int // messages by remote address
	closed  chan error
}

func newPeer(t *testing.T, kind wire.Transport) *peer {
	t.Helper()
	return newPeerWith(t, kind, nil, nil)
}

// newPeerWith is newPeer with the TLS configurations of a server and of its clients.
func newPeerWith(t *testing.T, kind wire.Transport, server, client *tls.Config) *peer {
	t.Helper()
	l, err := transport.Listen(transport.OS{}, kind, "127.0.0.1:0", transport.Options{MaxMessage: 1 << 20, TLS: server})
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{address: l.Addr().String(), secure: client, remotes: map[netip.AddrPort]int{}, closed: make(chan error, 1000)}
	served := make(chan error, 1)
	go func() { served <- l.Serve(p) }()
	t.Cleanup(func() {
		_ = l.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return p
}

func (p *peer) Open(l transport.Link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links = append(p.links, l)
	return true
}

func (p *peer) Message(l transport.Link, body []byte) {
	p.mu.Lock()
	p.remotes[l.RemoteAddr()]++
	p.mu.Unlock()
	l.Send(body)
}

func (p *peer) Closed(_ transport.Link, reason error) { p.closed <- reason }

// link is the server's end of the first connection.
func (p *peer) link() transport.Link {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.links[0]
}

// heard returns the number of messages from each remote address.
func (p *peer) heard() map[netip.AddrPort]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.remotes)
}

func (p *peer) reason(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.closed:
		return err
	case <-time.After(patience):
		t.Fatal("the server does not hear of the end")
		return nil
	}
}

// at is the configuration of a loop for one address.
func at(kind wire.Transport, address string) (c Config) {
	c.Addresses[kind] = address
	return c
}

// config is the configuration of a loop for a peer's address.
func (p *peer) config(kind wire.Transport) Config {
	c := at(kind, p.address)
	c.TLS[kind] = p.secure
	return c
}

// onTransports runs a test against an echoing server on every transport, on
// streams with a ring, if there is one, without, and with TLS.
func onTransports(t *testing.T, kinds []wire.Transport, test func(w *world, kind wire.Transport, p *peer)) {
	for _, way := range []string{"", " without a ring", " with TLS"} {
		for _, kind := range kinds {
			if way != "" && kind == wire.UDP {
				continue
			}
			t.Run(kind.String()+way, func(t *testing.T) {
				p := newPeer(t, kind)
				if way == " with TLS" {
					p = newSecurePeer(t, kind)
				}
				c := p.config(kind)
				c.WithoutRing = way == " without a ring"
				test(newWorld(t, c), kind, p)
			})
		}
	}
}

// newSecurePeer is a peer with TLS, whose certificate its clients trust.
func newSecurePeer(t *testing.T, kind wire.Transport) *peer {
	t.Helper()
	server, client, err := certificate.Configs()
	if err != nil {
		t.Fatal(err)
	}
	return newPeerWith(t, kind, server, client)
}

var streams = []wire.Transport{wire.TCP, wire.WS}

// rawServer accepts one connection and hands it to serve, which may take its
// time; the connection is closed after it.
func rawServer(t *testing.T, serve func(c *net.TCPConn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if c, err := l.Accept(); err == nil {
			serve(c.(*net.TCPConn))
			_ = c.Close()
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	return l.Addr().String()
}
