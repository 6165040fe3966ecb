package clientcases

import (
	"strings"
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

var messageCases = []suite.Case{
	must("message/text-intact", "client-text", "Any text is shown as it was sent.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			for _, text := range []string{"", "😀 <&='> \u2028\u2029 \\ \" / \t\n", `{"type":4,"to":"0"}`, strings.Repeat("長い", 140)} { // within a datagram of 1024 bytes (§8)
				m := wire.NewData(s.Unique("v"), s.User, text)
				m.UserType = 7
				l.Send(m)
				expectShown(s, m)
			}
		}),
	must("message/unknown-type", "client-unknown", "A message of an unknown type is ignored.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			for _, kind := range []wire.Type{6, 49, 55, 99} {
				m := wire.New(kind, wire.ServerID, s.User)
				m.DataContent = wire.Some("of a type that nobody knows")
				l.Send(m)
			}
			stillShows(s, l)
		}),
	must("message/unknown-fields", "client-unknown", "Fields that are not known are ignored.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewData(wire.ServerID, s.User, s.Unique("text"))
			body := m.String()
			l.SendBody([]byte(`{"new":{"a":[1,null]},` + body[1:len(body)-1] + `,"newer":"x"}`))
			expectShown(s, m)
		}),
	must("message/stamped", "client-unknown", "A message with a server's stamp is shown as any other.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewData(wire.ServerID, s.User, s.Unique("text"))
			m.ServerTime = client.FirstLoginTime
			l.Send(m)
			expectShown(s, m)
		}),
	must("message/many", "client-text", "A hundred messages that come at once are all shown, each once.", streams,
		func(s *client.Scene) {
			l := s.Login()
			var all []wire.Message
			for range 100 {
				m := wire.NewData(wire.ServerID, s.User, s.Unique("text"))
				all = append(all, m)
				l.Send(m)
			}
			for _, m := range all {
				expectShown(s, m)
			}
		}),
	should("message/not-json", "client-bad-message", "What is not JSON is ignored.", everywhere,
		func(s *client.Scene) { ignores(s, "hello", "{", `{"type":2,"dataContent":`) }),
	should("message/empty", "client-bad-message", "An empty message is ignored.", everywhere,
		func(s *client.Scene) { ignores(s, "") }),
	should("message/wrong-types", "client-bad-message", "A message whose fields have wrong types is ignored.", everywhere,
		func(s *client.Scene) {
			ignores(s, `{"type":"two","dataContent":{}}`, `[]`, `{"type":50,"dataContent":"[]"}`)
		}),
	must("message/tcp-split", "client-tcp-frames", "A frame that arrives byte by byte is put together.", tcpOnly,
		func(s *client.Scene) {
			s.Silence() // an answer in the middle of the frame would break it
			l := s.Login()
			m := wire.NewData(wire.ServerID, s.User, "bit by bit")
			for _, b := range wire.AppendFrame(nil, m.Append(nil)) {
				l.SendBytes([]byte{b})
				s.Wait(time.Millisecond) // a segment of its own
			}
			s.Answer()
			expectShown(s, m)
		}),
	must("message/tcp-joined", "client-tcp-frames", "Several frames in one segment are taken apart.", tcpOnly,
		func(s *client.Scene) {
			l := s.Login()
			var all []byte
			var messages []wire.Message
			for range 3 {
				m := wire.NewData(wire.ServerID, s.User, s.Unique("text"))
				all = wire.AppendFrame(all, m.Append(nil))
				messages = append(messages, m)
			}
			l.SendBytes(all)
			for _, m := range messages {
				expectShown(s, m)
			}
		}),
	must("message/tcp-largest", "client-tcp-frames", "A body of 6144 bytes is taken.", tcpOnly,
		func(s *client.Scene) {
			const largest = 6144
			l := s.Login()
			m := wire.NewData(wire.ServerID, s.User, "")
			m.DataContent = wire.Some(strings.Repeat("x", largest-len(m.Append(nil))))
			l.Send(m)
			expectShown(s, m)
		}),
	should("message/ws-fragments", "client-ws-frames", "A message in fragments is put together.", webSocketOnly,
		func(s *client.Scene) {
			l := s.Login()
			m := wire.NewData(wire.ServerID, s.User, s.Unique("text"))
			body := m.Append(nil)
			l.SendFrame(websocket.Frame{Opcode: websocket.OpText, Payload: body[:5]})
			l.SendFrame(websocket.Frame{Opcode: websocket.OpContinuation, Payload: body[5:9]})
			l.SendFrame(websocket.Frame{Fin: true, Opcode: websocket.OpContinuation, Payload: body[9:]})
			expectShown(s, m)
		}),
	should("message/ws-ping", "client-ws-frames", "A ping is answered by a pong with its payload.", webSocketOnly,
		func(s *client.Scene) {
			l := s.Login()
			l.SendFrame(websocket.Server.Frame(websocket.OpPing, []byte("are you there?")))
			l.ExpectPong("are you there?")
			stillShows(s, l)
		}),
}

// ignores sends bodies that are no messages, each of which the client has to ignore.
func ignores(s *client.Scene, bodies ...string) {
	l := s.Login()
	for _, body := range bodies {
		l.SendBody([]byte(body))
		stillShows(s, l)
	}
}
