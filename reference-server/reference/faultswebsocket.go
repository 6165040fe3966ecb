package reference

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
)

// frameFaults take frames for what they are not (§2).
func frameFaults() []Fault {
	return []Fault{
		{"ws-binary-as-text", "a binary frame is taken for text", onClientFrames(isBinary, retyped)},
		{"ws-unmasked-accepted", "an unmasked frame is accepted", onClientFrames(isUnmasked, func(f ws.Frame) []ws.Frame {
			return only(ws.MaskFrame(f))
		})},
		{"ws-invalid-utf8-accepted", "text that is not UTF-8 is accepted in a frame", onClientFrames(isWholeText, madeUTF8)},
		{"ws-reserved-opcode-ignored", "a frame with a reserved opcode is ignored", onClientFrames(isReserved, ignored)},
		{"ws-long-control-accepted", "a control frame of more than 125 bytes is accepted", onClientFrames(isLong, func(f ws.Frame) []ws.Frame {
			f = ws.UnmaskFrame(f)
			return masked(f.Header.OpCode, f.Payload[:ws.MaxControlFramePayloadSize])
		})},
		{"ws-fragments-as-messages", "each fragment of a WebSocket message is taken for a message", onClientFrames(isFragment, retyped)},
		{"ws-ping-unanswered", "pings are not answered", onClientFrames(acceptedOf(ws.OpPing), ignored)},
		{"ws-pong-altered", "a pong has another payload than its ping", onServerFrames(ws.OpPong, func(ws.Frame) []ws.Frame {
			return only(ws.NewPongFrame([]byte("another")))
		})},
		{"ws-ping-counts", "a ping counts as activity", onWebSocket(pingCounts)},
		{"ws-incomplete-counts", "the bytes of a WebSocket frame that is not complete count as activity", onWebSocket(partialCounts)},
	}
}

// The faults above leave to the listener what is refused for another reason.

func isBinary(h ws.Header) bool {
	return !refused(h) && h.OpCode == ws.OpBinary && h.Length <= wire.MaxTextFrame
}

func isUnmasked(h ws.Header) bool  { return !h.Masked && h.Length <= wire.MaxTextFrame }
func isWholeText(h ws.Header) bool { return accepted(h) && h.OpCode == ws.OpText && h.Fin }
func isFragment(h ws.Header) bool {
	return accepted(h) && h.OpCode.IsData() && (h.OpCode == ws.OpContinuation || !h.Fin)
}

func isReserved(h ws.Header) bool {
	return h.Masked && h.OpCode.IsReserved() && h.Length <= wire.MaxTextFrame
}

func isLong(h ws.Header) bool {
	return h.Masked && isLongControl(h) && h.Length <= wire.MaxTextFrame
}

func ignored(ws.Frame) []ws.Frame { return nil }

// retyped is a frame as a text message of its own.
func retyped(f ws.Frame) []ws.Frame {
	f.Header.OpCode, f.Header.Fin = ws.OpText, true
	return only(f)
}

func masked(opcode ws.OpCode, payload []byte) []ws.Frame {
	return only(ws.MaskFrame(ws.NewFrame(opcode, true, payload)))
}

// madeUTF8 replaces what is not UTF-8 as the decoder does (§1). Fragments are left
// alone: a character may be cut in two by their border.
func madeUTF8(f ws.Frame) []ws.Frame {
	text := ws.UnmaskFrame(f).Payload
	if utf8.Valid(text) {
		return only(f)
	}
	return masked(ws.OpText, bytes.ToValidUTF8(text, []byte("\uFFFD")))
}

// pingCounts shows the server, after a ping that it does not count, a message
// that it does.
func pingCounts() webSocketFault {
	fragments := false // of a message: nothing but control frames may come between
	return webSocketFault{fromClient: frameChange{accepted, always(func(f ws.Frame) []ws.Frame {
		if f.Header.OpCode.IsData() {
			fragments = !f.Header.Fin
		}
		if f.Header.OpCode != ws.OpPing || fragments {
			return only(f)
		}
		return append(only(f), webSocketSignOfLife()...)
	})}}
}

// partialCounts does so for bytes that cannot be counted yet.
func partialCounts() webSocketFault {
	fragments := false
	return webSocketFault{
		fromClient: frameChange{accepted, always(func(f ws.Frame) []ws.Frame {
			if f.Header.OpCode.IsData() {
				fragments = !f.Header.Fin
			}
			return only(f)
		})},
		partial: func() []ws.Frame {
			if fragments {
				return nil
			}
			return webSocketSignOfLife()
		},
	}
}

func webSocketSignOfLife() []ws.Frame { return masked(ws.OpText, signOfLife().Append(nil)) }

