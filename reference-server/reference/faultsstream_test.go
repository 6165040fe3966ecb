package reference_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// taps are the faults that work on the streams of a transport.
func taps(kind wire.Transport) (all []reference.Fault) {
	for _, f := range reference.Faults() {
		if reference.Tap(nil, kind, f) != nil {
			all = append(all, f)
		}
	}
	return all
}

// connect makes a stream and gives both ends; the server's has faults in it.
func connect(t *testing.T, network transport.Network, kind wire.Transport, faults ...reference.Fault) (client, tapped net.Conn) {
	t.Helper()
	return connectThrough(t, network, func(c net.Conn) net.Conn { return reference.Tap(c, kind, faults...) })
}

// connectThrough does so with anything in the server's end.
func connectThrough(t *testing.T, network transport.Network, tap func(net.Conn) net.Conn) (client, tapped net.Conn) {
	t.Helper()
	l, err := network.ListenStream(anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = network.DialStream(t.Context(), l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); accepted.Close() })
	return client, tap(accepted)
}

func find(t *testing.T, names ...string) []reference.Fault {
	t.Helper()
	found, err := reference.FindFaults(names)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// through writes chunks at one end, with a pause after each, and returns what
// comes out at the other up to its end. It is called in a bubble.
func through(t *testing.T, from, to net.Conn, pause time.Duration, chunks [][]byte) []byte {
	t.Helper()
	var got []byte
	done := make(chan struct{})
	go func() {
		defer close(done)
		got, _ = io.ReadAll(to)
	}()
	for _, chunk := range chunks {
		if _, err := from.Write(chunk); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it is read before the next one comes
		time.Sleep(pause)
	}
	if err := from.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	<-done
	return got
}

func chunksOf(b []byte, size int) [][]byte { return slices.Collect(slices.Chunk(b, size)) }

const (
	requestHead  = "GET /websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
	responseHead = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
)

// compiled are frames as bytes.
func compiled(frames ...ws.Frame) (b []byte) {
	for _, f := range frames {
		b = append(b, ws.MustCompileFrame(f)...)
	}
	return b
}

// plain is a conversation in which there is nothing that a fault changes: what
// the client and what the server sends, with texts of some lengths.
func plain(kind wire.Transport, sizes ...int) (fromClient, fromServer []byte) {
	if kind == wire.WS {
		fromClient, fromServer = []byte(requestHead), []byte(responseHead)
	}
	for _, size := range sizes {
		body := []byte(strings.Repeat("x", size))
		if kind == wire.TCP {
			fromClient, fromServer = wire.AppendFrame(fromClient, body), wire.AppendFrame(fromServer, body)
			continue
		}
		text := ws.NewTextFrame(body)
		fromClient = append(fromClient, compiled(ws.MaskFrame(text), ws.MaskFrame(ws.NewPongFrame(nil)))...)
		fromServer = append(fromServer, compiled(text)...)
	}
	return fromClient, fromServer
}

// Whatever the chunks are, bytes that a fault is not about come out as they went
// in, both ways. Of the faults that are about chunks only whole frames are none
// of their business.
func TestTapsLeaveTheRestAlone(t *testing.T) {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		small, smallBack := plain(kind, 0, 5, 300)
		large, largeBack := plain(kind, kind.MaxMessage())
		for _, fault := range taps(kind) {
			t.Run(fault.Name, func(t *testing.T) {
				for _, size := range []int{1, 2, 5, 64, len(small)} {
					if size < len(small) && aboutChunks[fault.Name] {
						continue
					}
					expectThrough(t, kind, fault, small, smallBack, size)
				}
				for _, size := range []int{1000, 1 << 20} {
					if !aboutChunks[fault.Name] {
						expectThrough(t, kind, fault, large, largeBack, size)
					}
				}
			})
		}
	}
}

var aboutChunks = map[string]bool{"tcp-pieces-close": true, "tcp-incomplete-counts": true, "ws-incomplete-counts": true}

// expectThrough holds that bytes pass in chunks of a size, those of the client
// first.
func expectThrough(t *testing.T, kind wire.Transport, fault reference.Fault, fromClient, fromServer []byte, size int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, tapped := connect(t, memory.New(), kind, fault)
		if got := through(t, client, tapped, 0, chunksOf(fromClient, size)); !bytes.Equal(got, fromClient) {
			t.Errorf("chunks of %d: %d bytes from the client came as other %d", size, len(fromClient), len(got))
		}
		if fault.Name == "tcp-close-reset" {
			return // it has no FIN to end what through reads
		}
		if got := through(t, tapped, client, 0, chunksOf(fromServer, size)); !bytes.Equal(got, fromServer) {
			t.Errorf("chunks of %d: %d bytes from the server came as other %d", size, len(fromServer), len(got))
		}
	})
}

