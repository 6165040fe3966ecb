package websocket

// goodbyeText is the text of the close frame with which a server closes (§2).
const goodbyeText = "Bye"

// Goodbye returns the close frame with which a server closes by itself, for
// other reasons than a violation (docs/protocol.md §2).
func Goodbye() Frame { return Server.Frame(OpClose, ClosePayload(CloseNormal, goodbyeText)) }

// Answer returns the frame with which this end answers a ping or a close frame.
// ok is false for all other frames, which get no answer.
func (r Role) Answer(opcode Opcode, payload []byte) (answer Frame, ok bool) {
	switch opcode {
	case OpPing:
		return r.Frame(OpPong, payload), true
	case OpClose:
		return r.answerClose(payload), true
	}
	return Frame{}, false
}

// answerClose returns a close frame with the peer's code. A server repeats the
// text too, but cannot return a code that may not be sent (§2).
func (r Role) answerClose(payload []byte) Frame {
	code := ParseClose(payload)
	switch {
	case r == Client:
		return r.Frame(OpClose, ClosePayload(code, ""))
	case len(payload) > 0 && !code.MaySend():
		return Goodbye()
	}
	return r.Frame(OpClose, payload)
}

// Violations selects the way in which a server closes a connection on a frame that RFC 6455
// forbids or that is too large.
type Violations uint8

// Ways to close on a violation.
const (
	ClosedByCode   Violations = iota // one close frame with 1002 or 1009 and a reason
	ClosedTwice                      // that one, and another with 1000
	ClosedWith1000                   // one with 1000
)

// AppendClose appends the close frames with which a server ends a connection
// after a broken rule: with code 1000 after a valid frame that only this server
// does not accept (§2).
func (v Violations) AppendClose(b []byte, broken *ProtocolError) []byte {
	if broken.Code == 0 || v == ClosedWith1000 {
		return Goodbye().Append(b)
	}
	b = Server.Frame(OpClose, ClosePayload(broken.Code, broken.Reason)).Append(b)
	if v == ClosedTwice {
		b = Goodbye().Append(b)
	}
	return b
}
