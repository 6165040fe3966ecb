package transport

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gobwas/ws"
)

// Frame is one WebSocket frame as its sender wants it, valid or not.
type Frame struct {
	Fin     bool
	RSV     byte // the three reserved bits, 0 to 7
	Opcode  byte // 0 to 15: 1 text, 2 binary, 8 close, 9 ping, 10 pong
	Masked  bool // as a client has to; the mask is random
	Payload []byte
}

// Append appends the frame's bytes. It allocates only when b has to grow.
func (f Frame) Append(b []byte) []byte {
	first := f.RSV&7<<4 | f.Opcode&15
	if f.Fin {
		first |= finBit
	}
	b = append(b, first)
	masked := byte(0)
	if f.Masked {
		masked = maskBit
	}
	switch n := len(f.Payload); {
	case n < length16:
		b = append(b, masked|byte(n))
	case n <= math.MaxUint16:
		b = binary.BigEndian.AppendUint16(append(b, masked|length16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|length64), uint64(n))
	}
	if !f.Masked {
		return append(b, f.Payload...)
	}
	mask := ws.NewMask()
	b = append(append(b, mask[:]...), f.Payload...)
	ws.Cipher(b[len(b)-len(f.Payload):], mask, 0)
	return b
}

// Parts of a frame header (RFC 6455 §5.2).
const (
	finBit   = 0x80
	maskBit  = 0x80
	length16 = 126 // a length of 16 bits follows
	length64 = 127 // one of 64 bits does
)

// closePayload is the payload of a close frame; code 0 stands for none.
func closePayload(code uint16) []byte {
	if code == 0 {
		return nil
	}
	return binary.BigEndian.AppendUint16(nil, code)
}

// AppendClose appends a client's close frame; code 0 stands for none.
func AppendClose(b []byte, code uint16) []byte {
	return Frame{Fin: true, Opcode: byte(ws.OpClose), Masked: true, Payload: closePayload(code)}.Append(b)
}

// maxCloseText bounds the text of a close frame in bytes.
const maxCloseText = ws.MaxControlFramePayloadSize - 2

// closePayloadWith has a text as well, which is cut where it is too long.
func closePayloadWith(code uint16, text string) []byte {
	return append(closePayload(code), text[:min(len(text), maxCloseText)]...)
}

// mayBeSent reports whether a close frame may have a code (RFC 6455 §7.4).
func mayBeSent(code uint16) bool {
	return 1000 <= code && code <= 1003 || 1007 <= code && code <= 1014 || 3000 <= code && code <= 4999
}

// CloseCode reads the code from the payload of a close frame, 0 when it has none.
func CloseCode(payload []byte) uint16 {
	code, _ := ws.ParseCloseFrameData(payload)
	return uint16(code)
}

// frameSplitter cuts a byte stream into WebSocket frames, however the stream
// was cut into chunks. Like wire.Splitter it holds bytes of its own only while
// a frame is incomplete.
type frameSplitter struct {
	check   func(ws.Header) error // refuses a frame before its payload is kept
	partial []byte                // header and payload so far
}

// next takes the next frame off the front of *in, and unmasks its payload in
// place. ok is false when more bytes are needed. The payload is valid until the
// bytes behind *in change or next is called again. The error is a
// *ProtocolError; after it the stream cannot be read on.
func (s *frameSplitter) next(in *[]byte) (header ws.Header, payload []byte, ok bool, err error) {
	frame := *in
	if len(s.partial) == 0 {
		header, size, err := s.parse(frame)
		if err != nil {
			return header, nil, false, err
		}
		if size > 0 && len(frame) >= size {
			*in = frame[size:]
			return header, unmask(header, frame[:size]), true, nil
		}
	}
	s.take(in, ws.MinHeaderSize)
	s.take(in, headerSize(s.partial))
	header, size, err := s.parse(s.partial)
	if err != nil || size == 0 {
		return header, nil, false, err
	}
	s.take(in, size)
	if len(s.partial) < size {
		return header, nil, false, nil
	}
	frame, s.partial = s.partial, nil
	return header, unmask(header, frame), true, nil
}

// take moves bytes from *in until the frame so far has size of them.
func (s *frameSplitter) take(in *[]byte, size int) {
	n := min(size-len(s.partial), len(*in))
	if n > 0 {
		s.partial = append(s.partial, (*in)[:n]...)
		*in = (*in)[n:]
	}
}

// parse reads the header at the start of b and the length of the whole frame,
// which is 0 when the header is not complete yet.
func (s *frameSplitter) parse(b []byte) (header ws.Header, size int, err error) {
	if len(b) < headerSize(b) {
		return header, 0, nil
	}
	header = ws.Header{Fin: b[0]&finBit != 0, Rsv: b[0] >> 4 & 7, OpCode: ws.OpCode(b[0] & 15), Masked: b[1]&maskBit != 0}
	behind := b[2:headerSize(b)]
	switch length := b[1] &^ maskBit; length {
	case length16:
		header.Length, behind = int64(binary.BigEndian.Uint16(behind)), behind[2:]
	case length64:
		header.Length, behind = int64(binary.BigEndian.Uint64(behind)), behind[8:]
	default:
		header.Length = int64(length)
	}
	if header.Length < 0 {
		return header, 0, violation("a payload length with its highest bit set")
	}
	copy(header.Mask[:], behind)
	if err := s.check(header); err != nil {
		return header, 0, err
	}
	return header, headerSize(b) + int(header.Length), nil
}

// headerSize is how long the frame header at the start of b is, as far as b
// tells.
func headerSize(b []byte) int {
	size := ws.MinHeaderSize
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

// unmask returns the payload of a whole frame.
func unmask(header ws.Header, frame []byte) []byte {
	payload := frame[len(frame)-int(header.Length):]
	if header.Masked {
		ws.Cipher(payload, header.Mask, 0)
	}
	return payload
}

// checkFrame holds what RFC 6455 §5.2 and §5.5 ask of a frame from either end. The
// reserved bits are not looked at with anyReserved.
func checkFrame(h ws.Header, limit int, anyReserved bool) error {
	switch {
	case h.Rsv != 0 && !anyReserved:
		return violation("reserved bits are set")
	case h.OpCode.IsReserved():
		return violation(fmt.Sprintf("reserved opcode %d", h.OpCode))
	case h.OpCode.IsControl() && h.Length > ws.MaxControlFramePayloadSize:
		return violation(fmt.Sprintf("a control frame of %d bytes: at most %d are allowed", h.Length, ws.MaxControlFramePayloadSize))
	case h.OpCode.IsControl() && !h.Fin:
		return violation("a fragmented control frame")
	case h.OpCode == ws.OpBinary:
		return &ProtocolError{Reason: "a binary frame"}
	case h.Length > int64(limit):
		return tooLarge(fmt.Sprintf("a frame of %d bytes is over the limit of %d", h.Length, limit))
	}
	return nil
}
