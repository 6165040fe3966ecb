package impair_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

const ms = time.Millisecond

// pathOf makes a path of specs.
func pathOf(t *testing.T, specs ...string) *impair.Path {
	t.Helper()
	p, _, err := impair.Parse(specs)
	if err != nil {
		t.Fatal(err)
	}
	return impair.New(p)
}

// inMemory runs a test in virtual time. That its bubble ends shows that no
// goroutine and no timer is left.
func inMemory(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, memory.New()) })
}

// alike runs a test in memory and over sockets.
func alike(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Run("memory", func(t *testing.T) { inMemory(t, test) })
	t.Run("os", func(t *testing.T) { test(t, transport.OS{}) })
}

// streams makes both ends of a stream over a path; the client's is impaired.
func streams(t *testing.T, n transport.Network, path *impair.Path) (client, server net.Conn) {
	t.Helper()
	l, err := n.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	client, err = path.Network(n, wire.TCP).DialStream(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() { _, _ = client.Close(), server.Close(); path.Settle() })
	return client, server
}

// packets makes both ends of a datagram path; the client's is impaired. The
// server's socket is connected to it once it has received something.
func packets(t *testing.T, n transport.Network, path *impair.Path, name string) (client net.Conn, server transport.PacketConn) {
	t.Helper()
	server, err := n.ListenPacket("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := impair.WithName(t.Context(), name)
	client, err = path.Network(n, wire.UDP).DialPacket(ctx, server.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = client.Close(), server.Close(); path.Settle() })
	return client, server
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := io.WriteString(c, text); err != nil || n != len(text) {
		t.Fatalf("Write: %d bytes, %v", n, err)
	}
}

// read reads exactly as much as is wanted.
func read(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

// readError reads where only an error can come.
func readError(t *testing.T, c net.Conn, want error) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, want) {
		t.Errorf("Read: %d bytes, %v; want %v", n, err, want)
	}
}

// took holds how much virtual time has passed.
func took(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got != want {
		t.Errorf("%s took %v, want %v", what, got, want)
	}
}

func TestPathThatImpairsNothing(t *testing.T) {
	n := memory.New()
	for _, path := range []*impair.Path{nil, impair.New(impair.Policy{}), pathOf(t, "udp: drop=5%")} {
		if path.Network(n, wire.TCP) != transport.Network(n) {
			t.Errorf("%+v: tcp is impaired", path.Policy())
		}
		if path.Delay(wire.TCP) != 0 || path.Loses(wire.TCP) || len(path.Counts()) > 0 {
			t.Errorf("%+v: delay %v, loses %v on tcp", path.Policy(), path.Delay(wire.TCP), path.Loses(wire.TCP))
		}
	}
}

func TestDelayAndLosses(t *testing.T) {
	path := pathOf(t, "delay=50ms, jitter=30ms", "udp in: reorder=1%", "udp out: drop=1%", "tcp in: stall=1s/10s")
	for kind, want := range map[wire.Transport]time.Duration{wire.UDP: 160*ms + impair.ReorderWait, wire.TCP: 1160 * ms, wire.WS: 160 * ms} {
		if got := path.Delay(kind); got != want {
			t.Errorf("delay on %s: %v, want %v", kind, got, want)
		}
		if got := path.Loses(kind); got != (kind == wire.UDP) {
			t.Errorf("%s loses: %v", kind, got)
		}
	}
}

func TestListenersAreNotImpaired(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		impaired := pathOf(t, "delay=1s, drop=100%").Network(n, wire.TCP)
		l, err := impaired.ListenStream("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		start := time.Now()
		c, err := n.DialStream(t.Context(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		write(t, server, "x")
		read(t, c, "x")
		took(t, "the way", start, 0)
	})
}

func TestDialThatFails(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		if c, err := pathOf(t, "delay=1s").Network(n, wire.WS).DialStream(t.Context(), "127.0.0.1:1"); c != nil || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("DialStream: %v, %v", c, err)
		}
	})
}

// echo answers each message with itself.
type echo struct{}

