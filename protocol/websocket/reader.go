package websocket

import (
	"fmt"
	"unicode/utf8"
)

// Fragments selects a reader's treatment of a text message in fragments.
type Fragments uint8

// Ways to treat fragments.
const (
	Reassembled Fragments = iota // they make up a message (RFC 6455 §5.4)
	AsMessages                   // the first is a message of its own, any other is an error
	Refused                      // they are an error
)

// Rules are the limits of a Reader, and its deviations from RFC 6455.
type Rules struct {
	// MaxMessage is the largest message in bytes. It has to be set.
	MaxMessage int
	// MaxFragments is the largest number of fragments of a message that a client
	// accepts; 0 means any number.
	MaxFragments int
	// Fragments applies to the messages that a server receives.
	Fragments Fragments
	// Inflate expands a compressed message (RFC 7692) to at most a number of bytes, and
	// reports whether it has more; nil if no compression was agreed. The result is valid
	// until the next call.
	Inflate func(message []byte, most int) (expanded []byte, tooLong bool, err error)
	// ReservedBitsIgnored accepts frames whatever their three reserved bits are.
	ReservedBitsIgnored bool
}

// Reader reads messages and control frames out of the bytes that one end of a
// connection receives after the handshake. It holds bytes of its own only while
// a frame or a message is incomplete. Make one with NewReader.
type Reader struct {
	rules  Rules
	frames splitter

	// The message whose last fragment has not come yet.
	message   []byte
	fragments int // received so far

	open       bool // there is such a message
	compressed bool // its first frame was marked so
	role       Role
}

// NewReader returns a reader for the end that receives: a Client does not accept masked
// frames, a Server nothing else.
func NewReader(role Role, rules Rules) Reader { return Reader{role: role, rules: rules} }

// Next takes the next text message, reassembled if it was fragmented, or the
// next control frame off the front of *in; opcode is never OpContinuation. ok is
// false once *in is used up and more bytes are needed. The payload is valid
// until the bytes of *in change or Next is called again. The error is a
// *ProtocolError; the stream cannot be read on after it.
func (r *Reader) Next(in *[]byte) (opcode Opcode, payload []byte, ok bool, err error) {
	for {
		h, payload, ok, err := r.frames.next(in, r.check)
		if err != nil || !ok {
			return 0, nil, false, err
		}
		if h.Opcode.IsControl() {
			return h.Opcode, payload, true, nil
		}
		if message, complete, err := r.assemble(h, payload); err != nil || complete {
			return OpText, message, err == nil, err
		}
	}
}

// Pending reports whether a message or a frame has begun and not ended.
func (r *Reader) Pending() bool { return r.open || len(r.frames.partial) > 0 }

// assemble adds a data frame to the message it belongs to (RFC 6455 §5.4). A
// server has checked its order and its size by its header.
func (r *Reader) assemble(h Header, payload []byte) (message []byte, complete bool, err error) {
	first := h.Opcode == OpText
	if first == r.open {
		return nil, false, outOfOrder
	}
	if first {
		r.fragments, r.compressed = 0, h.RSV&rsvCompressed != 0 && r.rules.Inflate != nil
	}
	if r.fragments++; r.rules.MaxFragments > 0 && r.fragments > r.rules.MaxFragments {
		return nil, false, &ProtocolError{Reason: fmt.Sprintf("a message in more than %d fragments", r.rules.MaxFragments)}
	}
	message = payload
	if r.rules.Fragments != AsMessages && (r.open || !h.Fin) {
		r.message = append(r.message, payload...)
		message = r.message
	}
	if len(message) > r.rules.MaxMessage {
		return nil, false, r.messageTooBig()
	}
	r.open = !h.Fin
	if r.open && r.rules.Fragments != AsMessages {
		return nil, false, nil
	}
	r.message = nil
	if r.compressed {
		if message, err = r.inflate(message); err != nil {
			return nil, false, err
		}
	}
	if !utf8.Valid(message) {
		return nil, false, &ProtocolError{Reason: "invalid UTF-8 in a text message"}
	}
	return message, true, nil
}

// rsvCompressed is the reserved bit that marks the first frame of a compressed message.
const rsvCompressed = 4

// inflate expands a message.
func (r *Reader) inflate(message []byte) ([]byte, error) {
	expanded, tooLong, err := r.rules.Inflate(message, r.rules.MaxMessage)
	switch {
	case err != nil:
		return nil, &ProtocolError{Reason: "a compressed message that cannot be expanded: " + err.Error()}
	case tooLong:
		return nil, r.messageTooBig()
	}
	return expanded, nil
}
