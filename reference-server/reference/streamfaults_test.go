package reference_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
)

func find(t *testing.T, names ...string) []faults.Fault {
	t.Helper()
	found, err := faults.Find(names)
	if err != nil {
		t.Fatal(err)
	}
	return found
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
		if opcode == websocket.OpPong {
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
// longer: neither server nor listener leaves a goroutine, as the end of the
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
