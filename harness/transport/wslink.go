package transport

import (
	"io"
	"time"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

var wsProtocol = streamProtocol{
	transport: wire.WS,
	frame:     func(b, body []byte) []byte { return websocket.Server.Frame(websocket.OpText, body).Append(b) },
	goodbye:   websocket.Goodbye().Append(nil),
	goingAway: websocket.Server.Frame(websocket.OpClose, websocket.ClosePayload(websocket.CloseGoingAway, "the server stops")).Append(nil),
	serve:     serveWebSocket,
}

// webSocketLink reads the stream of one link for serveWebSocket.
type webSocketLink struct {
	*streamLink
	buffer []byte
	in     []byte // read, but not handled yet; part of buffer
}

// serveWebSocket makes the handshake and reads frames (§2). A frame that breaks a rule
// is answered with a close frame and ends the link with a *websocket.ProtocolError.
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
	if broken, ok := err.(*websocket.ProtocolError); ok {
		l.out.finish(l.quirks.Violations.AppendClose(nil, broken))
	}
	return err
}

// fill reads more bytes into in, which has to be empty.
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
			return l.ignore()
		}
		return l.answer(answer, err)
	}
}

// answer writes the answer to a request, and returns the reason for its refusal, if
// there is one.
func (l *webSocketLink) answer(text string, reason error) error {
	err := l.conn.SetWriteDeadline(time.Now().Add(WriteTimeout))
	if err == nil {
		_, err = io.WriteString(l.conn, text)
	}
	if reason == nil && err != nil {
		return closeError(err, false)
	}
	return reason
}

// ignore does not answer a request, and reads until the connection ends (§2).
func (l *webSocketLink) ignore() error {
	_, err := io.Copy(io.Discard, l.conn)
	if err == nil {
		err = io.EOF
	}
	return closeError(err, false)
}

// readFrames reports messages and answers control frames until the stream ends.
func (l *webSocketLink) readFrames(h Handler) error {
	messages := websocket.NewReader(websocket.Server, websocket.Rules{
		MaxMessage: l.limit, Fragments: l.quirks.Fragments, ReservedBitsIgnored: l.quirks.ReservedBitsIgnored,
	})
	for {
		opcode, payload, ok, err := messages.Next(&l.in)
		if err == nil && !ok {
			if err = l.fill(); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		switch answer, _ := websocket.Server.Answer(opcode, payload); opcode {
		case websocket.OpText:
			if !l.deliver(h, payload) {
				return nil
			}
		case websocket.OpPing: // does not count as activity (§2), so it is not reported
			l.out.add(answer.Append)
		case websocket.OpClose:
			l.out.finish(answer.Append(nil))
			return &CloseError{Reason: ByPeer, Code: websocket.ParseClose(payload)}
		}
	}
}
