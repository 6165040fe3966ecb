package transport

import "imcheck/protocol/wire"

var tcpProtocol = streamProtocol{
	transport: wire.TCP,
	frame:     wire.AppendFrame,
	serve:     serveTCP,
}

// serveTCP reads frames (§2). A frame whose length is refused ends the link with a
// *wire.FrameError.
func serveTCP(l *streamLink, h Handler) error {
	if err := l.handshakeTLS(); err != nil {
		return err
	}
	l.out.release()
	split := wire.Splitter{Limit: l.limit}
	buffer := make([]byte, readSize)
	for {
		n, readErr := l.conn.Read(buffer)
		for in := buffer[:n]; ; {
			body, ok, err := split.Next(&in)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if !l.deliver(h, body) {
				return nil
			}
		}
		if readErr != nil {
			return closeError(readErr, false)
		}
	}
}
