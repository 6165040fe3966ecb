package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
	"imcheck/reports"
)

// hostility is what a server does to the clients that it has let in: it sends
// without end, or does nothing more, or closes.
type hostility struct {
	name string
	// body is the n-th message that it sends; nil for none.
	body func(n int) []byte
	// raw is what it sends in their place on WebSocket.
	raw    []byte
	closes bool
}

var hostilities = []hostility{
	{name: "tiny messages with an ACK each", body: func(n int) []byte { return fromStranger(n % 1000).Append(nil) }},
	{name: "new long fingerprints", body: func(n int) []byte {
		return wire.NewQoSData("stranger", "u", "x", fmt.Sprint(n, strings.Repeat("f", 3700))).Append(nil)
	}},
	{name: "large messages", body: func(int) []byte {
		return wire.NewEcho("stranger", strings.Repeat("x", 3500)).Append(nil)
	}},
	{name: "empty messages", body: func(int) []byte { return []byte{} }},
	{name: "pings", body: func(int) []byte { return []byte{} }, raw: transport.Frame{Fin: true, Opcode: transport.OpcodePing, Payload: []byte("p")}.Append(nil)},
	{name: "nothing, and it does not read"},
	{name: "the end, right after the login", closes: true},
}

// block is a number of messages, from the n-th on, framed for a transport.
func (h hostility) block(on wire.Transport, n int) []byte {
	var block bytes.Buffer
	for i := n; i < n+100; i++ {
		switch {
		case on == wire.TCP:
			block.Write(wire.AppendFrame(nil, h.body(i)))
		case h.raw != nil:
			block.Write(h.raw)
		default:
			block.Write(transport.Frame{Fin: true, Opcode: transport.OpcodeText, Payload: h.body(i)}.Append(nil))
		}
	}
	return block.Bytes()
}

// hostileServer is a server of all transports that runs until it is closed.
type hostileServer struct {
	hostility
	addresses [len(wire.Transports)]string
	streams   []net.Listener
	packets   *net.UDPConn
	done      chan struct{}
	serving   sync.WaitGroup
}

func startHostileServer(h hostility) (*hostileServer, error) {
	s := &hostileServer{hostility: h, done: make(chan struct{})}
	for _, on := range streams {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.close()
			return nil, err
		}
		s.addresses[on] = l.Addr().String()
		s.streams = append(s.streams, l)
		s.serving.Go(func() { s.accept(l, on) })
	}
	var err error
	if s.packets, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0"))); err != nil {
		s.close()
		return nil, err
	}
	s.addresses[wire.UDP] = s.packets.LocalAddr().String()
	s.serving.Go(s.servePackets)
	return s, nil
}

func (s *hostileServer) close() {
	close(s.done)
	for _, l := range s.streams {
		_ = l.Close()
	}
	if s.packets != nil {
		_ = s.packets.Close()
	}
	s.serving.Wait()
}

func (s *hostileServer) accept(l net.Listener, on wire.Transport) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() {
			defer c.Close()
			s.serve(c, on)
		})
	}
}

var admission = wire.NewLoginResponse("u", wire.CodeOK, 1).Append(nil)

// serve lets a client in and is hostile to it until it is gone.
func (s *hostileServer) serve(c net.Conn, on wire.Transport) {
	in := bufio.NewReader(c)
	welcome := wire.AppendFrame(nil, admission)
	if on == wire.WS {
		request, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			transport.AcceptKey(request.Header.Get("Sec-WebSocket-Key")))
		welcome = transport.Frame{Fin: true, Opcode: transport.OpcodeText, Payload: admission}.Append(nil)
	}
	if _, err := in.ReadByte(); err != nil { // of the login
		return
	}
	s.serving.Go(func() { // it reads what it causes: the bound is on what it sends
		if s.body != nil {
			_, _ = io.Copy(io.Discard, in)
		}
	})
	_, err := c.Write(welcome)
	for n := 0; err == nil && s.body != nil; n += 100 {
		_, err = c.Write(s.block(on, n))
	}
	if err == nil && !s.closes {
		<-s.done
	}
}

// servePackets floods every address that has logged in.
func (s *hostileServer) servePackets() {
	buffer := make([]byte, wire.MaxDatagram)
	for {
		n, from, err := s.packets.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		if m, err := wire.Decode(buffer[:n]); err != nil || m.Type != wire.TypeLogin {
			continue
		}
		_, _ = s.packets.WriteToUDPAddrPort(admission, from)
		if s.body == nil {
			continue
		}
		s.serving.Go(func() {
			for n, err := 0, error(nil); err == nil; n++ {
				_, err = s.packets.WriteToUDPAddrPort(s.body(n), from)
			}
		})
	}
}

var hostile = flag.Bool("hostile", false, "try every flood on every transport in TestFloodsAreEnded")

// A target that sends without end has its connections ended, and keeps a run from
// an interrupt by no means. Two floods by TCP stand for the others, which make wild
// tries.
func TestFloodsAreEnded(t *testing.T) {
	for i, h := range hostilities {
		for _, on := range wire.Transports {
			if !*hostile && (i > 1 || on != wire.TCP) {
				continue
			}
			if h.body == nil || h.raw != nil && on != wire.WS || on == wire.UDP && len(h.body(0)) < bounds.UnaskedUnit {
				continue // by UDP a flood of small messages may be slower than the bound
			}
			for _, portable := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s by %s, portable: %t", h.name, on, portable), func(t *testing.T) {
					t.Parallel()
					besiege(t, h, on, portable)
				})
			}
		}
	}
}

// besiege runs a load on a hostile server until something has been noticed.
func besiege(t *testing.T, h hostility, on wire.Transport, portable bool) {
	t.Helper()
	s, err := startHostileServer(h)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := shortLoad()
	c.Target = &target.Target{Network: transport.OS{}, Modes: timing.Modes{timing.Mode10S, timing.Mode10S, timing.Mode10S}, Addresses: s.addresses}
	c.Transports, c.Scenario, c.Clients, c.portable, c.Duration = []wire.Transport{on}, ScenarioIdle, 2, portable, time.Hour
	c.Progress = func(now Snapshot) {
		if now.Total.Errors > 0 {
			cancel()
		}
	}
	report, err := Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after")
	if report.Sessions.LostByCause[causeUnasked] == 0 {
		t.Errorf("lost are %v, want some by %q", report.Sessions.LostByCause, causeUnasked)
	}
}
