package transport_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// acceptedPair returns both ends of a connection to an Acceptor. The client has said "hello",
// without which there is no connection on UDP.
func acceptedPair(t *testing.T, kind wire.Transport) (a *transport.Acceptor, client, server transport.Conn) {
	t.Helper()
	network := memory.New()
	a, err := transport.ListenForConns(network, kind, "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err = transport.Dial(t.Context(), network, kind, a.Addr().String(), transport.Options{})
	if err == nil {
		err = client.Send([]byte("hello"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if server, err = a.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, client, server
}

func expectReceived(t *testing.T, c transport.Conn, want string) {
	t.Helper()
	if body, err := c.Receive(); err != nil || string(body) != want {
		t.Errorf("%s: received %q, %v; want %q", c.Transport(), body, err, want)
	}
}

func expectEnd(t *testing.T, c transport.Conn, want transport.CloseReason) {
	t.Helper()
	_, err := c.Receive()
	if ended, ok := errors.AsType[*transport.CloseError](err); !ok || ended.Reason != want {
		t.Errorf("%s: got %v, want an end that is %s", c.Transport(), err, want)
	}
}

func TestAcceptedConns(t *testing.T) {
	for _, kind := range wire.Transports {
		synctest.Test(t, func(t *testing.T) {
			a, client, server := acceptedPair(t, kind)
			if server.Transport() != kind {
				t.Errorf("a connection on %s, want %s", server.Transport(), kind)
			}
			expectReceived(t, server, "hello")
			for _, text := range []string{"welcome", "and more"} {
				if err := server.Send([]byte(text)); err != nil {
					t.Error(err)
				}
				expectReceived(t, client, text)
			}
			if err := client.Send([]byte("bye")); err != nil {
				t.Error(err)
			}
			expectReceived(t, server, "bye")
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			if kind.Connected() {
				expectEnd(t, client, transport.ByPeer)
			}
			expectEnd(t, server, transport.ByUs)
			client.Close()
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			if _, err := a.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s: accepted after Close: %v", kind, err)
			}
		})
	}
}

// The server's end of a WebSocket sends what no encoder would, and answers pings.
func TestAcceptedWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, client, server := acceptedPair(t, wire.WS)
		defer a.Close()
		defer server.Abort()
		expectReceived(t, server, "hello")
		pongs := make(chan string, 1)
		client.(transport.FrameConn).OnControl(func(opcode websocket.Opcode, payload []byte) {
			pongs <- opcode.String() + " " + string(payload)
		})
		if err := client.(transport.FrameConn).WriteFrame(websocket.Client.Frame(websocket.OpPing, []byte("p"))); err != nil {
			t.Error(err)
		}
		go func() { _, _ = server.Receive() }() // it answers the ping, until Abort
		synctest.Wait()
		if err := server.(transport.FrameConn).WriteFrame(websocket.Frame{Opcode: websocket.OpText, Payload: []byte("in ")}); err != nil {
			t.Error(err)
		}
		if err := server.(transport.FrameConn).WriteFrame(websocket.Frame{Fin: true, Opcode: websocket.OpContinuation, Payload: []byte("parts")}); err != nil {
			t.Error(err)
		}
		expectReceived(t, client, "in parts")
		_ = server.Send([]byte("x")) // a client learns of the pong when it reads
		expectReceived(t, client, "x")
		if got := <-pongs; got != "pong p" {
			t.Errorf("got %q", got)
		}
		client.Close()
	})
}

// A stream that is no WebSocket is dropped, and so is one that nobody accepts.
func TestStreamsThatAreNotAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		a, err := transport.ListenForConns(network, wire.WS, "127.0.0.1:0", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := network.DialStream(context.Background(), a.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
			t.Error(err)
		}
		answer := make([]byte, 12)
		if _, err := raw.Read(answer); err != nil || string(answer) != "HTTP/1.1 404" {
			t.Errorf("answered %q, %v", answer, err)
		}
		raw.Close()
		waiting, err := transport.Dial(t.Context(), network, wire.WS, a.Addr().String(), transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // virtual
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		expectEnd(t, waiting, transport.Reset)
		waiting.Close()
	})
}
