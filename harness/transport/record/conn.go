package record

import (
	"errors"
	"fmt"
	"sync"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
)

// Conn is a connection whose traffic is recorded in a transcript.
type Conn struct {
	transport.Conn
	transcript *Transcript
	label      string

	mu      sync.Mutex
	lastEnd string // the last end of the connection that was recorded
}

// Wrap records c under a label, its control frames included. Wrap a connection
// before its first use.
func (t *Transcript) Wrap(label string, c transport.Conn) *Conn {
	wrapped := &Conn{Conn: c, transcript: t, label: label}
	if socket, ok := c.(transport.FrameConn); ok {
		socket.OnControl(func(opcode websocket.Opcode, payload []byte) {
			t.add(label, Received, controlName(opcode)+" ", payload)
		})
	}
	return wrapped
}

// controlName names a control frame in a transcript.
func controlName(opcode websocket.Opcode) string {
	switch opcode {
	case websocket.OpClose:
		return "close frame"
	case websocket.OpPing, websocket.OpPong:
		return opcode.String()
	}
	return fmt.Sprintf("control frame %d", opcode)
}

// Remark records a remark about this connection.
func (c *Conn) Remark(text string) { c.transcript.Remark(c.label, text) }

// Send records a message before it is written, so that its answer follows it in the
// transcript.
func (c *Conn) Send(body []byte) error {
	c.transcript.add(c.label, Sent, "", body)
	return c.noteFailure("send", c.Conn.Send(body))
}

// Receive records a message, or the end of the connection. It does not record an
// expired deadline, which does not show on the wire.
func (c *Conn) Receive() ([]byte, error) {
	body, err := c.Conn.Receive()
	if err == nil {
		c.transcript.add(c.label, Received, "", body)
		return body, nil
	}
	ended, ok := errors.AsType[*transport.CloseError](err)
	if !ok || ended.Reason != transport.Timeout && ended.Reason != transport.ByUs {
		c.noteEnd(err.Error())
	}
	return body, err
}

// noteEnd records the end once, however often Receive repeats it.
func (c *Conn) noteEnd(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lastEnd != text {
		c.lastEnd = text
		c.Remark(text)
	}
}

// Close records that this end closes.
func (c *Conn) Close() error {
	c.Remark("this end closes")
	return c.noteFailure("close", c.Conn.Close())
}

// Abort records that this end aborts.
func (c *Conn) Abort() error {
	c.Remark("this end aborts")
	return c.noteFailure("abort", c.Conn.Abort())
}

// WriteFrame records and writes one WebSocket frame as it is, valid or not. On other
// transports it fails with errors.ErrUnsupported.
func (c *Conn) WriteFrame(f websocket.Frame) error {
	socket, ok := c.Conn.(transport.FrameConn)
	if !ok {
		return fmt.Errorf("write a WebSocket frame on %s: %w", c.Transport(), errors.ErrUnsupported)
	}
	c.transcript.add(c.label, Sent, fmt.Sprintf("frame fin=%t rsv=%d opcode=%d masked=%t ", f.Fin, f.RSV, f.Opcode, f.Masked), f.Payload)
	return c.noteFailure("write frame", socket.WriteFrame(f))
}

func (c *Conn) noteFailure(what string, err error) error {
	if err != nil {
		c.Remark(what + " failed: " + err.Error())
	}
	return err
}
