package eventloop

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// What the server sent before it closed comes first.
func TestTheServerCloses(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, p *peer) {
		c := w.dial(kind, 0)
		w.say(c, "hello")
		w.until("the echo", func() bool { return len(w.messages[0]) == 1 })
		p.link().Send([]byte("farewell"))
		p.link().Close()
		ended := w.end(0)
		if ended.Reason != transport.ByPeer || ended.Err != nil || kind == wire.WS && ended.Code != websocket.CloseNormal {
			t.Errorf("it ended by %v", ended)
		}
		if got := w.messages[0]; len(got) != 2 || got[1] != "farewell" {
			t.Errorf("messages are %q", got)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheClientCloses(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, p *peer) {
		c := w.dial(kind, 0)
		w.say(c, "hello")
		w.until("the echo", func() bool { return len(w.messages[0]) == 1 })
		if err := errors.Join(c.Send([]byte("last")), c.Close(), c.Close()); err != nil {
			t.Fatal(err)
		}
		ended, ok := errors.AsType[*transport.CloseError](p.reason(t))
		if !ok || ended.Reason != transport.ByPeer || ended.Err != nil || kind == wire.WS && ended.Code != websocket.CloseNormal {
			t.Errorf("the server saw %v, want an orderly end", ended)
		}
		if c.Send(nil) == nil {
			t.Error("a closed connection can be sent on")
		}
		for _, n := range p.heard() {
			if n != 2 {
				t.Errorf("the server got %d messages, want the last one too", n)
			}
		}
	})
}

// Closing a loop waits for what is still to be written.
func TestCloseOfALoopLetsCloseFinish(t *testing.T) {
	proceed, total := make(chan struct{}), make(chan int64, 1)
	address := rawServer(t, func(c *net.TCPConn) {
		<-proceed
		n, _ := io.Copy(io.Discard, c)
		total <- n
	})
	w := newWorld(t, withoutBound(at(wire.TCP, address)))
	c := w.dial(wire.TCP, 0)
	for range 40 {
		w.say(c, strings.Repeat("y", 250_000))
	}
	if err := c.Close(); err != nil || w.closing != 1 {
		t.Fatalf("%v, %d are closing", err, w.closing)
	}
	close(proceed)
	w.Loop.Close()
	if n := <-total; n != 40*(250_000+wire.FrameHeader) {
		t.Errorf("%d bytes arrived, want %d", n, 40*(250_000+wire.FrameHeader))
	}
	var err error
	if w.Loop, err = New(Config{}, w); err != nil { // for the cleanup
		t.Fatal(err)
	}
}

// A reset does not take away what came before it, and a write that meets the
// reset first does not either.
func TestAReset(t *testing.T) {
	for _, first := range []string{"read", "write"} {
		t.Run(first, func(t *testing.T) {
			reset := make(chan struct{})
			address := rawServer(t, func(c *net.TCPConn) {
				_, _ = c.Read(make([]byte, 1))
				_, _ = c.Write(wire.AppendFrame(nil, []byte("kick")))
				_ = c.SetLinger(0)
				_ = c.Close()
				close(reset)
			})
			w := newWorld(t, at(wire.TCP, address))
			c := w.dial(wire.TCP, 0)
			w.say(c, "hello")
			<-reset
			if first == "write" {
				w.say(c, "more")
			}
			if ended := w.end(0); ended.Reason != transport.Reset {
				t.Errorf("it ended by %v", ended)
			}
			if got := w.messages[0]; len(got) != 1 || got[0] != "kick" {
				t.Errorf("messages are %q, want the one before the reset", got)
			}
			_ = c.Close()
		})
	}
}

// After a FIN the client may still write, which makes the server reset; the
// messages before the FIN are handed over all the same.
func TestAWriteAfterTheServersEnd(t *testing.T) {
	closed := make(chan struct{})
	address := rawServer(t, func(c *net.TCPConn) {
		_, _ = c.Read(make([]byte, 1<<10))
		_, _ = c.Write(wire.AppendFrame(nil, []byte("kick")))
		_ = c.Close()
		close(closed)
	})
	w := newWorld(t, at(wire.TCP, address))
	c := w.dial(wire.TCP, 0)
	w.say(c, "hello")
	<-closed
	w.say(c, "into the void")
	w.say(c, "and again")
	w.end(0)
	if got := w.messages[0]; len(got) != 1 || got[0] != "kick" {
		t.Errorf("messages are %q, want the kick", got)
	}
}

