package transport

import (
	"net"

	"imcheck/protocol/wire"
)

// clientLimit is the default for the largest message that a client accepts on a stream,
// in bytes. It is generous: an answer may be longer than what the server accepts,
// because its encoder escapes (§1).
const clientLimit = 1 << 20

// tcpConn is a client's end of a TCP connection.
type tcpConn struct {
	clientStream
	split wire.Splitter
}

func newTCPConn(raw net.Conn, o Options) *tcpConn {
	return &tcpConn{
		clientStream: newClientStream(raw),
		split:        wire.Splitter{Limit: o.limit(clientLimit)},
	}
}

func (c *tcpConn) Transport() wire.Transport { return wire.TCP }

func (c *tcpConn) Send(body []byte) error {
	return c.write(WriteTimeout, func(b []byte) []byte { return wire.AppendFrame(b, body) })
}

func (c *tcpConn) Receive() ([]byte, error) {
	for {
		body, ok, err := c.split.Next(&c.in)
		if err != nil {
			return nil, &CloseError{Reason: Broken, Err: err}
		}
		if ok {
			return body, nil
		}
		if err := c.fill(); err != nil {
			if c.split.Pending() > 0 {
				err = midMessage(err)
			}
			return nil, err
		}
	}
}

func (c *tcpConn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.end()
}
