package servercases

import (
	"github.com/gobwas/ws"
	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// fragmentCases check what the server does with a text message in fragments. The
// observed server closes on it (§2), RFC 6455 §5.4 asks that it be accepted, and
// neither takes a fragment for a message.
var fragmentCases = []suite.Case{
	{
		ID:          "framing/ws-fragmented",
		Requirement: "A fragmented text message closes the connection with code 1000, or is taken as one message, never as several.",
		Covers:      []string{"ws-fragments"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			echo := sendFragmented(p)
			p.ExpectOrClosed(wire.NewEchoResponse(echo))
			s.Login(s.User("later"))
		}),
	},
	{
		ID:          "framing/ws-fragmented-accepted",
		Requirement: "A text message in fragments, with a ping between them, is accepted as one (RFC 6455 §5.4).",
		Covers:      []string{"ws-fragments"}, Level: reports.Should, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			for range 2 {
				echo := sendFragmented(p)
				p.Expect(wire.NewEchoResponse(echo))
				p.ExpectPong([]byte("between"))
				p.KeepAlive()
			}
		}),
	},
	{
		ID:          "framing/ws-fragment-no-message",
		Requirement: "A fragment of a text message is not taken for a message of its own, not even when it could be one (RFC 6455 §5.4).",
		Covers:      []string{"ws-fragments"}, Level: reports.Should, Transports: webSocketOnly,
		Run: server.Func(fragmentNoMessage),
	},
}

// sendFragmented sends an echo in three fragments with a ping before the last.
func sendFragmented(p *server.Peer) wire.Message {
	echo := wire.NewEcho(p.User, "in three fragments")
	body := echo.Append(nil)
	third := len(body) / 3
	for _, f := range []websocket.Frame{
		{Opcode: opText, Masked: true, Payload: body[:third]},
		{Opcode: opContinuation, Masked: true, Payload: body[third : 2*third]},
		{Fin: true, Opcode: opPing, Masked: true, Payload: []byte("between")},
		{Fin: true, Opcode: opContinuation, Masked: true, Payload: body[2*third:]},
	} {
		p.SendFrame(f)
	}
	return echo
}

// fragmentNoMessage sends a message whose last fragment is a blank: as one
// message it is an echo, alone the blank is a bad message.
func fragmentNoMessage(s *server.Scene) {
	h := upgradeByHand(s, 13)
	h.echo("before")
	echo := wire.NewEcho("u", "in two fragments")
	h.send(ws.NewFrame(ws.OpText, false, echo.Append(nil)), ws.NewFrame(ws.OpContinuation, true, []byte(" ")))
	switch answer := h.receive(); answer.Header.OpCode {
	case ws.OpClose:
		code, _ := ws.ParseCloseFrameData(answer.Payload)
		s.Expect(code).To(gomega.Equal(ws.StatusNormalClosure), "code of the close frame")
	default:
		h.expectEcho(answer, echo)
		h.echo("after")
	}
	s.Login(s.User("u"))
}
