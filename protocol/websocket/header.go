package websocket

import (
	"encoding/binary"
	"math"
)

// MaxControlPayload is the largest payload of a control frame in bytes
// (RFC 6455 §5.5).
const MaxControlPayload = 125

// minHeader is the size of a header with a short length and no mask.
const minHeader = 2

// Parts of a frame header (RFC 6455 §5.2).
const (
	finBit   = 0x80
	maskBit  = 0x80
	length16 = 126 // a 16-bit length follows
	length64 = 127 // a 64-bit length follows
)

// Header is the head of a frame.
type Header struct {
	Fin    bool // the last fragment of its message
	RSV    byte // the three reserved bits, 0 to 7
	Opcode Opcode
	Masked bool
	Mask   [4]byte // 0 unless Masked
	Length int64   // length of the payload in bytes
}

// Append appends the encoded header to b.
func (h Header) Append(b []byte) []byte {
	first := h.RSV&7<<4 | byte(h.Opcode)&15
	if h.Fin {
		first |= finBit
	}
	b = append(b, first)
	masked := byte(0)
	if h.Masked {
		masked = maskBit
	}
	switch {
	case h.Length < length16:
		b = append(b, masked|byte(h.Length))
	case h.Length <= math.MaxUint16:
		b = binary.BigEndian.AppendUint16(append(b, masked|length16), uint16(h.Length))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|length64), uint64(h.Length))
	}
	if h.Masked {
		b = append(b, h.Mask[:]...)
	}
	return b
}

// ParseHeader decodes the header at the start of b. size is its length in bytes,
// or 0 if b ends before the header does. The error is a *ProtocolError for a
// length of 2^63 or more.
func ParseHeader(b []byte) (h Header, size int, err error) {
	size = headerSize(b)
	if len(b) < size {
		return Header{}, 0, nil
	}
	h = Header{Fin: b[0]&finBit != 0, RSV: b[0] >> 4 & 7, Opcode: Opcode(b[0] & 15), Masked: b[1]&maskBit != 0}
	rest := b[minHeader:size]
	switch length := b[1] &^ maskBit; length {
	case length16:
		h.Length, rest = int64(binary.BigEndian.Uint16(rest)), rest[2:]
	case length64:
		h.Length, rest = int64(binary.BigEndian.Uint64(rest)), rest[8:]
	default:
		h.Length = int64(length)
	}
	if h.Length < 0 {
		return h, 0, violation("a payload length with its highest bit set")
	}
	copy(h.Mask[:], rest)
	return h, size, nil
}

// headerSize returns the size of the header at the start of b, or how many bytes
// it takes to find out.
func headerSize(b []byte) int {
	size := minHeader
	if len(b) < size {
		return size
	}
	switch b[1] &^ maskBit {
	case length16:
		size += 2
	case length64:
		size += 8
	}
	if b[1]&maskBit != 0 {
		size += 4
	}
	return size
}
