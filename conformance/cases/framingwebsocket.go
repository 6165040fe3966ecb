package cases

import (
	"github.com/gobwas/ws"
	"github.com/onsi/gomega"

	"imcheck/conformance"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
)

// webSocketCases hold what §2 says of whole frames.
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