func TestAStreamThatEndsInAMessage(t *testing.T) {
	for kind, half := range map[wire.Transport][]byte{
		wire.TCP: {0, 0, 0, 9, 'x'},
		wire.WS:  {0x81, 9, 'x'},
	} {
		t.Run(kind.String(), func(t *testing.T) {
			address := rawServer(t, func(c *net.TCPConn) {
				if kind == wire.WS {
					acceptUpgrade(c)
				}
				_, _ = c.Write(half)
			})
			w := newWorld(t, at(kind, address))
			w.dial(kind, 0)
			if ended := w.end(0); ended.Reason != transport.ByPeer || !errors.Is(ended, transport.ErrMidMessage) {
				t.Errorf("it ended by %v", ended)
			}
		})
	}
}

func TestBytesThatCannotBeRead(t *testing.T) {
	for kind, bad := range map[wire.Transport][]byte{
		wire.TCP: {0xFF, 0xFF, 0xFF, 0xFF},
		wire.WS:  {0x81, 0x81, 0, 0, 0, 0, 'x'}, // masked
	} {
		t.Run(kind.String(), func(t *testing.T) {
			proceed := make(chan struct{})
			address := rawServer(t, func(c *net.TCPConn) {
				if kind == wire.WS {
					acceptUpgrade(c)
				}
				_, _ = c.Write(bad)
				<-proceed
			})
			defer close(proceed)
			w := newWorld(t, at(kind, address))
			w.dial(kind, 0)
			if ended := w.end(0); ended.Reason != transport.Broken {
				t.Errorf("it ended by %v", ended)
			}
		})
	}
}

// acceptUpgrade answers a WebSocket handshake, with a frame right after it.
func acceptUpgrade(c net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+websocket.AcceptKey(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n\x81\x02hi")
}

func TestPingsAreAnswered(t *testing.T) {
	pong := make(chan []byte, 1)
	address := rawServer(t, func(c *net.TCPConn) {
		acceptUpgrade(c)
		_, _ = c.Write([]byte{0x89, 2, 'o', 'k'})
		answer := make([]byte, 8)
		_, _ = io.ReadFull(c, answer)
		pong <- answer
	})
	w := newWorld(t, at(wire.WS, address))
	w.dial(wire.WS, 0)
	w.until("the end", func() bool { return w.ends[0] != nil })
	answer := <-pong
	if answer[0] != 0x8A || answer[1] != 0x82 || answer[6]^answer[2] != 'o' || answer[7]^answer[3] != 'k' {
		t.Errorf("the ping was answered with % x", answer)
	}
	if got := w.controls[0]; got != 3 {
		t.Errorf("the handler got %d bytes, want a ping of 2", got)
	}
	if got := w.messages[0]; len(got) != 1 || got[0] != "hi" {
		t.Errorf("messages are %q, want the one after the handshake", got)
	}
}

func TestAnUpgradeThatIsRefused(t *testing.T) {
	address := rawServer(t, func(c *net.TCPConn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
	})
	w := newWorld(t, at(wire.WS, address))
	w.Open(wire.WS, 3, 0)
	w.until("the failure", func() bool { return w.failures[3] != nil })
	if text := w.failures[3].Error(); !strings.Contains(text, "400") || w.dialing != [len(wire.Transports)]int{} {
		t.Errorf("the failure is %q, and %d connections are being made", text, w.dialing)
	}
}

func TestMessagesThatAreTooLong(t *testing.T) {
	onTransports(t, streams, func(_ *world, kind wire.Transport, p *peer) {
		c := p.config(kind)
		c.MaxMessage[kind] = 100
		w := newWorld(t, c)
		conn := w.dial(kind, 0)
		w.say(conn, strings.Repeat("x", 100), strings.Repeat("x", 101))
		if ended := w.end(0); ended.Reason != transport.Broken || len(w.messages[0]) != 1 {
			t.Errorf("it ended by %v after %d messages, want one", ended, len(w.messages[0]))
		}
	})
}
