package transport

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"imcheck/harness/bounds"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// finWait bounds the wait for the FIN after a close frame when Receive has no
// deadline.
const finWait = 10 * time.Second

// WebSocketConn is a client's end of a WebSocket connection.
type WebSocketConn struct {
	// OnControl, when it is set, sees every control frame received, from within
	// Receive. Set it before the first Receive; payload is valid during the call.
	OnControl func(opcode websocket.Opcode, payload []byte)

	clientStream
	messages  websocket.Reader
	deadline  atomic.Bool // Receive has one
	closeSent atomic.Bool
	ended     error // sticky after the peer's close frame
}

func newWebSocketConn(raw net.Conn, o Options) *WebSocketConn {
	rules := websocket.Rules{MaxMessage: o.limit(clientLimit), MaxFragments: bounds.Fragments}
	return &WebSocketConn{clientStream: newClientStream(raw), messages: websocket.NewReader(websocket.Client, rules)}
}

// handshake upgrades the stream.
func (c *WebSocketConn) handshake(host string) error {
	upgrade, request := NewUpgrade(host)
	if _, err := io.WriteString(c.raw, request); err != nil {
		return err
	}
	for {
		if err := c.fill(); err != nil {
			return fmt.Errorf("waiting for the answer to the upgrade: %w", err)
		}
		rest, complete, err := upgrade.Answer(c.in)
		if err != nil || complete {
			c.in = rest
			return err
		}
	}
}

// Transport is wire.WS.
func (c *WebSocketConn) Transport() wire.Transport { return wire.WS }

// SetReceiveDeadline bounds Receive; the zero time lifts the bound.
func (c *WebSocketConn) SetReceiveDeadline(t time.Time) error {
	c.deadline.Store(!t.IsZero())
	return c.clientStream.SetReceiveDeadline(t)
}

// Send writes one text frame.
func (c *WebSocketConn) Send(body []byte) error {
	return c.WriteFrame(websocket.Client.Frame(websocket.OpText, body))
}

// WriteFrame writes one frame as it is, be it valid or not. After a close frame
// this end sends no further one by itself.
func (c *WebSocketConn) WriteFrame(f websocket.Frame) error {
	if f.Opcode == websocket.OpClose {
		c.closeSent.Store(true)
	}
	return c.write(writeTimeout, f.Append)
}

// Receive returns the next text message, put together when it was fragmented,
// and answers pings on the way. After a close frame it waits for the FIN until
// the deadline, so that both are one event: a *CloseError that is ByPeer, with
// ErrNoFIN in it when there was none.
func (c *WebSocketConn) Receive() ([]byte, error) {
	if c.ended != nil {
		return nil, c.ended
	}
	for {
		opcode, payload, ok, err := c.messages.Next(&c.in)
		switch {
		case err != nil:
			return nil, &CloseError{Reason: Broken, Err: err}
		case !ok:
			if err := c.fill(); err != nil {
				if c.messages.Pending() {
					err = midMessage(err)
				}
				return nil, err
			}
		case opcode == websocket.OpText:
			return payload, nil
		default:
			c.control(opcode, payload)
			if c.ended != nil {
				return nil, c.ended
			}
		}
	}
}

// control handles a control frame; a close frame ends the connection.
func (c *WebSocketConn) control(opcode websocket.Opcode, payload []byte) {
	if c.OnControl != nil {
		c.OnControl(opcode, payload)
	}
	switch answer, _ := websocket.Client.Answer(opcode, payload); opcode {
	case websocket.OpPing:
		// If the pong cannot be written, reading on tells why.
		_ = c.WriteFrame(answer)
	case websocket.OpClose:
		code := websocket.ParseClose(payload)
		c.sendClose(writeTimeout, answer)
		ended := &CloseError{Reason: ByPeer, Code: code, Err: c.awaitFIN()}
		if c.closed.Load() { // it answers the close frame of Close
			ended = &CloseError{Reason: ByUs}
		}
		c.ended = ended
	}
}

// sendClose writes a close frame unless there was one already. A peer that is
// gone does not miss it, so an error is of no interest.
func (c *WebSocketConn) sendClose(within time.Duration, f websocket.Frame) {
	if c.closeSent.Swap(true) {
		return
	}
	_ = c.write(within, f.Append)
}

// awaitFIN reads up to the end of the stream after a close frame. It returns
// nil for a FIN, else what there was instead. Further control frames may come
// first: some servers send a close frame for the violation and one of their own
// (§2).
func (c *WebSocketConn) awaitFIN() error {
	if !c.deadline.Load() {
		_ = c.raw.SetReadDeadline(time.Now().Add(finWait))
	}
	for {
		opcode, payload, ok, err := c.messages.Next(&c.in)
		switch {
		case err != nil:
			return err
		case ok && opcode == websocket.OpText:
			return &websocket.ProtocolError{Reason: "a message after the close frame"}
		case ok:
			if c.OnControl != nil {
				c.OnControl(opcode, payload)
			}
			continue
		}
		err = c.fill()
		if ended, ok := errors.AsType[*CloseError](err); ok {
			switch ended.Reason {
			case ByPeer:
				if c.messages.Pending() {
					return ErrMidMessage
				}
				return ended.Err
			case Timeout:
				return ErrNoFIN
			}
			return ended
		}
	}
}

// Close sends a close frame with code 1000, then FIN. It does not wait for the
// peer's answer.
func (c *WebSocketConn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	// A Send that is stuck holds the write lock: this bounds it.
	_ = c.raw.SetWriteDeadline(time.Now().Add(farewellTimeout))
	c.sendClose(farewellTimeout, websocket.Client.Frame(websocket.OpClose, websocket.ClosePayload(websocket.CloseNormal, "")))
	return c.end()
}
