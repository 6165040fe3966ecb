package fuzz

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"imcheck/protocol/wire"
)

// framing puts a message on the wire in a way of its own.
type framing struct {
	name  string
	frame func(r *rand.Rand, body []byte) []byte
}

func length(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// prefixed is a body after a length that need not be its own.
func prefixed(n int, body []byte) []byte { return append(length(uint32(n)), body...) }

// tcpFramings are ways to break the length before a TCP body (docs/protocol.md §2 TCP).
var tcpFramings = []framing{
	{"negative length", func(r *rand.Rand, body []byte) []byte {
		return prefixed(pick(r, []int{-1, -2, -2147483648}), body)
	}},
	{"huge length", func(r *rand.Rand, body []byte) []byte {
		return prefixed(pick(r, []int{0x7fffffff, 0x10000000, 0x01000000, 0x00100000}), body)
	}},
	{"length zero", func(r *rand.Rand, body []byte) []byte {
		return append(bytes.Repeat(length(0), pick(r, []int{1, 2, 1000})), wire.AppendFrame(nil, body)...)
	}},
	{"length too small", func(r *rand.Rand, body []byte) []byte {
		return prefixed(len(body)-1-r.IntN(min(10, len(body)+1)), body)
	}},
	{"length too large", func(r *rand.Rand, body []byte) []byte { return prefixed(len(body)+1+r.IntN(1000), body) }},
	{"around the largest body", func(r *rand.Rand, body []byte) []byte {
		size := wire.MaxTCPBody + r.IntN(3) - 1
		return prefixed(size, append(body[:min(len(body), size)], bytes.Repeat([]byte(" "), max(0, size-len(body)))...))
	}},
	{"length cut off", func(r *rand.Rand, body []byte) []byte {
		return append(wire.AppendFrame(nil, body), length(uint32(len(body)))[:1+r.IntN(3)]...)
	}},
	{"length alone", func(_ *rand.Rand, body []byte) []byte { return length(uint32(len(body))) }},
	{"little-endian length", func(_ *rand.Rand, body []byte) []byte {
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
	}},
	{"length twice", func(_ *rand.Rand, body []byte) []byte {
		return append(length(uint32(len(body))), wire.AppendFrame(nil, body)...)
	}},
	{"no length", func(_ *rand.Rand, body []byte) []byte { return bytes.Clone(body) }},
	{"many frames at once", func(r *rand.Rand, body []byte) []byte {
		return bytes.Repeat(wire.AppendFrame(nil, body), min(100, 1+maxWrite/(len(body)+wire.FrameHeader)))
	}},
	{"WebSocket frame on TCP", func(r *rand.Rand, body []byte) []byte { return masked(r, textHeader, body) }},
	{"HTTP request on TCP", func(r *rand.Rand, _ []byte) []byte { return upgradeRequest(r) }},
}
