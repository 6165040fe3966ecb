package transport

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"imcheck/harness/bounds"
)

// Opcodes of what a WebSocketReader returns.
const (
	OpcodeText  = byte(ws.OpText)
	OpcodeClose = byte(ws.OpClose)
	OpcodePing  = byte(ws.OpPing)
	OpcodePong  = byte(ws.OpPong)
)

// WebSocketReader turns the bytes that a client receives after the handshake
// into messages and control frames, without I/O. It holds bytes of its own only
// while a frame or a message is incomplete. Make one with NewWebSocketReader.
type WebSocketReader struct {
	limit     int
	frames    frameSplitter
	message   []byte // what has come of a fragmented message
	fragments bool   // its last fragment has not come
	pieces    int    // fragments of it that have come
}

// NewWebSocketReader takes messages of up to limit bytes; 0 stands for 1 MiB.
func NewWebSocketReader(limit int) *WebSocketReader {
	r := &WebSocketReader{limit: Options{MaxMessage: limit}.limit(clientLimit)}
	r.frames.check = r.checkHeader
	return r
}

// Next takes the next text message, put together when it was fragmented, or
// the next control frame off the front of *in. ok is false when *in is used up
// and more bytes are needed. The payload is valid until the bytes behind *in
// change or Next is called again. The error is a *ProtocolError; after it the
// stream cannot be read on.
func (r *WebSocketReader) Next(in *[]byte) (opcode byte, payload []byte, ok bool, err error) {
	for {
		header, payload, ok, err := r.frames.next(in)
		if err != nil || !ok {
			return 0, nil, false, err
		}
		if header.OpCode.IsControl() {
			return byte(header.OpCode), payload, true, nil
		}
		if message, complete, err := r.assemble(header, payload); err != nil || complete {
			return OpcodeText, message, err == nil, err
		}
	}
}

// Pending reports whether a message has begun and not ended.
func (r *WebSocketReader) Pending() bool { return r.fragments || len(r.frames.partial) > 0 }

// checkHeader refuses what a server may not send.
func (r *WebSocketReader) checkHeader(h ws.Header) error {
	if h.Masked {
		return &ProtocolError{Reason: "a masked frame from the server"}
	}
	return checkFrame(h, r.limit, false)
}

// assemble adds a data frame to the message it belongs to.
func (r *WebSocketReader) assemble(h ws.Header, payload []byte) (message []byte, complete bool, err error) {
	started := h.OpCode == ws.OpText
	if started == r.fragments {
		return nil, false, &ProtocolError{Reason: "a fragment out of order"}
	}
	if started {
		r.pieces = 0
	}
	if r.pieces++; r.pieces > bounds.Fragments {
		return nil, false, &ProtocolError{Reason: fmt.Sprintf("a message in more than %d fragments", bounds.Fragments)}
	}
	message = payload
	if r.fragments || !h.Fin {
		r.message = append(r.message, payload...)
		message = r.message
	}
	if len(message) > r.limit {
		return nil, false, &ProtocolError{Reason: fmt.Sprintf("a message is over the limit of %d bytes", r.limit)}
	}
	if r.fragments = !h.Fin; r.fragments {
		return nil, false, nil
	}
	r.message = nil
	if !utf8.Valid(message) {
		return nil, false, &ProtocolError{Reason: "invalid UTF-8 in a text message"}
	}
	return message, true, nil
}
