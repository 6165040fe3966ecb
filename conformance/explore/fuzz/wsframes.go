package fuzz

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

var textHeader = websocket.Header{Fin: true, Opcode: websocket.OpText, Masked: true}

// masked is a frame whose mask is drawn like everything else, so that a seed repeats it.
func masked(r *rand.Rand, h websocket.Header, payload []byte) []byte {
	h.Length = int64(len(payload))
	if h.Masked && !chance(r, 8) { // else a mask of zeros
		copy(h.Mask[:], noise(r, len(h.Mask)))
	}
	b := h.Append(nil)
	for i, c := range payload {
		b = append(b, c^h.Mask[i%len(h.Mask)])
	}
	return b
}

func control(opcode websocket.Opcode) websocket.Header {
	return websocket.Header{Fin: true, Opcode: opcode, Masked: true}
}

// lengthForm is a text frame with its length in so many bytes, be it the right one or not.
func lengthForm(size int, n uint64, body []byte) []byte {
	b := []byte{0x80 | byte(websocket.OpText), 0x80 | 126}
	if size == 8 {
		b[1] = 0x80 | 127
		b = binary.BigEndian.AppendUint64(b, n)
	} else {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return append(append(b, 0, 0, 0, 0), body...) // masked by zeros
}

// webSocketFramings are ways to break RFC 6455, or to use it in ways that a client of the
// protocol never does (docs/protocol.md §2 WebSocket).
var webSocketFramings = []framing{
	{"unmasked", func(r *rand.Rand, body []byte) []byte {
		return masked(r, websocket.Header{Fin: true, Opcode: websocket.OpText}, body)
	}},
	{"reserved opcode", func(r *rand.Rand, body []byte) []byte {
		return masked(r, control(pick(r, []websocket.Opcode{3, 4, 5, 6, 7, 11, 12, 13, 14, 15})), body)
	}},
	{"reserved bits", func(r *rand.Rand, body []byte) []byte {
		h := textHeader
		h.RSV = byte(1 + r.IntN(7))
		return masked(r, h, body)
	}},
	{"long form of a short length", func(r *rand.Rand, body []byte) []byte {
		return lengthForm(pick(r, []int{2, 8}), uint64(len(body)), body)
	}},
	{"wrong length", func(r *rand.Rand, body []byte) []byte {
		return lengthForm(pick(r, []int{2, 8}), uint64(max(0, len(body)+r.IntN(200)-100)), body)
	}},
	{"huge length", func(r *rand.Rand, body []byte) []byte {
		return lengthForm(8, pick(r, []uint64{1 << 63, 1<<63 - 1, 1<<64 - 1, 1 << 31, 1 << 32, 1 << 40, wire.MaxTextFrame + 1}), body)
	}},
	{"around the largest frame", func(r *rand.Rand, body []byte) []byte {
		size := wire.MaxTextFrame + r.IntN(3) - 1
		return masked(r, textHeader, append(body[:min(len(body), size)], bytes.Repeat([]byte(" "), max(0, size-len(body)))...))
	}},
	{"fragments", fragments},
	{"fragments without an end", func(r *rand.Rand, body []byte) []byte {
		h := textHeader
		h.Fin = false
		first := masked(r, h, body)
		h.Opcode = websocket.OpContinuation
		return append(first, bytes.Repeat(masked(r, h, []byte(pick(r, []string{"", "x"}))), pick(r, []int{1, 100, 5000}))...)
	}},
	{"continuation alone", func(r *rand.Rand, body []byte) []byte {
		return masked(r, control(websocket.OpContinuation), body)
	}},
	{"two beginnings", func(r *rand.Rand, body []byte) []byte {
		h := textHeader
		h.Fin = false
		return append(masked(r, h, body), masked(r, h, body)...)
	}},
	{"binary", func(r *rand.Rand, body []byte) []byte { return masked(r, control(websocket.OpBinary), body) }},
	{"long control frame", func(r *rand.Rand, body []byte) []byte {
		return masked(r, control(pick(r, controls)), bytes.Repeat([]byte("p"), pick(r, []int{126, 200, 65_536})))
	}},
	{"control frame in fragments", func(r *rand.Rand, body []byte) []byte {
		h := control(pick(r, controls))
		h.Fin = false
		return append(masked(r, h, []byte("p")), masked(r, control(websocket.OpContinuation), []byte("q"))...)
	}},
	{"many pings", func(r *rand.Rand, body []byte) []byte {
		pings := bytes.Repeat(masked(r, control(pick(r, []websocket.Opcode{websocket.OpPing, websocket.OpPong})), noise(r, r.IntN(126))), 200)
		return append(pings, masked(r, textHeader, body)...)
	}},
	{"close frame", func(r *rand.Rand, body []byte) []byte {
		return append(masked(r, control(websocket.OpClose), closing(r)), masked(r, textHeader, body)...)
	}},
	{"many frames at once", func(r *rand.Rand, body []byte) []byte {
		return bytes.Repeat(masked(r, textHeader, body), min(100, 1+maxWrite/(len(body)+14)))
	}},
	{"header cut off", func(r *rand.Rand, body []byte) []byte {
		frame := masked(r, textHeader, body)
		return frame[:min(len(frame), 1+r.IntN(13))]
	}},
	{"TCP frame on WebSocket", func(_ *rand.Rand, body []byte) []byte { return wire.AppendFrame(nil, body) }},
	{"another handshake", func(r *rand.Rand, _ []byte) []byte { return upgradeRequest(r) }},
}

var controls = []websocket.Opcode{websocket.OpPing, websocket.OpPong, websocket.OpClose}

// fragments is a message in pieces, with control frames or a new message among them.
func fragments(r *rand.Rand, body []byte) (b []byte) {
	h := textHeader
	pieces := 2 + r.IntN(6)
	for i := range pieces {
		h.Fin = i == pieces-1
		b = append(b, masked(r, h, body[i*len(body)/pieces:(i+1)*len(body)/pieces])...)
		h.Opcode = websocket.OpContinuation
		if chance(r, 4) {
			b = append(b, masked(r, control(pick(r, controls[:2])), []byte("between"))...)
		}
	}
	return b
}

// closing is the payload of a close frame, mostly one that must not be sent.
func closing(r *rand.Rand) []byte {
	code := pick(r, []uint16{0, 1, 999, 1000, 1001, 1004, 1005, 1006, 1015, 2999, 3000, 4999, 5000, 65535})
	return pick(r, [][]byte{nil, {3}, binary.BigEndian.AppendUint16(nil, code), append(binary.BigEndian.AppendUint16(nil, code), "\xff\xfe"...), append(binary.BigEndian.AppendUint16(nil, code), bytes.Repeat([]byte("r"), 123)...)})
}
