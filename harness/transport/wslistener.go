package transport

import (
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
)

var wsProtocol = streamProtocol{
	transport: wire.WS,
	frame:     func(b, body []byte) []byte { return appendServerFrame(b, ws.OpText, body) },
	goodbye:   appendServerFrame(nil, ws.OpClose, closePayloadWith(normalClosure, goodbyeText)),
	serve:     serveWebSocket,
}

// goodbyeText is the text of a close frame with which the server closes (§2).
const goodbyeText = "Bye"

func appendServerFrame(b []byte, opcode ws.OpCode, payload []byte) []byte {
	return Frame{Fin: true, Opcode: byte(opcode), Payload: payload}.Append(b)
}

// webSocketLink reads one link's stream for serveWebSocket.
type webSocketLink struct {
	*streamLink
	buffer    []byte
	in        []byte // read, but not yet taken; part of buffer
	message   []byte // what has come of a fragmented message
	fragments bool   // its last fragment has not come
}

// serveWebSocket makes the handshake and reads frames (§2). A frame that breaks
// the rules is answered with a close frame and ends the link with a
// *ProtocolError.
func serveWebSocket(link *streamLink, h Handler) error {
	l := &webSocketLink{streamLink: link, buffer: make([]byte, readSize)}
	if err := l.handshakeTLS(); err != nil {
		return err
	}
	if err := l.handshake(); err != nil {
		return err
	}
	l.out.release()
	err := l.readFrames(h)
	if broken, ok := err.(*ProtocolError); ok {
		l.out.finish(l.farewell(broken))
	}
	return err
}

// farewell is what the server closes with on a broken rule: code 1000 for a frame
// that only this server does not take, else what RFC 6455 says, or the quirk (§2).
func (l *webSocketLink) farewell(broken *ProtocolError) []byte {
	if broken.Code == 0 || l.quirks.Violations == ClosedWith1000 {
		return l.protocol.goodbye
	}
	b := appendServerFrame(nil, ws.OpClose, closePayloadWith(broken.Code, broken.Reason))
	if l.quirks.Violations == ClosedTwice {
		b = append(b, l.protocol.goodbye...)
	}
	return b
}

// fill reads more bytes into in, which has to be used up.
func (l *webSocketLink) fill() error {
	n, err := l.conn.Read(l.buffer)
	l.in = l.buffer[:n]
	if n > 0 || err == nil {
		return nil
	}
	return closeError(err, false)
}

// handshake reads the request and answers it.
func (l *webSocketLink) handshake() error {
	for request := (head{}); ; {
		if err := l.fill(); err != nil {
			return err
		}
		rest, complete, err := request.add(l.in)
		if err != nil {
			return l.answer(badRequest, err)
		}
		if !complete {
			continue
		}
		l.in = rest
		answer, outcome, err := answerUpgrade(request.reader(), l.quirks)
		if outcome == ignored {
			return l.stayMute()
		}
		return l.answer(answer, err)
	}
}

// answer writes the answer to a request; reason is why it is refused, if it is.
func (l *webSocketLink) answer(text string, reason error) error {
	err := l.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err == nil {
		_, err = io.WriteString(l.conn, text)
	}
	if reason == nil && err != nil {
		return closeError(err, false)
	}
	return reason
}

// stayMute leaves a request without any answer until someone closes (§2).
func (l *webSocketLink) stayMute() error {
	_, err := io.Copy(io.Discard, l.conn)
	if err == nil {
		err = io.EOF
	}
	return closeError(err, false)
}

func (l *webSocketLink) readFrames(h Handler) error {
	frames := frameSplitter{check: l.checkHeader}
	for {
		header, payload, ok, err := frames.next(&l.in)
		if err == nil && !ok {
			if err = l.fill(); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		switch header.OpCode {
		case ws.OpText, ws.OpContinuation:
			message, complete := l.assemble(header, payload)
			switch {
			case !complete:
			case !utf8.Valid(message):
				return &ProtocolError{Reason: "invalid UTF-8 in a text message"}
			case !l.deliver(h, message):
				return nil
			}
		case ws.OpPing: // no activity (§2), so it is not reported
			l.out.add(func(b []byte) []byte { return appendServerFrame(b, ws.OpPong, payload) })
		case ws.OpClose:
			code := CloseCode(payload)
			l.out.finish(l.answerClose(code, payload))
			return &CloseError{Reason: ByPeer, Code: code}
		}
	}
}

// answerClose answers a client's close frame with its own code and text. A code
// that may not be sent cannot be returned (§2).
func (l *webSocketLink) answerClose(code uint16, payload []byte) []byte {
	if len(payload) > 0 && !mayBeSent(code) {
		return l.protocol.goodbye
	}
	return appendServerFrame(nil, ws.OpClose, payload)
}

// assemble adds a data frame to the message it belongs to (RFC 6455 §5.4).
func (l *webSocketLink) assemble(h ws.Header, payload []byte) (message []byte, complete bool) {
	if l.quirks.Fragments == AsMessages {
		l.fragments = !h.Fin
		return payload, true
	}
	message = payload
	if l.fragments || !h.Fin {
		l.message = append(l.message, payload...)
		message = l.message
	}
	if l.fragments = !h.Fin; l.fragments {
		return nil, false
	}
	l.message = nil
	return message, true
}

// checkHeader refuses frames that close the connection (§2).
func (l *webSocketLink) checkHeader(h ws.Header) error {
	data := h.OpCode == ws.OpText || h.OpCode == ws.OpContinuation
	switch {
	case !h.Masked:
		return violation("an unmasked frame")
	case data && l.fragments != (h.OpCode == ws.OpContinuation):
		return violation("a fragment out of order")
	case h.OpCode == ws.OpClose && h.Length == 1:
		return violation("a close frame with half a code")
	case data && l.quirks.Fragments == Refused && !h.Fin, l.quirks.Fragments == AsMessages && h.OpCode == ws.OpContinuation:
		return &ProtocolError{Reason: "a fragmented message"}
	case data && int64(len(l.message))+h.Length > int64(l.limit):
		return tooLarge(fmt.Sprintf("a message is over the limit of %d bytes", l.limit))
	}
	return checkFrame(h, l.limit, l.quirks.ReservedBitsIgnored)
}
