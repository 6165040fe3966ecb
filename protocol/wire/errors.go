package wire

import (
	"errors"
	"fmt"
)

// ErrBadMessage matches every error of Decode and of the body parsers with
// errors.Is. It is the "bad message" of docs/protocol.md §3, which closes a session.
var ErrBadMessage = errors.New("bad message")

// SyntaxError reports a text that is not exactly one JSON object.
type SyntaxError struct {
	Offset int // in bytes, where reading stopped
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("bad message: %s at byte %d", e.Reason, e.Offset)
}

// Unwrap makes a SyntaxError match ErrBadMessage.
func (e *SyntaxError) Unwrap() error { return ErrBadMessage }

// FieldError reports a known field with a value of the wrong type.
type FieldError struct {
	Field  string // its name on the wire
	Reason string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("bad message: field %q %s", e.Field, e.Reason)
}

// Unwrap makes a FieldError match ErrBadMessage.
func (e *FieldError) Unwrap() error { return ErrBadMessage }

// FrameError reports a TCP frame that announces a length that is refused. The
// stream cannot be read on after it (§2).
type FrameError struct {
	Length int32 // as announced, negative included
	Limit  int   // in bytes
}

func (e *FrameError) Error() string {
	if e.Length < 0 {
		return fmt.Sprintf("bad frame: negative length %d", e.Length)
	}
	return fmt.Sprintf("bad frame: length %d is over the limit of %d bytes", e.Length, e.Limit)
}