// webSocketCloseFaults miss the close handshake (§2).
func webSocketCloseFaults() []Fault {
	return []Fault{
		{"ws-close-unanswered", "a client's close frame is answered by a FIN alone", onWebSocket(func() webSocketFault {
			return webSocketFault{fromClient: frameChange{acceptedOf(ws.OpClose), func(ws.Frame) ([]ws.Frame, error) { return nil, io.EOF }}}
		})},
		{"ws-close-code-constant", "a close frame is answered with code 1000 whatever its code", onClientFrames(acceptedOf(ws.OpClose), func(ws.Frame) []ws.Frame {
			return masked(ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, ""))
		})},
		{"ws-closes-with-1001", "the server closes WebSocket connections with code 1001", onWebSocket(ownClose(closedWith(ws.StatusGoingAway)))},
		{"ws-bad-frame-closes-with-1011", "a frame that RFC 6455 forbids closes the connection with code 1011", onWebSocket(badFrameCloses)},
		{"ws-close-frame-missing", "the server closes WebSocket connections without a close frame", onWebSocket(ownClose(ignored))},
		{"ws-fin-missing", "the stream stays open after the server's close frame", wrap(wire.WS, newUnending)},
	}
}

func closedWith(code ws.StatusCode) func(ws.Frame) []ws.Frame {
	return func(ws.Frame) []ws.Frame { return only(ws.NewCloseFrame(ws.NewCloseFrameBody(code, ""))) }
}

// ownClose changes the close frames that are no answer to the client's.
func ownClose(change func(ws.Frame) []ws.Frame) func() webSocketFault {
	return serverClose(acceptedOf(ws.OpClose), false, change)
}

func badFrameCloses() webSocketFault {
	return serverClose(refused, true, closedWith(ws.StatusInternalServerError))()
}

// serverClose changes the server's close frame by whether a frame of a kind has
// come from the client.
func serverClose(which func(ws.Header) bool, after bool, change func(ws.Frame) []ws.Frame) func() webSocketFault {
	return func() webSocketFault {
		var seen atomic.Bool // reading and writing are two goroutines
		return webSocketFault{
			fromClient: frameChange{which, always(func(f ws.Frame) []ws.Frame {
				seen.Store(true)
				return only(f)
			})},
			fromServer: frameChange{isServers(ws.OpClose), always(func(f ws.Frame) []ws.Frame {
				if seen.Load() != after {
					return only(f)
				}
				return change(f)
			})},
		}
	}
}

// unending is a stream whose end is the client's alone once the server has sent
// its close frame.
type unending struct {
	*tap
	said atomic.Bool // the close frame
	kept atomic.Bool // a FIN was held back
}

func newUnending(c net.Conn) net.Conn {
	u := &unending{}
	u.tap = webSocketFault{fromServer: frameChange{isServers(ws.OpClose), always(func(f ws.Frame) []ws.Frame {
		u.said.Store(true)
		return only(f)
	})}}.tap(c)
	return u
}

func (u *unending) CloseWrite() error {
	if u.said.Load() {
		u.kept.Store(true)
		return nil
	}
	return u.tap.CloseWrite()
}

// SetReadDeadline lets the listener wait for the client where it would give up
// after a while. What it drops is closed all the same.
func (u *unending) SetReadDeadline(t time.Time) error {
	if u.kept.Load() {
		t = time.Time{}
	}
	return u.tap.SetReadDeadline(t)
}

// handshakeFaults answer requests otherwise than §2 and RFC 6455 say.
func handshakeFaults() []Fault {
	return []Fault{
		{"ws-refusal-404", "a request without an upgrade gets status 404", onWebSocket(func() webSocketFault {
			return webSocketFault{response: replacing("^HTTP/1.1 400 Bad Request", "HTTP/1.1 404 Not Found")}
		})},
		{"ws-other-path-upgraded", "a request for any path is upgraded", onWebSocket(func() webSocketFault {
			return webSocketFault{request: replacing(`^GET \S+`, "GET "+wire.WebSocketPath)}
		})},
		{"ws-version-8-refused", "version 8 of the WebSocket protocol is refused", onWebSocket(func() webSocketFault {
			return webSocketFault{request: replacing(`(?i)(\nSec-WebSocket-Version:\s*)8\s*\r\n`, "${1}7\r\n")}
		})},
		{"ws-accept-wrong", "the answer to an upgrade has a wrong Sec-WebSocket-Accept", onWebSocket(func() webSocketFault {
			return webSocketFault{response: replacing(`(\nSec-WebSocket-Accept: )[^\r]*`, "${1}AAAAAAAAAAAAAAAAAAAAAAAAAAA=")}
		})},
	}
}

func replacing(pattern, by string) func(head []byte) []byte {
	expression := regexp.MustCompile(pattern)
	return func(head []byte) []byte { return expression.ReplaceAll(head, []byte(by)) }
}
