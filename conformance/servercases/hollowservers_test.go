package servercases_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"

	"github.com/gobwas/ws"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// hollowServer accepts connections and datagrams and keeps nothing of the
// protocol.
type hollowServer struct {
	name string
	// upgrades makes the WebSocket handshake (§2) before stream is called.
	upgrades bool
	// stream handles a connection, and leaves it open when it returns.
	stream func(kind wire.Transport, in *bufio.Reader, c net.Conn)
	// datagram answers a datagram, nil for silence.
	datagram func(request []byte) []byte
}

// hollowServers lists them, with the servers that answer everything alike after
// a good WebSocket handshake last: those come closest to a real one.
func hollowServers() (all []hollowServer) {
	all = append(all,
		hollowServer{name: "silent", stream: func(wire.Transport, *bufio.Reader, net.Conn) {}},
		hollowServer{name: "silent after the upgrade", upgrades: true, stream: func(wire.Transport, *bufio.Reader, net.Conn) {}},
		hollowServer{name: "closes", stream: func(_ wire.Transport, _ *bufio.Reader, c net.Conn) { _ = c.Close() }},
		hollowServer{name: "closes after a request", stream: closeAfterRequest},
		hollowServer{name: "closes after the upgrade and a request", upgrades: true, stream: closeAfterRequest},
		hollowServer{name: "echoes every byte", stream: echoBytes, datagram: echoDatagram},
		hollowServer{name: "echoes every byte after the upgrade", upgrades: true, stream: echoBytes, datagram: echoDatagram},
		hollowServer{name: "echoes every frame", upgrades: true, stream: echoFrames, datagram: echoDatagram},
	)
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusNotFound, http.StatusBadGateway} {
		all = append(all, hollowServer{name: fmt.Sprintf("HTTP status %d", status), stream: httpStatus(status)})
	}
	all = append(all,
		hollowServer{name: "random bytes, seed 1", stream: randomBytes(1), datagram: randomDatagrams(1)},
		hollowServer{name: "random bytes after the upgrade, seed 2", upgrades: true, stream: randomBytes(2), datagram: randomDatagrams(2)},
		hollowServer{name: "random bodies, seed 3", upgrades: true, stream: randomBodies(3), datagram: randomDatagrams(3)})
	for _, m := range sameAnswers() {
		body := m.Append(nil)
		answer := func([]byte) []byte { return body }
		all = append(all, hollowServer{name: "always " + m.Type.String(), upgrades: true, stream: answerWith(answer), datagram: answer})
	}
	return all
}

// sameAnswers are valid messages, each of which is the answer to everything.
func sameAnswers() []wire.Message {
	data := wire.NewQoSData("u", "u", "hi", "fingerprint")
	keepAlive := wire.NewKeepAlive("u")
	return []wire.Message{
		wire.NewKeepAliveResponse("u"),
		wire.NewLoginResponse("u", wire.CodeOK, 1_700_000_000_000),
		wire.NewReceived(data),
		wire.NewErrorResponse(wire.CodeServerNotLoggedIn, keepAlive),
		wire.NewEchoResponse(wire.NewEcho("u", "x")),
		wire.NewKickout("u", wire.Kickout{Code: wire.KickDuplicateLogin}),
		data,
	}
}

// serve handles a connection, after the WebSocket handshake where there is one.
func (s hollowServer) serve(kind wire.Transport, c net.Conn) {
	in := bufio.NewReader(c)
	if kind == wire.WS && s.upgrades && !upgrade(in, c) {
		_ = c.Close()
		return
	}
	s.stream(kind, in, c)
}

// upgrade answers a WebSocket handshake on whatever path, and anything else with
// status 400.
func upgrade(in *bufio.Reader, c net.Conn) bool {
	request, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	key := request.Header.Get("Sec-WebSocket-Key")
	if key == "" {
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		return false
	}
	_, err = fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		websocket.AcceptKey(key))
	return err == nil
}

func closeAfterRequest(_ wire.Transport, in *bufio.Reader, c net.Conn) {
	_, _ = in.ReadByte()
	_ = c.Close()
}

// echoBytes copies what comes; on WebSocket the frames come back masked.
func echoBytes(_ wire.Transport, in *bufio.Reader, c net.Conn) { _, _ = io.Copy(c, in) }

func echoDatagram(request []byte) []byte { return request }

// echoFrames sends the body of each frame back in a frame as a server writes it.
func echoFrames(kind wire.Transport, in *bufio.Reader, c net.Conn) {
	if kind == wire.TCP { // a frame looks the same in either direction
		echoBytes(kind, in, c)
		return
	}
	for {
		header, err := ws.ReadHeader(in)
		if err != nil {
			return
		}
		payload, err := io.ReadAll(io.LimitReader(in, header.Length))
		if err != nil {
			return
		}
		if header.Masked {
			ws.Cipher(payload, header.Mask, 0)
			header.Masked = false
		}
		if ws.WriteFrame(c, ws.Frame{Header: header, Payload: payload}) != nil {
			return
		}
	}
}

// httpStatus answers every request, and whatever else comes, with one status.
func httpStatus(status int) func(wire.Transport, *bufio.Reader, net.Conn) {
	answer := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n", status, http.StatusText(status))
	return onEachRead(func() []byte { return []byte(answer) })
}

// randomBytes answers each read with some random bytes.
func randomBytes(seed uint64) func(wire.Transport, *bufio.Reader, net.Conn) {
	return func(kind wire.Transport, in *bufio.Reader, c net.Conn) {
		random := rand.New(rand.NewPCG(seed, uint64(kind)))
		onEachRead(func() []byte { return someBytes(random) })(kind, in, c)
	}
}

// randomBodies answers each read with random bytes in a valid frame.
func randomBodies(seed uint64) func(wire.Transport, *bufio.Reader, net.Conn) {
	return func(kind wire.Transport, in *bufio.Reader, c net.Conn) {
		random := rand.New(rand.NewPCG(seed, uint64(kind)))
		answerWith(func([]byte) []byte { return someBytes(random) })(kind, in, c)
	}
}

func randomDatagrams(seed uint64) func([]byte) []byte {
	random := rand.New(rand.NewPCG(seed, uint64(wire.UDP)))
	return func([]byte) []byte { return someBytes(random) }
}

// someBytes makes 1 to 64 random bytes.
func someBytes(random *rand.Rand) []byte {
	b := make([]byte, 1+random.IntN(64))
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// answerWith answers each read of a stream with a message in a valid frame.
func answerWith(answer func([]byte) []byte) func(wire.Transport, *bufio.Reader, net.Conn) {
	return func(kind wire.Transport, in *bufio.Reader, c net.Conn) {
		onEachRead(func() []byte { return framed(kind, answer(nil)) })(kind, in, c)
	}
}

// framed is a body as a server writes it to a stream.
func framed(kind wire.Transport, body []byte) []byte {
	if kind == wire.TCP {
		return wire.AppendFrame(nil, body)
	}
	return ws.MustCompileFrame(ws.NewTextFrame(body))
}

// onEachRead writes an answer to whatever was read.
func onEachRead(answer func() []byte) func(wire.Transport, *bufio.Reader, net.Conn) {
	return func(_ wire.Transport, in *bufio.Reader, c net.Conn) {
		for buffer := make([]byte, 64<<10); ; {
			if _, err := in.Read(buffer); err != nil {
				return
			}
			if _, err := c.Write(answer()); err != nil {
				return
			}
		}
	}
}
