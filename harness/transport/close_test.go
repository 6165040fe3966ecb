package transport_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// reasonAtServer waits for the end of a link.
func (b *bench) reasonAtServer() *transport.CloseError {
	b.Helper()
	reason := b.expect("closed").reason
	ended, ok := errors.AsType[*transport.CloseError](reason)
	if !ok {
		b.Fatalf("the link ended with %v, which is not a *CloseError", reason)
	}
	return ended
}

// code1000 is the close code where there are close frames.
func (b *bench) code1000() websocket.CloseCode {
	if b.kind == wire.WS {
		return 1000
	}
	return 0
}

func TestCloseByTheClient(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		b.send(c, "last")
		if err := c.Close(); err != nil {
			b.Errorf("Close: %v", err)
		}
		b.expectMessage("last")
		if ended := b.reasonAtServer(); ended.Reason != transport.ByPeer || ended.Code != b.code1000() {
			b.Errorf("at the server: %v", ended)
		}
		if ended := b.closeReason(c); ended.Reason != transport.ByUs {
			b.Errorf("at the client: %v", ended)
		}
		if err := c.Close(); err != nil {
			b.Errorf("closing again: %v", err)
		}
		if c.Send([]byte("x")) == nil {
			b.Error("sending after the close did not fail")
		}
	})
}

func TestAbortByTheClient(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		b.send(c, "last")
		b.expectMessage("last")
		if err := c.Abort(); err != nil {
			b.Errorf("Abort: %v", err)
		}
		if ended := b.reasonAtServer(); ended.Reason != transport.Reset {
			b.Errorf("at the server: %v", ended)
		}
		if ended := b.closeReason(c); ended.Reason != transport.ByUs {
			b.Errorf("at the client: %v", ended)
		}
	})
}

func TestCloseByTheServer(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		b.send(c, "hello")
		link := b.expectMessage("hello").link
		link.Send([]byte("kick-out"))
		link.Close()
		link.Close()
		link.Send([]byte("too late"))
		b.receive(c, "kick-out")
		for range 2 { // the end is seen again and again
			if ended := b.closeReason(c); ended.Reason != transport.ByPeer || ended.Code != b.code1000() || ended.Err != nil {
				b.Errorf("at the client: %v", ended)
			}
		}
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs {
			b.Errorf("at the server: %v", ended)
		}
	})
}

// A socket that is closed while it has unread bytes resets its connection, and
// the reset can overtake what was written before it.
func TestLastMessageArrivesThoughTheServerHasUnreadBytes(t *testing.T) {
	closeAtOnce := func(l transport.Link, _ []byte) {
		l.Send([]byte("kick-out"))
		l.Close()
	}
	onServers(t, streams, setup{probe: func(p *probe) { p.onMessage = closeAtOnce }}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		frame := wire.AppendFrame(nil, []byte("message"))
		if b.kind == wire.WS {
			frame = clientFrame(websocket.Frame{Fin: true, Opcode: 1, Payload: []byte("message")})
		}
		b.write(c.Raw(), []byte(strings.Repeat(string(frame), 500)))
		b.receive(c, "kick-out")
		if ended := b.closeReason(c); ended.Reason != transport.ByPeer {
			b.Errorf("at the client: %v", ended)
		}
		b.expectMessage("message")
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs { // and no message before it
			b.Errorf("at the server: %v", ended)
		}
	})
}

// With the quirk what is forbidden ends a connection with a reset, and everything
// else with a FIN.
func TestResetOnViolation(t *testing.T) {
	onServers(t, streams, setup{server: transport.Options{Quirks: transport.Quirks{ResetOnViolation: true}}}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		violation := []byte{0xFF, 0xFF, 0xFF, 0xFF} // a negative length
		if b.kind == wire.WS {
			violation = []byte{0x81, 0x01, 'x'} // an unmasked frame
		}
		b.write(c.Raw(), violation)
		b.expect("closed")
		_ = c.Raw().SetReadDeadline(time.Now().Add(patience))
		if _, err := io.ReadAll(c.Raw()); !errors.Is(err, syscall.ECONNRESET) {
			b.Errorf("after a violation: %v, want a reset", err)
		}
		c = b.dial()
		b.expect("open")
		b.send(c, "x")
		b.expectMessage("x").link.Close()
		if ended := b.closeReason(c); ended.Reason != transport.ByPeer {
			b.Errorf("after a close: %v, want a FIN", ended)
		}
	})
}

// A peer that never closes its side does not keep the socket of a closed link.
func TestTheSocketOfAClosedLinkIsFreed(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), kind, setup{})
				c := b.dial()
				link := b.expect("open").link
				b.send(c, "x")
				b.expectMessage("x")
				link.Close()
				time.Sleep(2 * time.Second) // virtual, and longer than the server reads on
				_, _ = c.Raw().Write([]byte("x"))
				if _, err := c.Raw().Write([]byte("x")); err == nil {
					t.Error("the server still takes bytes")
				}
			})
		})
	}
}

func TestClosingTheListenerDropsEveryLink(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		if err := b.transport.Close(); err != nil {
			b.Fatal(err)
		}
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs {
			b.Errorf("at the server: %v", ended)
		}
		if ended := b.closeReason(c); ended.Reason != transport.ByPeer {
			b.Errorf("at the client: %v", ended)
		}
		if _, err := b.network.DialStream(b.Context(), b.address); err == nil {
			b.Error("the port still accepts connections")
		}
	})
}

