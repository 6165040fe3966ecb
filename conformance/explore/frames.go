package explore

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// framing has the bytes that a Frame step writes, and the effect that the law gives them
// (docs/protocol.md §2).
type framing struct {
	pieces   [][]byte      // written one after the other
	pause    time.Duration // between them
	messages [][]byte      // that the server takes from it
	parts    [][]byte      // fragments of one message, which §2 lets a server take in several ways
	pong     string        // that it answers with; "" for none
	ends     bool          // it closes the connection then
	closes   []string      // codes of the close frames that it may send, with their text where that is fixed
	refused  bool          // RFC 6455 has it closed as a violation instead
	resets   bool          // it may do so by a reset, as bytes are unread (§7)
}

// halfFrame is the kind after which nothing more is sent.
const halfFrame = "half"

// frameKinds lists the kinds of frames by transport.
var frameKinds = map[wire.Transport][]string{
	wire.UDP: {"largest", "too large"},
	wire.TCP: {halfFrame, "split", "late rest", "joined", "largest", "too large", "negative length", "huge length"},
	wire.WS: {
		halfFrame, "split", "largest", "too large", "ping", "pong", "binary", "unmasked", "reserved opcode", "long control frame",
		"control frame in fragments", "continuation alone", "close with one byte", "invalid UTF-8", "reserved bits", "close", "close with code 999",
		"fragments", "fragments after a whole message",
	},
}

// bye is the server's own close frame, violation what RFC 6455 is violated with.
var (
	bye       = []string{"1000 Bye"}
	violation = []string{"1002", "1000 Bye"}
	tooBig    = []string{"1009", "1000 Bye"}
)

// frameOf builds a frame of a kind, with an echo of a user as its message. largest is the
// size of the largest message that the server takes.
func frameOf(on wire.Transport, kind, user, text string, largest int) framing {
	echo := wire.NewEcho(user, text).Append(nil)
	switch on {
	case wire.UDP:
		if kind == "largest" {
			body := sized(user, largest)
			return framing{pieces: [][]byte{body}, messages: [][]byte{body}}
		}
		body := sized(user, largest+1)
		return framing{pieces: [][]byte{body}, messages: [][]byte{body[:largest]}}
	case wire.TCP:
		return tcpFraming(kind, user, echo, largest)
	}
	return webSocketFraming(kind, user, text, echo, largest)
}

// sized is an echo that takes so many bytes.
func sized(user string, size int) []byte {
	empty := len(wire.NewEcho(user, "").Append(nil))
	return wire.NewEcho(user, strings.Repeat("x", size-empty)).Append(nil)
}

func tcpFraming(kind, user string, echo []byte, largest int) framing {
	frame := wire.AppendFrame(nil, echo)
	cut := len(frame) / 2
	header := func(length uint32) []byte { return binary.BigEndian.AppendUint32(nil, length) }
	switch kind {
	case halfFrame:
		return framing{pieces: [][]byte{frame[:cut]}}
	case "split":
		return framing{pieces: [][]byte{frame[:2], frame[2:cut], frame[cut:]}, pause: 5 * time.Millisecond, messages: [][]byte{echo}}
	case "late rest":
		return framing{pieces: [][]byte{frame[:cut], frame[cut:]}, pause: 700 * time.Millisecond, messages: [][]byte{echo}}
	case "joined":
		var all []byte
		var messages [][]byte
		for i := range 6 {
			body := wire.NewEcho(user, strings.Repeat("j", i)).Append(nil)
			all, messages = wire.AppendFrame(all, body), append(messages, body)
		}
		return framing{pieces: [][]byte{all}, messages: messages}
	case "largest":
		body := sized(user, largest)
		return framing{pieces: [][]byte{wire.AppendFrame(nil, body)}, messages: [][]byte{body}}
	case "too large":
		return framing{pieces: [][]byte{wire.AppendFrame(nil, sized(user, largest+1))}, ends: true, resets: true}
	case "negative length":
		return framing{pieces: [][]byte{header(0xffffffff)}, ends: true, resets: true}
	}
	return framing{pieces: [][]byte{header(0x7fffffff)}, ends: true, resets: true}
}

func webSocketFraming(kind, user, text string, echo []byte, largest int) framing {
	frame := websocket.Client.Frame
	one := func(f websocket.Frame) [][]byte { return [][]byte{f.Append(nil)} }
	bad := func(f websocket.Frame) framing {
		return framing{pieces: one(f), ends: true, closes: violation, resets: true}
	}
	text = clip(text)
	switch kind {
	case halfFrame:
		whole := frame(websocket.OpText, echo).Append(nil)
		return framing{pieces: [][]byte{whole[:len(whole)/2]}}
	case "split":
		whole := frame(websocket.OpText, echo).Append(nil)
		cut := len(whole) / 2
		return framing{pieces: [][]byte{whole[:1], whole[1:cut], whole[cut:]}, pause: 5 * time.Millisecond, messages: [][]byte{echo}}
	case "largest":
		body := sized(user, largest)
		return framing{pieces: one(frame(websocket.OpText, body)), messages: [][]byte{body}}
	case "too large":
		return framing{pieces: one(frame(websocket.OpText, sized(user, largest+1))), ends: true, closes: tooBig, resets: true}
	case "ping":
		return framing{pieces: one(frame(websocket.OpPing, []byte(text))), pong: "pong " + text}
	case "pong":
		return framing{pieces: one(frame(websocket.OpPong, []byte(text)))}
	case "binary":
		return framing{pieces: one(frame(websocket.OpBinary, echo)), ends: true, closes: bye}
	case "unmasked":
		f := frame(websocket.OpText, echo)
		f.Masked = false
		return bad(f)
	case "reserved opcode":
		return bad(frame(5, echo))
	case "long control frame":
		return bad(frame(websocket.OpPing, bytes.Repeat([]byte("p"), websocket.MaxControlPayload+1)))
	case "control frame in fragments":
		f := frame(websocket.OpPing, []byte("p"))
		f.Fin = false
		return bad(f)
	case "continuation alone":
		return bad(frame(websocket.OpContinuation, echo))
	case "close with one byte":
		return bad(frame(websocket.OpClose, []byte{3}))
	case "invalid UTF-8":
		return framing{pieces: one(frame(websocket.OpText, []byte("{\"type\":5,\"dataContent\":\"\xff\"}"))), ends: true, closes: bye}
	case "reserved bits":
		f := frame(websocket.OpText, echo)
		f.RSV = 2 // the one that no extension uses
		return framing{pieces: one(f), messages: [][]byte{echo}, refused: true}
	case "fragments":
		return fragmented(echo[:len(echo)/3], echo[len(echo)/3:len(echo)/2], echo[len(echo)/2:])
	case "fragments after a whole message":
		return fragmented(echo, []byte(" "))
	case "close":
		return framing{pieces: one(frame(websocket.OpClose, websocket.ClosePayload(4001, text))), ends: true, closes: []string{strings.TrimSpace("4001 " + text)}}
	}
	return framing{pieces: one(frame(websocket.OpClose, websocket.ClosePayload(999, ""))), ends: true, closes: []string{"1000"}}
}

// fragmented sends one text message in fragments.
func fragmented(parts ...[]byte) framing {
	var stream []byte
	for i, part := range parts {
		opcode := websocket.OpContinuation
		if i == 0 {
			opcode = websocket.OpText
		}
		f := websocket.Client.Frame(opcode, part)
		f.Fin = i == len(parts)-1
		stream = f.Append(stream)
	}
	return framing{pieces: [][]byte{stream}, parts: parts}
}

// clip keeps a text within a control frame.
func clip(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), 20)])
}
