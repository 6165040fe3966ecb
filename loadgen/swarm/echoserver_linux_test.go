package swarm

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"imcheck/internal/certificate"
	"imcheck/internal/childprocess"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// echoServer describes an echo server to its process.
type echoServer struct {
	Own  certificate.Own // its certificate; streams are served over TLS if there is one
	Work time.Duration   // on each message, one at a time; 0 for a server that is as fast as it can
}

// serveEchoes sends back whatever comes, until standard input ends.
func serveEchoes() error {
	var s echoServer
	if err := json.NewDecoder(os.Stdin).Decode(&s); err != nil {
		return err
	}
	secure, err := s.Own.Server()
	if err != nil {
		return err
	}
	if s.Work > 0 {
		runtime.GOMAXPROCS(1)
	}
	packets, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	_ = packets.SetReadBuffer(4 << 20)
	go s.echoPackets(packets)
	addresses := [len(wire.Transports)]string{wire.UDP: packets.LocalAddr().String()}
	for t, serve := range map[wire.Transport]func(net.Conn) error{wire.TCP: s.echoBytes, wire.WS: s.echoFrames} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		addresses[t] = l.Addr().String()
		if secure != nil {
			l = tls.NewListener(l, secure)
		}
		go accept(l, serve)
	}
	return childprocess.Serve(addresses)
}

func accept(l net.Listener, serve func(net.Conn) error) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			if err := serve(c); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				fmt.Fprintln(os.Stderr, "echo server:", err)
			}
		}()
	}
}

// work keeps the processor busy, as a server does that handles a message.
func (s echoServer) work() {
	for began := time.Now(); time.Since(began) < s.Work; {
	}
}

func (s echoServer) echoPackets(c *net.UDPConn) {
	b := make([]byte, wire.MaxDatagram)
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		s.work()
		_, _ = c.WriteToUDPAddrPort(b[:n], from)
	}
}

func (s echoServer) echoBytes(c net.Conn) error {
	b := make([]byte, 4<<10)
	for {
		n, err := c.Read(b)
		if err != nil {
			return err
		}
		s.work()
		if _, err := c.Write(b[:n]); err != nil {
			return err
		}
	}
}

// echoFrames is echoBytes for WebSocket. A read has whole frames: the clients
// write each in one piece, and wait for the answer.
func (s echoServer) echoFrames(c net.Conn) error {
	if err := answerUpgrade(c); err != nil {
		return err
	}
	in, out := make([]byte, 4<<10), make([]byte, 4<<10)
	for {
		n, err := c.Read(in)
		if err != nil {
			return err
		}
		out = out[:0]
		for rest := in[:n]; len(rest) > 0; {
			var frame []byte
			if frame, rest, err = unmaskFrame(rest); err != nil {
				return err
			}
			out = append(out, frame...)
		}
		s.work()
		if _, err := c.Write(out); err != nil {
			return err
		}
	}
}

// unmaskFrame takes a client's frame off in, and makes a server's of it in place.
func unmaskFrame(in []byte) (frame, rest []byte, err error) {
	if len(in) < 6 || in[1] < 0x80 || in[1] > 0xFE {
		return nil, nil, fmt.Errorf("%d bytes do not begin a frame that is expected here", len(in))
	}
	header, length := 2, int(in[1]&0x7F)
	if length == 126 {
		header, length = 4, int(in[2])<<8|int(in[3])
	}
	if len(in) < header+4+length {
		return nil, nil, errors.New("a frame in pieces")
	}
	mask, payload := in[header:header+4], in[header+4:header+4+length]
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
	in[1] &= 0x7F
	copy(in[4:], in[:header])
	return in[4 : header+4+length], in[header+4+length:], nil
}

// answerUpgrade accepts a WebSocket client, whose request ends what it sent.
func answerUpgrade(c net.Conn) error {
	r := bufio.NewReader(c)
	var key string
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = r.ReadString('\n'); err != nil {
			return err
		}
		_, _ = fmt.Sscanf(line, "Sec-WebSocket-Key: %s", &key)
	}
	_, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+websocket.AcceptKey(key)+"\r\n\r\n")
	return err
}
