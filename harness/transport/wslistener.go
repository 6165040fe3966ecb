package transport

import (
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
	buffer []byte
	in     []byte // read, but not yet taken; part of buffer
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
		answer, outcome, err := answerUpgrade(request.reader())
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
		case ws.OpText:
			if !utf8.Valid(payload) {
				return &ProtocolError{"invalid UTF-8 in a text frame"}
			}
			if !l.deliver(h, payload) {
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

// checkHeader refuses what closes a connection at the observed server (§2),
// fragmented messages included.
func (l *webSocketLink) checkHeader(h ws.Header) error {
	switch {
	case !h.Masked:
		return &ProtocolError{"an unmasked frame"}
	case h.OpCode == ws.OpContinuation, h.OpCode == ws.OpText && !h.Fin:
		return &ProtocolError{"a fragmented message"}
	}
	return checkFrame(h, l.limit)
}
