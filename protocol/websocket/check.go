package websocket

import "fmt"

var outOfOrder = violation("a fragment out of order")

func (r *Reader) messageTooBig() *ProtocolError {
	return tooBig(fmt.Sprintf("a message is over the limit of %d bytes", r.rules.MaxMessage))
}

// check refuses a frame by its header.
func (r *Reader) check(h Header) error {
	if r.role == Client {
		if h.Masked {
			return &ProtocolError{Reason: "a masked frame from the server"}
		}
	} else if err := r.checkFromClient(h); err != nil {
		return err
	}
	return r.checkFromEither(h)
}

// checkFromClient refuses the frames on which only a server closes the
// connection (docs/protocol.md §2).
func (r *Reader) checkFromClient(h Header) error {
	data := h.Opcode == OpText || h.Opcode == OpContinuation
	switch {
	case !h.Masked:
		return violation("an unmasked frame")
	case data && r.open != (h.Opcode == OpContinuation):
		return outOfOrder
	case h.Opcode == OpClose && h.Length == 1:
		return violation("a close frame with half a code")
	case data && r.rules.Fragments == Refused && !h.Fin,
		r.rules.Fragments == AsMessages && h.Opcode == OpContinuation:
		return &ProtocolError{Reason: "a fragmented message"}
	case data && int64(len(r.message))+h.Length > int64(r.rules.MaxMessage):
		return r.messageTooBig()
	}
	return nil
}

// checkFromEither refuses what RFC 6455 §5.2 and §5.5 forbid both ends, and what
// neither end of the protocol accepts.
func (r *Reader) checkFromEither(h Header) error {
	switch {
	case r.rules.Inflate != nil && h.RSV == rsvCompressed && h.Opcode == OpText:
	case h.RSV == rsvCompressed && h.Opcode == OpText && r.role == Client && !r.rules.ReservedBitsIgnored:
		return violation("reserved bits are set, as for a compressed message, and no compression was agreed (--ws-compression offers it)")
	case h.RSV != 0 && !r.rules.ReservedBitsIgnored:
		return violation("reserved bits are set")
	}
	switch {
	case h.Opcode.IsReserved():
		return violation(fmt.Sprintf("reserved opcode %d", h.Opcode))
	case h.Opcode.IsControl() && h.Length > MaxControlPayload:
		return violation(fmt.Sprintf("a control frame of %d bytes: at most %d are allowed", h.Length, MaxControlPayload))
	case h.Opcode.IsControl() && !h.Fin:
		return violation("a fragmented control frame")
	case h.Opcode == OpBinary:
		return &ProtocolError{Reason: "a binary frame"}
	case h.Length > int64(r.rules.MaxMessage):
		return tooBig(fmt.Sprintf("a frame of %d bytes is over the limit of %d", h.Length, r.rules.MaxMessage))
	}
	return nil
}
