package websocket

import "fmt"

// Opcode is the type of a frame, 0 to 15 (RFC 6455 §5.2).
type Opcode byte

// The opcodes that are not reserved.
const (
	OpContinuation Opcode = 0
	OpText         Opcode = 1
	OpBinary       Opcode = 2
	OpClose        Opcode = 8
	OpPing         Opcode = 9
	OpPong         Opcode = 10
)

// IsControl reports whether a frame is a control frame, of a reserved opcode too.
func (o Opcode) IsControl() bool { return o&8 != 0 }

// IsReserved reports whether RFC 6455 leaves the opcode undefined.
func (o Opcode) IsReserved() bool { return o > OpBinary && o < OpClose || o > OpPong }

// String returns the opcode's name, such as "ping", or its number.
func (o Opcode) String() string {
	switch o {
	case OpContinuation:
		return "continuation"
	case OpText:
		return "text"
	case OpBinary:
		return "binary"
	case OpClose:
		return "close"
	case OpPing:
		return "ping"
	case OpPong:
		return "pong"
	}
	return fmt.Sprintf("opcode %d", byte(o))
}
