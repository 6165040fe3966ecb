package faults

import (
	"bytes"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
)

// frameFaults mistake frames for others (§2).
func frameFaults() []Fault {
	return []Fault{
		{Name: "ws-binary-as-text", Does: "a binary frame is read as text", WebSocket: onClientFrames(isBinary, retyped)},
		{Name: "ws-unmasked-accepted", Does: "an unmasked frame is accepted", WebSocket: onClientFrames(isUnmasked, func(f ws.Frame) []ws.Frame {
			return only(ws.MaskFrame(f))
		})},
		{Name: "ws-invalid-utf8-accepted", Does: "text that is not UTF-8 is accepted in a frame", WebSocket: onClientFrames(isWholeText, madeUTF8)},
		{Name: "ws-reserved-opcode-ignored", Does: "a frame with a reserved opcode is ignored", WebSocket: onClientFrames(isReserved, ignored)},
		{Name: "ws-long-control-accepted", Does: "a control frame of more than 125 bytes is accepted", WebSocket: onClientFrames(isLong, func(f ws.Frame) []ws.Frame {
			f = ws.UnmaskFrame(f)
			return masked(f.Header.OpCode, f.Payload[:ws.MaxControlFramePayloadSize])
		})},
		{Name: "ws-fragments-as-messages", Does: "each fragment of a WebSocket message is read as a message", WebSocket: onClientFrames(isFragment, retyped)},
		{Name: "ws-ping-unanswered", Does: "pings are not answered", WebSocket: onClientFrames(acceptedOf(ws.OpPing), ignored)},
		{Name: "ws-pong-altered", Does: "a pong has another payload than its ping", WebSocket: onServerFrames(ws.OpPong, func(ws.Frame) []ws.Frame {
			return only(ws.NewPongFrame([]byte("another")))
		})},
		{Name: "ws-ping-counts", Does: "a ping counts as activity", WebSocket: onWebSocket(pingCounts)},
		{Name: "ws-incomplete-counts", Does: "the bytes of a WebSocket frame that is not complete count as activity", WebSocket: onWebSocket(partialCounts)},
	}
}

// isBinary and the functions below leave frames to the listener that are refused for
// another reason.
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

// retyped turns a frame into a text message of its own.
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

// pingCounts adds a message that counts as activity after a ping, which does not.
func pingCounts() webSocketFault {
	fragments := false // a message's fragments have begun: only control frames may come in between
	return webSocketFault{fromClient: frameChange{which: accepted, change: always(func(f ws.Frame) []ws.Frame {
		if f.Header.OpCode.IsData() {
			fragments = !f.Header.Fin
		}
		if f.Header.OpCode != ws.OpPing || fragments {
			return only(f)
		}
		return append(only(f), webSocketSignOfLife()...)
	})}}
}

// partialCounts adds one for bytes of a frame that is not complete.
func partialCounts() webSocketFault {
	fragments := false
	return webSocketFault{
		fromClient: frameChange{which: accepted, change: always(func(f ws.Frame) []ws.Frame {
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
