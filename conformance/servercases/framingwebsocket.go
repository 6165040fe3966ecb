package servercases

import (
	"github.com/gobwas/ws"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// webSocketCases check what §2 says about whole frames.
var webSocketCases = []suite.Case{
	{
		ID:          "framing/ws-largest-frame",
		Requirement: "A frame of the largest size, 65536 bytes unless the profile says otherwise, is accepted.",
		Covers:      []string{"ws-limit", "ws-text"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) { echoOfLargestSize(s) }),
	},
	{
		ID:          "framing/ws-frame-too-large",
		Requirement: "A frame of one byte more than the largest is not taken: the connection ends, with code 1009, 1000, or one after the other.",
		Covers:      []string{"ws-limit", "ws-close-too-big"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			p.Send(paddedEcho(p, s.Target.MaxMessage(s.Transport)+1))
			p.ExpectFailed(uint16(ws.StatusMessageTooBig), uint16(ws.StatusNormalClosure))
			s.Login(p.User)
		}),
	},
	{
		ID:          "framing/ws-ping",
		Requirement: "A ping is answered by a pong with the same payload.",
		Covers:      []string{"ws-ping"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			for _, payload := range []string{"", "tick", longText(ws.MaxControlFramePayloadSize)} {
				p.SendFrame(websocket.Frame{Fin: true, Opcode: opPing, Masked: true, Payload: []byte(payload)})
				p.ExpectPong([]byte(payload))
			}
			p.KeepAlive()
		}),
	},
	{
		ID:          "framing/ws-close",
		Requirement: "A close frame is answered with the client's own code and text, then the stream ends.",
		Covers:      []string{"ws-close-handshake"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			closeHandshake(s, 1000, "", 1000, "")
			closeHandshake(s, 4321, "so long", 4321, "so long")
		}),
	},
	{
		ID:          "framing/ws-close-invalid-code",
		Requirement: "A close frame with a code that may not be sent, 999, is answered with 1000 or 1002, then the stream ends.",
		Covers:      []string{"ws-close-invalid-code"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(closeInvalid),
	},
}

// closeInvalid sends a close frame with a code that no end may send (RFC 6455
// §7.4.2). It is a violation; the observed server answers with 1000.
func closeInvalid(s *server.Scene) {
	p := s.Login(s.User("u"))
	p.SendFrame(websocket.Frame{Fin: true, Opcode: opClose, Masked: true, Payload: ws.NewCloseFrameBody(999, "")})
	failedByViolation(p)
	s.Login(p.User)
}

// closeHandshake sends a close frame, and compares the one that answers it.
func closeHandshake(s *server.Scene, code uint16, text string, answered uint16, answeredText string) {
	p := s.Login(s.User("u"))
	p.SendFrame(websocket.Frame{Fin: true, Opcode: opClose, Masked: true, Payload: ws.NewCloseFrameBody(ws.StatusCode(code), text)})
	p.ExpectAnsweredClose(answered, answeredText)
	s.Login(p.User)
}

// badFrameCases send frames that close the connection: by the server's own
// decision with code 1000, or as a violation of RFC 6455 (§2).
func badFrameCases() []suite.Case {
	echo := wire.NewEcho("u", "x").Append(nil)
	byItself := func(name, what, covers string, frame websocket.Frame) suite.Case {
		return suite.Case{
			ID:          "framing/ws-" + name,
			Requirement: what + " closes the connection, with code 1000.",
			Covers:      []string{covers, "ws-close-code"}, Level: reports.Must, Transports: webSocketOnly,
			Run: server.Func(func(s *server.Scene) {
				closedByFrame(s, frame, func(p *server.Peer) { p.ExpectClosed() })
			}),
		}
	}
	violation := func(name, what, covers string, frame websocket.Frame) suite.Case {
		return suite.Case{
			ID:          "framing/ws-" + name,
			Requirement: what + " closes the connection, with code 1002, 1000, or one after the other.",
			Covers:      []string{covers, "ws-close-violation"}, Level: reports.Must, Transports: webSocketOnly,
			Run: server.Func(func(s *server.Scene) { closedByFrame(s, frame, failedByViolation) }),
		}
	}
	return []suite.Case{
		byItself("binary", "A binary frame", "ws-binary", websocket.Frame{Fin: true, Opcode: opBinary, Masked: true, Payload: echo}),
		byItself("invalid-utf8", "Text that is not UTF-8", "ws-bad-frames", textFrame([]byte("{\"type\":5,\"dataContent\":\"a\xffb\"}"))),
		violation("unmasked", "An unmasked frame", "ws-bad-frames", websocket.Frame{Fin: true, Opcode: opText, Payload: echo}),
		violation("reserved-opcode", "A reserved opcode", "ws-bad-frames", websocket.Frame{Fin: true, Opcode: 3, Masked: true, Payload: echo}),
		violation("long-control-frame", "A control frame of more than 125 bytes", "ws-bad-frames",
			websocket.Frame{Fin: true, Opcode: opPing, Masked: true, Payload: []byte(longText(ws.MaxControlFramePayloadSize + 1))}),
		violation("fragmented-control-frame", "A control frame in fragments", "ws-control-fragmented",
			websocket.Frame{Opcode: opPing, Masked: true, Payload: []byte("tick")}),
		violation("continuation-alone", "A continuation of nothing", "ws-continuation-alone",
			websocket.Frame{Fin: true, Opcode: opContinuation, Masked: true, Payload: echo}),
		violation("close-one-byte", "A close frame whose payload is one byte", "ws-close-one-byte",
			websocket.Frame{Fin: true, Opcode: opClose, Masked: true, Payload: []byte{3}}),
	}
}

// failedByViolation checks how a server fails a connection after a violation.
func failedByViolation(p *server.Peer) {
	p.ExpectFailed(uint16(ws.StatusProtocolError), uint16(ws.StatusNormalClosure))
}

// closedByFrame shows that a frame ends its connection, and that a good one did
// not.
func closedByFrame(s *server.Scene, frame websocket.Frame, expectEnd func(*server.Peer)) {
	p := s.Login(s.User("u"))
	beat := wire.NewKeepAlive(p.User)
	p.SendFrame(textFrame(beat.Append(nil)))
	p.Expect(wire.NewKeepAliveResponse(p.User))
	p.SendFrame(frame)
	expectEnd(p)
	s.Login(p.User)
}
