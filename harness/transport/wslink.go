package transport

import (
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

var wsProtocol = streamProtocol{
	transport: wire.WS,
	frame:     func(b, body []byte) []byte { return websocket.Server.Frame(websocket.OpText, body).Append(b) },
	goodbye:   websocket.Goodbye().Append(nil),
	goingAway: websocket.Server.Frame(websocket.OpClose, websocket.ClosePayload(websocket.CloseGoingAway, "the server stops")).Append(nil),
	decoder: func(out *outbox, limit int, quirks Quirks) streamDecoder {
		return &wsDecoder{out: out, limit: limit, quirks: quirks, request: &head{}}
	},
}

// wsDecoder makes the handshake and reads frames (§2). A frame that breaks a rule is answered
// with a close frame and ends the link with a *websocket.ProtocolError.
type wsDecoder struct {
	out      *outbox
	limit    int
	quirks   Quirks
	request  *head // nil after the handshake
	ignored  bool  // the request has no answer, and nothing that follows it has
	messages websocket.Reader
}

func (d *wsDecoder) decode(in []byte, to streamReceiver) error {
	if d.request != nil {
		rest, done, err := d.handshake(in)
		if err != nil || !done {
			return err
		}
		in = rest
	}
	if d.ignored {
		return nil
	}
	err := d.readFrames(in, to)
	if broken, ok := err.(*websocket.ProtocolError); ok {
		to.settle()
		d.out.finish(d.quirks.Violations.AppendClose(nil, broken))
	}
	return err
}

// handshake reads the request, and answers it once it is complete: then done is true, and rest
// is what follows it.
func (d *wsDecoder) handshake(in []byte) (rest []byte, done bool, err error) {
	rest, done, err = d.request.add(in)
	if err != nil {
		d.out.release(badRequest)
		return nil, false, err
	}
	if !done {
		return nil, false, nil
	}
	answer, outcome, err := answerUpgrade(d.request.reader(), d.quirks)
	d.request = nil
	if d.ignored = outcome == ignored; d.ignored {
		return nil, true, nil // nothing is written: the outbox stays held
	}
	d.out.release(answer)
	d.messages = websocket.NewReader(websocket.Server, websocket.Rules{
		MaxMessage: d.limit, Fragments: d.quirks.Fragments, ReservedBitsIgnored: d.quirks.ReservedBitsIgnored,
	})
	return rest, true, err
}

// readFrames reports messages and answers control frames.
func (d *wsDecoder) readFrames(in []byte, to streamReceiver) error {
	for {
		opcode, payload, ok, err := d.messages.Next(&in)
		if err != nil || !ok {
			return err
		}
		if opcode != websocket.OpText {
			to.settle()
		}
		switch opcode {
		case websocket.OpText:
			if !to.deliver(payload) {
				return errLinkClosed
			}
		case websocket.OpPing: // does not count as activity (§2), so it is not reported
			answer, _ := websocket.Server.Answer(opcode, payload)
			d.out.add(answer.Append)
		case websocket.OpClose:
			answer, _ := websocket.Server.Answer(opcode, payload)
			d.out.finish(answer.Append(nil))
			return &CloseError{Reason: ByPeer, Code: websocket.ParseClose(payload)}
		}
	}
}
