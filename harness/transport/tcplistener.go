package transport

import "imcheck/protocol/wire"

var tcpProtocol = streamProtocol{
	transport: wire.TCP,
	frame:     wire.AppendFrame,
	decoder: func(out *outbox, limit int, _ Quirks) streamDecoder {
		out.release("")
		return &tcpDecoder{wire.Splitter{Limit: limit}}
	},
}

// tcpDecoder reads frames (§2). A frame whose length is refused ends the link with a
// *wire.FrameError.
type tcpDecoder struct{ split wire.Splitter }

func (d *tcpDecoder) decode(in []byte, to streamReceiver) error {
	for {
		body, ok, err := d.split.Next(&in)
		if err != nil || !ok {
			return err
		}
		if !to.deliver(body) {
			return errLinkClosed
		}
	}
}