func (echo) Open(transport.Link) bool              { return true }
func (echo) Message(l transport.Link, body []byte) { l.Send(body) }
func (echo) Closed(transport.Link, error)          {}
func dialEcho(t *testing.T, kind wire.Transport, n transport.Network, path *impair.Path) transport.Conn {
	t.Helper()
	l, err := transport.Listen(n, kind, "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = l.Serve(echo{}) }()
	t.Cleanup(func() { _ = l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := transport.Dial(ctx, path.Network(n, kind), kind, l.Addr().String(), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Abort(); path.Settle() })
	return c
}

// The handshake of WebSocket takes one round trip, and so does each message.
func TestMessagesOverAnImpairedPath(t *testing.T) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			inMemory(t, func(t *testing.T, n transport.Network) {
				start := time.Now()
				c := dialEcho(t, kind, n, pathOf(t, "out: delay=100ms", "in: delay=1s"))
				handshake := time.Duration(0)
				if kind == wire.WS {
					handshake = 1100 * ms
				}
				took(t, "dialing", start, handshake)
				for range 3 {
					start := time.Now()
					if err := c.Send([]byte("hello")); err != nil {
						t.Fatal(err)
					}
					took(t, "sending", start, 0)
					got, err := c.Receive()
					if err != nil || string(got) != "hello" {
						t.Fatalf("Receive: %q, %v", got, err)
					}
					took(t, "the echo", start, 1100*ms)
				}
				_ = c.SetReceiveDeadline(time.Now().Add(500 * ms))
				if _, err := c.Receive(); !isTimeout(err) {
					t.Errorf("Receive: %v, want a timeout", err)
				}
			})
		})
	}
}

func isTimeout(err error) bool {
	ended, ok := errors.AsType[*transport.CloseError](err)
	return ok && ended.Reason == transport.Timeout
}

// A close by this end is seen at once by this end, and by the server after the
// messages before it.
func TestCloseOverAnImpairedPath(t *testing.T) {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		t.Run(kind.String(), func(t *testing.T) {
			inMemory(t, func(t *testing.T, n transport.Network) {
				s := &recorder{messages: make(chan string, 1), closed: make(chan error, 1)}
				l, err := transport.Listen(n, kind, "127.0.0.1:0", transport.Options{})
				if err != nil {
					t.Fatal(err)
				}
				go func() { _ = l.Serve(s) }()
				defer l.Close()
				c, err := transport.Dial(t.Context(), pathOf(t, "delay=1s").Network(n, kind), kind, l.Addr().String(), transport.Options{})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				_ = c.Send([]byte("last"))
				_ = c.Close()
				if _, err := c.Receive(); !isByUs(err) {
					t.Errorf("Receive: %v, want closed by this end", err)
				}
				took(t, "closing", start, 0)
				if got := <-s.messages; got != "last" {
					t.Errorf("the server got %q", got)
				}
				if ended, ok := errors.AsType[*transport.CloseError](<-s.closed); !ok || ended.Reason != transport.ByPeer {
					t.Errorf("the server's link ended with %v, want closed by the peer", ended)
				}
				took(t, "the close", start, time.Second)
			})
		})
	}
}

func isByUs(err error) bool {
	ended, ok := errors.AsType[*transport.CloseError](err)
	return ok && ended.Reason == transport.ByUs
}

// recorder passes on what a server gets.
type recorder struct {
	messages chan string
	closed   chan error
}

func (r *recorder) Open(transport.Link) bool              { return true }
func (r *recorder) Message(_ transport.Link, body []byte) { r.messages <- string(body) }
func (r *recorder) Closed(_ transport.Link, reason error) { r.closed <- reason }

var errTimeout = os.ErrDeadlineExceeded

// A path that changes does so for connections that are open, and tells of what it did.
func TestChanges(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		var seen []impair.Observation
		path := impair.NewChanging(impair.Policy{}, func(o impair.Observation) { seen = append(seen, o) })
		client, server := packets(t, n, path, "A")
		if _, err := client.Write([]byte("one")); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 10)
		if k, _, err := server.ReadFromUDPAddrPort(buffer); err != nil || string(buffer[:k]) != "one" {
			t.Fatalf("got %q, %v", buffer[:k], err)
		}
		changed, _, err := impair.Parse([]string{"udp out: drop=100%"})
		if err != nil {
			t.Fatal(err)
		}
		path.Change(changed)
		if _, err := client.Write([]byte("two")); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 1 || seen[0].Effect != impair.Dropped || seen[0].Connection != "A" || seen[0].Direction != impair.Out {
			t.Errorf("observed %+v", seen)
		}
		if counts := path.Counts(); len(counts) != 1 || counts[0].Passed != 1 || counts[0].Dropped != 1 {
			t.Errorf("counts %+v", counts)
		}
	})
}
