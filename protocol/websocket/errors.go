package websocket

// ProtocolError names the rule that a peer broke: one of WebSocket, or one of the
// server's own (docs/protocol.md §2). The connection cannot be read on after it.
type ProtocolError struct {
	Reason string
	// Code is the close code that RFC 6455 §7.4.1 assigns to the violation. It is
	// 0 for a valid frame that this end does not accept.
	Code CloseCode
}

func (e *ProtocolError) Error() string { return "websocket: " + e.Reason }

func violation(reason string) *ProtocolError {
	return &ProtocolError{Reason: reason, Code: CloseProtocolError}
}

func tooBig(reason string) *ProtocolError {
	return &ProtocolError{Reason: reason, Code: CloseMessageTooBig}
}
