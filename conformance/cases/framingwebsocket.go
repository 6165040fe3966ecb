package cases

import (
	"bufio"
	"fmt"
	"io"
	"net/http"

	"github.com/gobwas/ws"
	"github.com/onsi/gomega"

	"imcheck/conformance"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
)

// webSocketCases hold what §2 says of frames and of the handshake.
var webSocketCases = []conformance.Case{
	{
		ID:          "framing/ws-largest-frame",
		Requirement: "A frame of the largest size, 65536 bytes unless the profile says otherwise, is accepted.",
		Covers:      []string{"ws-limit", "ws-text"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(_ gomega.Gomega, s *conformance.Scene) { echoOfLargestSize(s) },
	},
	{
		ID:          "framing/ws-frame-too-large",
		Requirement: "A frame of one byte more than the largest is not taken: the connection ends.",
		Covers:      []string{"ws-limit"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			p.Send(paddedEcho(p, s.Target.MaxMessage(s.Transport)+1))
			p.ExpectDropped()
			s.Login(p.User)
		},
	},
	{
		ID:          "framing/ws-fragmented",
		Requirement: "A fragmented text message closes the connection with code 1000, or is taken as one message, never as several.",
		Covers:      []string{"ws-fragments"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			echo := sendFragmented(p)
			p.ExpectOrClosed(wire.NewEchoResponse(echo))
			s.Login(p.User)
		},
	},
	{
		ID:          "framing/ws-fragmented-accepted",
		Requirement: "A text message in fragments, with a ping between them, is accepted as one (RFC 6455 §5.4).",
		Covers:      []string{"ws-fragments"}, Level: conformance.Should, Transports: webSocketOnly,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			for range 2 {
				echo := sendFragmented(p)
				p.Expect(wire.NewEchoResponse(echo))
				p.ExpectPong([]byte("between"))
				p.KeepAlive()
			}
		},
	},
	{
		ID:          "framing/ws-ping",
		Requirement: "A ping is answered by a pong with the same payload.",
		Covers:      []string{"ws-ping"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			p := s.Login(s.User("u"))
			for _, payload := range []string{"", "tick", longText(ws.MaxControlFramePayloadSize)} {
				p.SendFrame(transport.Frame{Fin: true, Opcode: opPing, Masked: true, Payload: []byte(payload)})
				p.ExpectPong([]byte(payload))
			}
			p.KeepAlive()
		},
	},
	{
		ID:          "framing/ws-close",
		Requirement: "A close frame is answered with the client's own code, then the stream ends.",
		Covers:      []string{"ws-close-handshake"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(_ gomega.Gomega, s *conformance.Scene) {
			for _, code := range []uint16{1000, 4321} {
				p := s.Login(s.User("u"))
				p.SendFrame(transport.Frame{
					Fin: true, Opcode: opClose, Masked: true,
					Payload: ws.NewCloseFrameBody(ws.StatusCode(code), ""),
				})
				p.ExpectClosedWithCode(code)
				s.Login(p.User)
			}
		},
	},
	{
		ID:          "framing/ws-without-upgrade",
		Requirement: "A request for the path without an upgrade gets status 400.",
		Covers:      []string{"ws-no-upgrade"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: requestWithoutUpgrade,
	},
	{
		ID:          "framing/ws-other-path",
		Requirement: "A request for another path is not upgraded.",
		Covers:      []string{"ws-other-paths"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(g gomega.Gomega, s *conformance.Scene) {
			if response := requestUpgrade(g, s, otherPath, 13); response != nil {
				g.Expect(response.StatusCode).To(gomega.BeNumerically(">=", http.StatusMultipleChoices), "status of the response")
			}
			s.Login(s.User("u"))
		},
	},
	{
		ID:          "framing/ws-other-path-answered",
		Requirement: "A request for another path gets an HTTP error, not silence.",
		Covers:      []string{"ws-other-paths"}, Level: conformance.Should, Transports: webSocketOnly,
		Run: func(g gomega.Gomega, s *conformance.Scene) {
			s.Login(s.User("u"))
			response := requestUpgrade(g, s, otherPath, 13)
			g.Expect(response).NotTo(gomega.BeNil(), "an HTTP error; nothing came")
			g.Expect(response.StatusCode).To(gomega.And(
				gomega.BeNumerically(">=", http.StatusBadRequest), gomega.BeNumerically("<", http.StatusInternalServerError)), "status of the response")
		},
	},
	{
		ID:          "framing/ws-path-with-query-answered",
		Requirement: "A request for the path with a query is upgraded or gets an HTTP error, not silence.",
		Covers:      []string{"ws-other-paths"}, Level: conformance.Should, Transports: webSocketOnly,
		Run: func(g gomega.Gomega, s *conformance.Scene) {
			s.Login(s.User("u"))
			response := requestUpgrade(g, s, wire.WebSocketPath+"?token=1", 13)
			g.Expect(response).NotTo(gomega.BeNil(), "an answer of any kind; nothing came")
		},
	},
	{
		ID:          "framing/ws-version-8",
		Requirement: "Version 8 of the WebSocket protocol is accepted as well as 13.",
		Covers:      []string{"ws-versions"}, Level: conformance.Must, Transports: webSocketOnly,
		Run: func(g gomega.Gomega, s *conformance.Scene) {
			for _, version := range []int{13, 8} {
				upgradeWithVersion(g, s, version)
			}
		},
	},
}

// badFrameCases send frames that close the connection with code 1000 (§2).
func badFrameCases() []conformance.Case {
	echo := wire.NewEcho("u", "x").Append(nil)
	bad := func(name, what string, frame transport.Frame) conformance.Case {
		covers := "ws-bad-frames"
		if frame.Opcode == opBinary {
			covers = "ws-binary"
		}
		return conformance.Case{
			ID:          "framing/ws-" + name,
			Requirement: what + " closes the connection, with code 1000.",
			Covers:      []string{covers, "ws-close-code"}, Level: conformance.Must, Transports: webSocketOnly,
			Run: func(_ gomega.Gomega, s *conformance.Scene) { closedByFrame(s, frame) },
		}
	}
	return []conformance.Case{
		bad("binary", "A binary frame", transport.Frame{Fin: true, Opcode: opBinary, Masked: true, Payload: echo}),
		bad("unmasked", "An unmasked frame", transport.Frame{Fin: true, Opcode: opText, Payload: echo}),
		bad("invalid-utf8", "Text that is not UTF-8", textFrame([]byte("{\"type\":5,\"dataContent\":\"a\xffb\"}"))),
		bad("reserved-opcode", "A reserved opcode", transport.Frame{Fin: true, Opcode: 3, Masked: true, Payload: echo}),
		bad("long-control-frame", "A control frame of more than 125 bytes",
			transport.Frame{Fin: true, Opcode: opPing, Masked: true, Payload: []byte(longText(ws.MaxControlFramePayloadSize + 1))}),
	}
}

// closedByFrame shows that a frame ends its connection, and that a good one did
// not.
func closedByFrame(s *conformance.Scene, frame transport.Frame) {
	p := s.Login(s.User("u"))
	beat := wire.NewKeepAlive(p.User)
	p.SendFrame(textFrame(beat.Append(nil)))
	p.Expect(wire.NewKeepAliveResponse(p.User))
	p.SendFrame(frame)
	p.ExpectClosed()
	s.Login(p.User)
}

// sendFragmented sends an echo in three fragments with a ping before the last.
func sendFragmented(p *conformance.Peer) wire.Message {
	echo := wire.NewEcho(p.User, "in three fragments")
	body := echo.Append(nil)
	third := len(body) / 3
	for _, f := range []transport.Frame{
		{Opcode: opText, Masked: true, Payload: body[:third]},
		{Opcode: opContinuation, Masked: true, Payload: body[third : 2*third]},
		{Fin: true, Opcode: opPing, Masked: true, Payload: []byte("between")},
		{Fin: true, Opcode: opContinuation, Masked: true, Payload: body[2*third:]},
	} {
		p.SendFrame(f)
	}
	return echo
}

func requestWithoutUpgrade(g gomega.Gomega, s *conformance.Scene) {
	stream := s.OpenStream(wire.WS)
	_, err := fmt.Fprintf(stream, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", wire.WebSocketPath, s.Target.Addresses[wire.WS])
	g.Expect(err).NotTo(gomega.HaveOccurred(), "sending the request")
	response, err := http.ReadResponse(bufio.NewReader(stream), nil)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "reading the response")
	g.Expect(response.StatusCode).To(gomega.Equal(http.StatusBadRequest), "status of the response")
	s.Login(s.User("u"))
}

// The example of RFC 6455 §1.3: a key, and what a server makes of it.
const (
	exampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// writeUpgrade sends a request for an upgrade.
func writeUpgrade(g gomega.Gomega, s *conformance.Scene, stream io.Writer, path string, version int) {
	_, err := fmt.Fprintf(stream, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: %d\r\n\r\n",
		path, s.Target.Addresses[wire.WS], exampleKey, version)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "sending the request")
}

// otherPath is one that no server of the protocol serves.
const otherPath = wire.WebSocketPath + "-that-is-none"

// requestUpgrade asks for an upgrade by hand; nil when nothing came within the
// time for an answer, or the stream was closed without any.
func requestUpgrade(g gomega.Gomega, s *conformance.Scene, path string, version int) *http.Response {
	stream := s.OpenStream(wire.WS)
	writeUpgrade(g, s, stream, path, version)
	incoming := bufio.NewReader(stream)
	if _, err := incoming.Peek(1); err != nil {
		return nil
	}
	response, err := http.ReadResponse(incoming, nil)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "reading the response")
	return response
}

// upgradeWithVersion makes a handshake by hand and an echo round trip.
func upgradeWithVersion(g gomega.Gomega, s *conformance.Scene, version int) {
	stream := s.OpenStream(wire.WS)
	writeUpgrade(g, s, stream, wire.WebSocketPath, version)
	incoming := bufio.NewReader(stream)
	response, err := http.ReadResponse(incoming, nil)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "reading the response to version %d", version)
	g.Expect(response.StatusCode).To(gomega.Equal(http.StatusSwitchingProtocols), "status of the response to version %d", version)
	g.Expect(response.Header.Get("Sec-WebSocket-Accept")).To(gomega.Equal(exampleAccept), "Sec-WebSocket-Accept")

	echo := wire.NewEcho("u", "by hand")
	err = ws.WriteFrame(stream, ws.MaskFrameInPlace(ws.NewTextFrame(echo.Append(nil))))
	g.Expect(err).NotTo(gomega.HaveOccurred(), "sending a frame")
	header, err := ws.ReadHeader(incoming)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "reading the header of a frame")
	g.Expect(header.OpCode).To(gomega.Equal(ws.OpText), "opcode of the answer")
	payload, err := io.ReadAll(io.LimitReader(incoming, min(header.Length, wire.MaxTextFrame)))
	g.Expect(err).NotTo(gomega.HaveOccurred(), "reading a frame")
	answer, err := wire.Decode(payload)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "reading the message in the frame")
	answer.ServerTime = echo.ServerTime // the server may stamp
	g.Expect(answer.String()).To(gomega.Equal(wire.NewEchoResponse(echo).String()))
}
