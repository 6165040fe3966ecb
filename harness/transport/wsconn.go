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

// finWait bounds the wait for the FIN after a close frame if Receive has no deadline.
const finWait = 10 * time.Second

// answerDelay is the time for the FIN to follow the peer's close frame, before that is
// answered. A proxy that has closed both ends by then resets the stream when the answer
// comes, and the reset would hide the FIN.
const answerDelay = 50 * time.Millisecond

// webSocketConn is one end of a WebSocket connection, a FrameConn: the client's, or the
// server's of an Acceptor.
type webSocketConn struct {
	clientStream
	role      websocket.Role
	onControl func(opcode websocket.Opcode, payload []byte)
	rules     websocket.Rules
	messages  websocket.Reader
	deflate   *Deflation  // agreed; nil for none
	deadline  atomic.Bool // Receive has one
	closeSent atomic.Bool
	ended     error // the result of every Receive after the peer's close frame
}

func newWebSocketConn(raw net.Conn, o Options) *webSocketConn {
	rules := websocket.Rules{MaxMessage: o.limit(clientLimit), MaxFragments: bounds.Fragments}
	return &webSocketConn{
		clientStream: newClientStream(raw),
		role:         websocket.Client,
		rules:        rules,
		onControl:    func(websocket.Opcode, []byte) {},
	}
}

// handshake upgrades the stream.
func (c *webSocketConn) handshake(host string, r UpgradeRequest) error {
	upgrade, request := NewUpgrade(host, r)
	if _, err := io.WriteString(c.raw, request); err != nil {
		return err
	}
	for {
		if err := c.fill(); err != nil {
			return fmt.Errorf("waiting for the answer to the upgrade: %w", err)
		}
		rest, complete, err := upgrade.Answer(c.in)
		if err != nil || complete {
			c.in, c.deflate = rest, upgrade.Deflation()
			c.messages = c.deflate.Reader(c.rules)
			return err
		}
	}
}

// Transport is wire.WS.
func (c *webSocketConn) Transport() wire.Transport { return wire.WS }

// SetReceiveDeadline bounds Receive; the zero time removes the bound.
func (c *webSocketConn) SetReceiveDeadline(t time.Time) error {
	c.deadline.Store(!t.IsZero())
	return c.clientStream.SetReceiveDeadline(t)
}

// Send writes one text frame.
func (c *webSocketConn) Send(body []byte) error {
	if c.role == websocket.Server {
		return c.WriteFrame(c.role.Frame(websocket.OpText, body))
	}
	return c.WriteFrame(c.deflate.Frame(body))
}

// OnControl adds a hook for control frames.
func (c *webSocketConn) OnControl(hook func(opcode websocket.Opcode, payload []byte)) {
	earlier := c.onControl
	c.onControl = func(opcode websocket.Opcode, payload []byte) {
		hook(opcode, payload)
		earlier(opcode, payload)
	}
}

// WriteFrame writes one frame as it is, valid or not. After a close frame
// this end sends no further one by itself.
func (c *webSocketConn) WriteFrame(f websocket.Frame) error {
	if f.Opcode == websocket.OpClose {
		c.closeSent.Store(true)
	}
	return c.write(WriteTimeout, f.Append)
}

// Receive returns the next text message, reassembled if it was fragmented, and answers
// the pings before it. After a close frame it waits for the FIN until the deadline, so
// that both are one event: a *CloseError that is ByPeer, with ErrNoFIN if there was no
// FIN.
func (c *webSocketConn) Receive() ([]byte, error) {
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
func (c *webSocketConn) control(opcode websocket.Opcode, payload []byte) {
	c.onControl(opcode, payload)
	switch answer, _ := c.role.Answer(opcode, payload); opcode {
	case websocket.OpPing:
		// If the pong cannot be written, the next read returns the error.
		_ = c.WriteFrame(answer)
	case websocket.OpClose:
		code := websocket.ParseClose(payload)
		later := time.AfterFunc(answerDelay, func() { c.sendClose(WriteTimeout, answer) })
		ended := &CloseError{Reason: ByPeer, Code: code, Err: c.awaitFIN()}
		if later.Stop() {
			c.sendClose(WriteTimeout, answer)
		}
		if c.closed.Load() { // it answers our own close frame
			ended = &CloseError{Reason: ByUs}
		}
		c.ended = ended
	}
}

// sendClose writes a close frame unless one was sent already. It ignores errors, as a
// peer that is gone does not need one.
func (c *webSocketConn) sendClose(within time.Duration, f websocket.Frame) {
	if c.closeSent.Swap(true) {
		return
	}
	_ = c.write(within, f.Append)
}

// awaitFIN reads to the end of the stream after a close frame. It returns nil for a
// FIN, else what happened instead. Further control frames may come first: some servers
// send a close frame for the violation and then their usual one (§2).
func (c *webSocketConn) awaitFIN() error {
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
			c.onControl(opcode, payload)
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
func (c *webSocketConn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	// This bounds a stuck Send, which holds the write lock.
	_ = c.raw.SetWriteDeadline(time.Now().Add(CloseTimeout))
	c.sendClose(CloseTimeout, c.role.Frame(websocket.OpClose, websocket.ClosePayload(websocket.CloseNormal, "")))
	return c.end()
}