// What a listener does to a stream beside reading and writing reaches it through
// any tap.
func TestTapsForward(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
			for _, fault := range taps(kind) {
				if fault.Name != "tcp-close-reset" { // which is about that
					expectForwarded(t, n, kind, fault)
				}
			}
		}
	})
}

func expectForwarded(t *testing.T, n transport.Network, kind wire.Transport, fault reference.Fault) {
	t.Helper()
	client, tapped := connect(t, n, kind, fault)
	_ = client.SetDeadline(time.Now().Add(patience))
	buffer, past := make([]byte, 1), time.Unix(1, 0)
	_ = tapped.SetReadDeadline(past)
	if _, err := tapped.Read(buffer); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: Read after its deadline: %v", fault.Name, err)
	}
	_ = tapped.SetWriteDeadline(past)
	if _, err := tapped.Write([]byte("\r\n\r\n")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: Write after its deadline: %v", fault.Name, err)
	}
	_ = tapped.(interface{ CloseWrite() error }).CloseWrite()
	if _, err := client.Read(buffer); err != io.EOF {
		t.Errorf("%s: the client read %v, want the FIN", fault.Name, err)
	}
	_ = tapped.SetReadDeadline(time.Time{})
	if _, err := client.Write([]byte("\r\n\r\n")); err != nil {
		t.Errorf("%s: only half is closed: %v", fault.Name, err)
	}

	client, tapped = connect(t, n, kind, fault)
	_ = client.SetDeadline(time.Now().Add(patience))
	_ = tapped.(interface{ SetLinger(int) error }).SetLinger(0)
	_ = tapped.Close()
	if _, err := client.Read(buffer); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%s: the client read %v, want a reset", fault.Name, err)
	}
}

// Over sockets as well as in memory a server shows the faults that it has, and
// does the rest as it should.
func TestStreamFaults(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		expectStreamFaults(t, everywhere(n), transport.Options{})
	})
}

func TestStreamFaultsUnderTLS(t *testing.T) {
	forServer, forClients := certificate(t)
	config := everywhere(transport.OS{})
	config.TLS = forServer
	expectStreamFaults(t, config, transport.Options{TLS: forClients})
}

func expectStreamFaults(t *testing.T, config reference.Config, options transport.Options) {
	t.Helper()
	config.Faults = find(t, "tcp-negative-length-skipped", "tcp-close-reset", "ws-pong-altered", "ws-closes-with-1001")
	s := start(t, config)
	expectTCPFaults(dial(t, config.Network, s, wire.TCP, options))
	expectWebSocketFaults(dial(t, config.Network, s, wire.WS, options))
}

// expectTCPFaults expects a negative length to be skipped, and a reset.
func expectTCPFaults(p *peer) {
	p.login("u-tcp")
	if _, err := p.Raw().Write(length(1 << 31)); err != nil {
		p.Fatal(err)
	}
	p.keepAlive("u-tcp")
	p.send(wire.NewLogout("u-tcp"))
	if ended := p.end(); ended.Reason != transport.Reset {
		p.Errorf("the connection ended so: %v; want a reset", ended)
	}
}

// expectWebSocketFaults expects another pong, and close code 1001.
func expectWebSocketFaults(p *peer) {
	socket := p.Conn.(transport.FrameConn)
	var pong string
	socket.OnControl(func(opcode websocket.Opcode, payload []byte) {
		if ws.OpCode(opcode) == ws.OpPong {
			pong = string(payload)
		}
	})
	p.login("u-ws")
	if err := socket.WriteFrame(websocket.Frame{Fin: true, Opcode: websocket.OpPing, Masked: true, Payload: []byte("p")}); err != nil {
		p.Fatal(err)
	}
	p.keepAlive("u-ws")
	if pong == "" || pong == "p" {
		p.Errorf("the pong has the payload %q", pong)
	}
	p.send(wire.NewLogout("u-ws"))
	if ended := p.end(); ended.Reason != transport.ByPeer || ended.Code != 1001 {
		p.Errorf("the connection ended so: %v; want close code 1001", ended)
	}
}

// A stream that the server does not end is held until the client ends it, and no
// longer: neither server nor listener leaves anything behind, as the end of the
// bubble shows.
func TestStreamsWithoutFIN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := everywhere(memory.New())
		config.Faults = find(t, "ws-fin-missing")
		s := start(t, config)
		for _, clientEnds := range []bool{true, false} {
			p := dial(t, config.Network, s, wire.WS, transport.Options{})
			p.login("u")
			p.send(wire.NewLogout("u"))
			if ended := p.end(); !errors.Is(ended, transport.ErrNoFIN) || ended.Code != 1000 {
				t.Errorf("the connection ended so: %v; want no FIN", ended)
			}
			if clientEnds {
				_ = p.Raw().(interface{ CloseWrite() error }).CloseWrite()
				_ = p.Raw().SetReadDeadline(time.Now().Add(patience))
				if _, err := p.Raw().Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("after the client's FIN: %v, want the server's", err)
				}
			}
		}
		s.Close()
	})
}
