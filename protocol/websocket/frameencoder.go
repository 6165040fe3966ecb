package websocket

// Role is one end of a connection. A client masks its frames, a server does not
// (RFC 6455 §5.1).
type Role uint8

// The two ends.
const (
	Client Role = iota
	Server
)

// Frame returns an unfragmented frame as this end has to send it.
func (r Role) Frame(opcode Opcode, payload []byte) Frame {
	return Frame{Fin: true, Opcode: opcode, Masked: r == Client, Payload: payload}
}

// Frame is one frame as its sender wants it, valid or not.
type Frame struct {
	Fin     bool   // the last fragment of its message
	RSV     byte   // the three reserved bits, 0 to 7
	Opcode  Opcode // 0 to 15
	Masked  bool   // with a random key
	Payload []byte
}

// Append appends the encoded frame to b. It allocates only if b has to grow.
func (f Frame) Append(b []byte) []byte {
	h := Header{Fin: f.Fin, RSV: f.RSV, Opcode: f.Opcode, Masked: f.Masked, Length: int64(len(f.Payload))}
	if !f.Masked {
		return append(h.Append(b), f.Payload...)
	}
	h.Mask = newMask()
	b = append(h.Append(b), f.Payload...)
	applyMask(b[len(b)-len(f.Payload):], h.Mask)
	return b
}
