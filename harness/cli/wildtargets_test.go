package cli_test

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"imcheck/harness/wire"
)

// wildTarget is a target that does what no server should, to every client.
type wildTarget struct {
	name       string
	transports []wire.Transport
	// accept replaces the WebSocket handshake, or says nothing on TCP; nil for a good one.
	accept func(c net.Conn)
	// session is called once a login has come and was answered. What it leaves open
	// stays open until the test is over.
	session func(l wildLink, user string)
}

var (
	streams    = []wire.Transport{wire.TCP, wire.WS}
	webSockets = []wire.Transport{wire.WS}
)

func wildTargets() []wildTarget {
	return []wildTarget{
		{name: "floods with large messages", transports: wire.Transports[:], session: flood(func(user string, _ int) wire.Message {
			return wire.NewData("stranger", user, strings.Repeat("x", 1500))
		})},
		{name: "floods with tiny QoS messages", transports: wire.Transports[:], session: flood(func(user string, i int) wire.Message {
			return wire.NewQoSData("stranger", user, "", fmt.Sprint(i%1000))
		})},
		{name: "floods with new fingerprints", transports: wire.Transports[:], session: flood(func(user string, i int) wire.Message {
			return wire.NewQoSData("stranger", user, "", fmt.Sprintf("%01400d", i))
		})},
		{name: "floods with what is no message", transports: wire.Transports[:], session: func(l wildLink, _ string) {
			for l.send([]byte("}{")) == nil {
			}
		}},
		{name: "floods with pings", transports: webSockets, session: func(l wildLink, _ string) {
			for ws.WriteFrame(l.raw(), ws.NewPingFrame(make([]byte, 100))) == nil {
			}
		}},
		{name: "sends half a frame", transports: streams, session: func(l wildLink, user string) {
			frame := l.framed(wire.NewData("stranger", user, strings.Repeat("x", 2000)).Append(nil))
			_, _ = l.raw().Write(frame[:len(frame)/2])
			l.drain()
		}},
		{name: "sends a byte a second", transports: streams, session: func(l wildLink, user string) {
			for _, b := range l.framed(wire.NewData("stranger", user, strings.Repeat("x", 2000)).Append(nil)) {
				if _, err := l.raw().Write([]byte{b}); err != nil {
					return
				}
				pause()
			}
		}},
		{name: "does not read", transports: streams, session: func(wildLink, string) {}},
		{name: "answers twice", transports: wire.Transports[:], session: func(l wildLink, user string) {
			for {
				if _, err := l.receive(); err != nil {
					return
				}
				for range 2 {
					_ = l.send(wire.NewKeepAliveResponse(user).Append(nil))
					_ = l.send(wire.NewLoginResponse(user, wire.CodeOK, 1).Append(nil))
				}
			}
		}},
		{name: "closes after the login", transports: streams, session: func(l wildLink, _ string) { _ = l.raw().Close() }},
		{name: "says nothing to a handshake", transports: webSockets, accept: func(net.Conn) {}},
		{name: "has headers without end", transports: webSockets, accept: func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n")
			for err == nil {
				_, err = io.WriteString(c, "X-Header: "+strings.Repeat("x", 1000)+"\r\n")
			}
		}},
		{name: "has one header without end", transports: webSockets, accept: func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nX-Header: ")
			for err == nil {
				_, err = io.WriteString(c, strings.Repeat("x", 1000))
			}
		}},
		{name: "refuses the upgrade", transports: webSockets, accept: func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
			_ = c.Close()
		}},
	}
}

// flood sends without end, and reads nothing.
func flood(message func(user string, i int) wire.Message) func(wildLink, string) {
	return func(l wildLink, user string) {
		for i := 0; l.send(message(user, i).Append(nil)) == nil; i++ {
		}
	}
}

// pause is the second between two bytes: that is what such a target is about.
func pause() { <-time.After(time.Second) }

// wildLink is a target's end of a connection, or of a UDP client's address.
type wildLink interface {
	receive() ([]byte, error)
	send(body []byte) error
	framed(body []byte) []byte
	raw() net.Conn
	drain()
}

