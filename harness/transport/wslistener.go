package transport

import (
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"imcheck/harness/wire"
)

var wsProtocol = streamProtocol{
	transport: wire.WS,
	frame:     func(b, body []byte) []byte { return appendServerFrame(b, ws.OpText, body) },
	goodbye:   appendServerFrame(nil, ws.OpClose, closePayload(normalClosure)),
	serve:     serveWebSocket,
}

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
// the rules is answered with close code 1000 and ends the link with a
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
	if _, ok := err.(*ProtocolError); ok {
		l.out.finish(l.protocol.goodbye)
	}
	return err
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
				return &ProtocolError{"invalid UTF-8 in a text message"}
			case !l.deliver(h, message):
				return nil
			}
		case ws.OpPing: // no activity (§2), so it is not reported
			l.out.add(func(b []byte) []byte { return appendServerFrame(b, ws.OpPong, payload) })
		case ws.OpClose:
			code := CloseCode(payload)
			l.out.finish(appendServerFrame(nil, ws.OpClose, closePayload(code)))
			return &CloseError{Reason: ByPeer, Code: code}
		}
	}
}

// assemble adds a data frame to the message it belongs to (RFC 6455 §5.4).
func (l *webSocketLink) assemble(h ws.Header, payload []byte) (message []byte, complete bool) {
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

// checkHeader refuses what closes a connection at the observed server (§2); a
// fragmented message does so with the quirk only.
func (l *webSocketLink) checkHeader(h ws.Header) error {
	data := h.OpCode == ws.OpText || h.OpCode == ws.OpContinuation
	switch {
	case !h.Masked:
		return &ProtocolError{"an unmasked frame"}
	case l.quirks.RefuseFragments && (h.OpCode == ws.OpContinuation || data && !h.Fin):
		return &ProtocolError{"a fragmented message"}
	case data && l.fragments != (h.OpCode == ws.OpContinuation):
		return &ProtocolError{"a fragment out of order"}
	case data && int64(len(l.message))+h.Length > int64(l.limit):
		return &ProtocolError{fmt.Sprintf("a message is over the limit of %d bytes", l.limit)}
	}
	return checkFrame(h, l.limit)
}