func TestARefusedLinkIsDropped(t *testing.T) {
	onServers(t, []wire.Transport{wire.TCP}, setup{probe: func(p *probe) { p.refuse = true }}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		if ended := b.closeReason(c); ended.Reason != transport.ByPeer {
			b.Errorf("at the client: %v", ended)
		}
		b.probe.events <- event{call: "nothing in between"}
		b.expect("nothing in between")
	})
}

func TestCloseFromWithinTheHandler(t *testing.T) {
	closing := func(p *probe) {
		p.onOpen = func(l transport.Link) {
			l.Send([]byte("never seen before a handshake"))
			l.Close()
		}
		p.onClosed = func(l transport.Link, _ error) { l.Close() }
	}
	onServers(t, streams, setup{probe: closing}, func(b *bench) {
		raw := b.dialRaw()
		b.expect("open")
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs {
			b.Errorf("at the server: %v", ended)
		}
		if rest, err := io.ReadAll(raw); err != nil || len(rest) > 0 {
			b.Errorf("the client read %q, %v; want the end of the stream", rest, err)
		}
	})
}

func TestASlowReaderIsAborted(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		link := b.expect("open").link
		b.send(c, "ready")
		b.expectMessage("ready")
		body := make([]byte, 1000)
		for len(b.probe.events) == 0 { // the buffers of the system come first
			link.Send(body)
		}
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs || !errors.Is(ended, transport.ErrOutboxFull) {
			b.Errorf("at the server: %v", ended)
		}
		if ended := b.closeReason(c); ended.Reason != transport.Reset {
			b.Errorf("at the client: %v", ended)
		}
	})
}

// A peer that takes nothing at all is dropped although little waits for it.
func TestAReaderThatStopsIsAborted(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), kind, setup{})
				c := b.dial()
				link := b.expect("open").link
				b.send(c, "ready")
				b.expectMessage("ready")
				start := time.Now()
				for range 100 {
					link.Send(make([]byte, 1000))
				}
				e := <-b.probe.events
				if !errors.Is(e.reason, transport.ErrOutboxFull) {
					t.Errorf("handler call %+v", e)
				}
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("the link was dropped after %s, want 10s", took)
				}
			})
		})
	}
}

func TestReceiveDeadline(t *testing.T) {
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		b.expectOpen()
		if err := c.SetReceiveDeadline(time.Unix(1, 0)); err != nil {
			b.Fatal(err)
		}
		if ended := b.closeReason(c); ended.Reason != transport.Timeout {
			b.Errorf("with a deadline that has passed: %v", ended)
		}
		b.send(c, "still there")
		link := b.expectMessage("still there").link
		link.Send([]byte("yes"))
		_ = c.SetReceiveDeadline(time.Now().Add(patience))
		b.receive(c, "yes")
	})
}

func TestADeadlinePassesExactly(t *testing.T) {
	for _, kind := range everyTransport {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), kind, setup{})
				c := b.dial()
				start := time.Now()
				_ = c.SetReceiveDeadline(start.Add(1500 * time.Millisecond))
				if ended := b.closeReason(c); ended.Reason != transport.Timeout {
					t.Errorf("Receive: %v", ended)
				}
				if took := time.Since(start); took != 1500*time.Millisecond {
					t.Errorf("the timeout took %s, want 1.5s", took)
				}
			})
		})
	}
}

// The bound of a Send ends with it: what is written on Raw later has none of its
// own.
func TestSendLeavesNoDeadline(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), kind, setup{})
				c := b.dial()
				b.send(c, "x")
				time.Sleep(time.Minute) // virtual
				if _, err := c.Raw().Write([]byte("y")); err != nil {
					t.Errorf("writing a minute after a Send: %v", err)
				}
			})
		})
	}
}

func TestCloseWakesABlockedReceive(t *testing.T) {
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		received := make(chan error)
		go func() {
			_, err := c.Receive()
			received <- err
		}()
		if err := c.Close(); err != nil {
			b.Error(err)
		}
		err := <-received
		if ended, ok := errors.AsType[*transport.CloseError](err); !ok || ended.Reason != transport.ByUs {
			b.Errorf("Receive: %v", err)
		}
	})
}

// stuckServer accepts one stream and leaves it to the test.
func stuckServer(t *testing.T, n transport.Network) (address string, accepted <-chan net.Conn) {
	t.Helper()
	l, err := n.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	streams := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			streams <- c
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String(), streams
}

// A client's Close comes to its end although a Send is stuck.
func TestCloseOfAStuckSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startServer(t, memory.New(), wire.WS, setup{probe: func(p *probe) {
			p.onMessage = func(l transport.Link, _ []byte) { time.Sleep(time.Hour) }
		}})
		c := b.dial()
		failed := make(chan error)
		go func() {
			for {
				if err := c.Send(make([]byte, 60_000)); err != nil {
					failed <- err
					return
				}
			}
		}()
		synctest.Wait()
		start := time.Now()
		_ = c.Close()
		<-failed
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("Close took %s", took)
		}
	})
}