// start listens on a transport, with TLS where there is a configuration, until the
// test is over.
func (w wildTarget) start(t *testing.T, kind wire.Transport, secure *tls.Config) (address string) {
	t.Helper()
	if kind == wire.UDP {
		return w.startPackets(t)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			serving.Go(func() { w.serve(c, kind) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return address
}

func (w wildTarget) serve(c net.Conn, kind wire.Transport) {
	if w.accept != nil {
		w.accept(c)
		return
	}
	var l wildLink = &framedLink{c, bufio.NewReader(c)}
	if kind == wire.WS {
		if _, err := ws.Upgrade(c); err != nil {
			return
		}
		l = &webSocketLink{framedLink{c, bufio.NewReader(c)}}
	}
	w.logIn(l)
}

// logIn answers what asks whether a server is there, and a login, and hands the
// session over.
func (w wildTarget) logIn(l wildLink) {
	for {
		body, err := l.receive()
		if err != nil {
			return
		}
		m, err := wire.Decode(body)
		if err != nil || m.Type != wire.TypeLogin {
			_ = l.send(wire.NewEchoResponse(m).Append(nil)) // whether it went shows at the next one
			continue
		}
		user := m.From.Value()
		if l.send(wire.NewLoginResponse(user, wire.CodeOK, 1).Append(nil)) == nil {
			w.session(l, user)
		}
		return
	}
}

// framedLink is a TCP connection.
type framedLink struct {
	net.Conn
	in *bufio.Reader
}

func (l *framedLink) raw() net.Conn { return l.Conn }
func (l *framedLink) drain()        { _, _ = io.Copy(io.Discard, l.in) }

func (l *framedLink) receive() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(l.in, size[:]); err != nil {
		return nil, err
	}
	body := make([]byte, min(binary.BigEndian.Uint32(size[:]), 1<<16))
	_, err := io.ReadFull(l.in, body)
	return body, err
}

func (l *framedLink) framed(body []byte) []byte { return wire.AppendFrame(nil, body) }

func (l *framedLink) send(body []byte) error {
	_, err := l.Write(l.framed(body))
	return err
}

// webSocketLink is a WebSocket connection after the handshake.
type webSocketLink struct{ framedLink }

func (l *webSocketLink) receive() ([]byte, error) {
	header, err := ws.ReadHeader(l.in)
	if err != nil {
		return nil, err
	}
	payload := make([]byte, min(header.Length, 1<<16))
	if _, err = io.ReadFull(l.in, payload); err != nil {
		return nil, err
	}
	ws.Cipher(payload, header.Mask, 0)
	return payload, nil
}

func (l *webSocketLink) framed(body []byte) []byte {
	return ws.MustCompileFrame(ws.NewTextFrame(body))
}

func (l *webSocketLink) send(body []byte) error {
	_, err := l.Write(l.framed(body))
	return err
}

// packetLink is one client of a UDP target.
type packetLink struct {
	socket *net.UDPConn
	peer   netip.AddrPort
	in     chan []byte
	ended  chan struct{}
}

func (l *packetLink) raw() net.Conn             { return nil }
func (l *packetLink) framed(body []byte) []byte { return body }
func (l *packetLink) drain()                    { <-l.ended }

func (l *packetLink) receive() ([]byte, error) {
	select {
	case body := <-l.in:
		return body, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *packetLink) send(body []byte) error {
	_, err := l.socket.WriteToUDPAddrPort(body, l.peer)
	return err
}

func (w wildTarget) startPackets(t *testing.T) (address string) {
	t.Helper()
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		defer close(ended)
		links := map[netip.AddrPort]*packetLink{}
		for {
			buffer := make([]byte, 4096)
			n, peer, err := socket.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			l := links[peer]
			if l == nil {
				l = &packetLink{socket, peer, make(chan []byte, 64), ended}
				links[peer] = l
				serving.Go(func() { w.logIn(l) })
			}
			select {
			case l.in <- buffer[:n]:
			default: // as in a full buffer of the system
			}
		}
	})
	t.Cleanup(func() {
		_ = socket.Close()
		serving.Wait()
	})
	return socket.LocalAddr().String()
}
