package eventloop

import (
	"net"
	"strings"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

func TestMessagesGoBothWays(t *testing.T) {
	onTransports(t, wire.Transports[:], func(w *world, kind wire.Transport, _ *peer) {
		c := w.dial(kind, 0)
		w.say(c, "a", strings.Repeat("b", 2000), "c")
		w.until("three echoes", func() bool { return len(w.messages[0]) == 3 })
		if got := w.messages[0]; got[0] != "a" || len(got[1]) != 2000 || got[2] != "c" {
			t.Errorf("got %.20q", got)
		}
	})
}

// A message that is longer than a read and than what a socket takes in one
// piece comes back whole, and so does what is queued after it.
func TestLongMessagesOnStreams(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, p *peer) {
		c := w.dial(kind, 0)
		long := strings.Repeat("x", 100_000)
		for range 5 {
			w.say(c, long, "short")
			seen := len(w.messages[0])
			w.until("its echo", func() bool { return len(w.messages[0]) == seen+2 })
		}
		for i, got := range w.messages[0] {
			if want := []string{long, "short"}[i%2]; got != want {
				t.Errorf("echo %d has %d bytes, want %d", i, len(got), len(want))
			}
		}
	})
}

// A peer that does not read blocks only its own connection; when it reads
// again it gets everything.
func TestAPeerThatReadsLate(t *testing.T) {
	proceed, total := make(chan struct{}), make(chan int, 1)
	address := rawServer(t, func(c *net.TCPConn) {
		<-proceed
		n, buffer := 0, make([]byte, 1<<20)
		for n < 40*(250_000+wire.FrameHeader) {
			m, err := c.Read(buffer)
			if n += m; err != nil {
				break
			}
		}
		total <- n
	})
	w := newWorld(t, withoutBound(at(wire.TCP, address)))
	c := w.dial(wire.TCP, 0)
	for range 40 {
		w.say(c, strings.Repeat("y", 250_000))
	}
	if s := c.(*stream); !s.blocked || s.deadline.IsZero() {
		t.Fatal("10 MB went into a socket that nobody reads from")
	}
	close(proceed)
	w.until("everything to be written", func() bool { return c.(*stream).out == nil })
	if n := <-total; n != 40*(250_000+wire.FrameHeader) {
		t.Errorf("%d bytes arrived, want %d", n, 40*(250_000+wire.FrameHeader))
	}
	if s := c.(*stream); s.blocked || !s.deadline.IsZero() {
		t.Error("a connection that goes on still has a deadline")
	}
}

// withoutBound lets more wait to be written than a test writes.
func withoutBound(c Config) Config {
	c.MaxUnwritten = 1 << 30
	return c
}

// lapse lets the deadline of a stream pass.
func (w *world) lapse(s *stream) {
	s.deadline = time.Now().Add(-1)
	w.checked = time.Time{}
}

func TestAPeerThatDoesNotReadIsGivenUp(t *testing.T) {
	proceed := make(chan struct{})
	address := rawServer(t, func(*net.TCPConn) { <-proceed })
	defer close(proceed)
	w := newWorld(t, withoutBound(at(wire.TCP, address)))
	c := w.dial(wire.TCP, 0)
	for range 40 {
		w.say(c, strings.Repeat("y", 250_000))
	}
	w.lapse(c.(*stream))
	if got := w.end(0); got.Reason != transport.Timeout {
		t.Errorf("it ended by %v, want a timeout", got)
	}
	if c.Send([]byte("more")) == nil {
		t.Error("a connection that ended can be sent on")
	}
}

func TestAHandshakeThatIsNotAnsweredIsGivenUp(t *testing.T) {
	proceed := make(chan struct{})
	address := rawServer(t, func(*net.TCPConn) { <-proceed })
	defer close(proceed)
	w := newWorld(t, at(wire.WS, address))
	w.Open(wire.WS, 7, 0)
	w.until("the handshake to begin", func() bool { return len(w.watched) == 1 && w.watched[0].state == upgrading })
	w.lapse(w.watched[0])
	w.until("the failure", func() bool { return w.failures[7] != nil })
	if text := w.failures[7].Error(); !strings.Contains(text, address) || w.dialing[wire.WS] != 0 {
		t.Errorf("the failure is %q, and %d connections are being made", text, w.dialing[wire.WS])
	}
}

func TestNobodyListens(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := l.Addr().String()
			_ = l.Close()
			w := newWorld(t, at(kind, address))
			w.Open(kind, 1, 0)
			w.until("the failure", func() bool { return w.failures[1] != nil })
			if text := w.failures[1].Error(); !strings.Contains(text, "refused") || !strings.Contains(text, address) {
				t.Errorf("the failure is %q", text)
			}
		})
	}
}

func TestAnAddressThatCannotBeResolved(t *testing.T) {
	w := newWorld(t, at(wire.TCP, "127.0.0.1:no-such-port"))
	w.Open(wire.TCP, 1, 0)
	w.Open(wire.UDP, 2, 0) // which has no address at all
	w.until("the failures", func() bool { return w.failures[1] != nil && w.failures[2] != nil })
}

// More connections than are made at one time, several times over, so that
// slots are used again.
func TestManyConnections(t *testing.T) {
	onTransports(t, wire.Transports[:], func(w *world, kind wire.Transport, _ *peer) {
		const n = 3 * bounds.DialsAtOnce
		for range 2 {
			clear(w.conns)
			clear(w.messages)
			for i := range n {
				w.Open(kind, uint64(i), i)
			}
			w.until("all connections", func() bool { return len(w.conns) == n })
			for _, c := range w.conns {
				w.say(c, "hello")
			}
			w.until("all echoes", func() bool { return len(w.messages) == n })
			for _, c := range w.conns {
				_ = c.Close()
			}
		}
		if got := len(w.slots); got > n+1 {
			t.Errorf("%d slots are there for %d sockets", got, n+1)
		}
		if len(w.ends) != 0 || w.dialing[kind] != 0 {
			t.Errorf("ends %v, %d being made", w.ends, w.dialing[kind])
		}
	})
}

// Wake ends a wait without a bound from another goroutine, or the next one, and
// no further one.
func TestWake(t *testing.T) {
	w := newWorld(t, Config{})
	go w.Wake()
	for range 2 {
		pollUntilAwake(t, w)
		w.Wake()
		w.Wake()
	}
}

// pollUntilAwake polls until a Wake has ended a Poll, which may end with a signal before that.
func pollUntilAwake(t *testing.T, w *world) {
	t.Helper()
	const signals = 1000
	for range signals {
		if err := w.Poll(-1); err != nil {
			t.Fatal(err)
		}
		n, err := epollWaitMilliseconds(w.epoll, w.events, time.Nanosecond)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	t.Errorf("there is still an event after %d calls; want none after the wait", signals)
}

func TestWaitingInMilliseconds(t *testing.T) {
	w := newWorld(t, Config{})
	if n, err := epollWaitMilliseconds(w.epoll, w.events, time.Nanosecond); n != 0 || err != nil {
		t.Errorf("%d events, %v", n, err)
	}
	w.Wake()
	if n, err := epollWaitMilliseconds(w.epoll, w.events, -1); n != 1 || err != nil {
		t.Errorf("%d events, %v; want the one of Wake", n, err)
	}
}
