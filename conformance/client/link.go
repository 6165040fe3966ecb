package client

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/record"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// Link is the server's end of a connection of the client; on UDP it is one address of it.
type Link struct {
	scene *Scene
	label string
	conn  *record.Conn
	raw   net.Conn // below it; nil on UDP

	// Guarded by the scene's lock.
	loggedIn time.Time // zero before
	asked    bool      // a login came
	over     time.Time // when the client had to stop its keep-alives; zero when it need not
	ended    time.Time // zero while it is there
}

// read notes what comes, and answers keep-alives.
func (l *Link) read() {
	s := l.scene
	for {
		body, err := l.conn.Receive()
		e := &Entry{At: time.Now(), Link: l, Body: bytes.Clone(body)}
		if err != nil {
			if !errors.As(err, &e.End) {
				e.End = &transport.CloseError{Reason: transport.Broken, Err: err}
			}
			s.mu.Lock()
			l.ended = e.At
			s.mu.Unlock()
			if e.End.Reason == transport.ByUs {
				return
			}
			_ = l.conn.Close()
			s.note(e)
			return
		}
		m, invalid := wire.Decode(e.Body)
		e.Message, e.Invalid = m, invalid
		if invalid == nil && m.Type == wire.TypeLogin {
			s.mu.Lock()
			l.asked = true
			s.mu.Unlock()
		}
		refused := invalid == nil && l.refuses(m)
		if refused {
			e.accounted = true
			l.Send(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, m))
		}
		s.note(e) // it belongs to the case from here on
		if invalid == nil && m.Type == wire.TypeKeepAlive && !refused && s.answering.Load() {
			l.Send(wire.NewKeepAliveResponse(m.From.Value()))
		}
	}
}

// refuses reports whether a message gets error 301, as the server knows nobody on the link.
func (l *Link) refuses(m wire.Message) bool {
	l.scene.mu.Lock()
	defer l.scene.mu.Unlock()
	return l.scene.refusing && l.loggedIn.IsZero() && m.Type != wire.TypeLogin
}

// StopReading leaves everything unread that the client sends on its stream from now on.
func (l *Link) StopReading() time.Time {
	l.scene.Transcript.Remark(l.label, "the server stops reading")
	if stream, ok := l.raw.(*gatedStream); ok {
		stream.stopReading()
	}
	return time.Now()
}

// watchControl notes the pongs that come, and answers a close frame; only WebSocket has any.
func (l *Link) watchControl(conn transport.Conn) {
	socket, ok := conn.(transport.FrameConn)
	if !ok {
		return
	}
	socket.OnControl(func(opcode websocket.Opcode, payload []byte) {
		switch opcode {
		case websocket.OpPong:
			l.scene.note(&Entry{Link: l, Pong: true, Body: bytes.Clone(payload)})
		case websocket.OpClose:
			l.answerClose(payload)
		}
	})
}

// answerClose ends the stream from this side too, as a server does: a browser waits for
// that (RFC 6455, section 7.1.1).
func (l *Link) answerClose(payload []byte) {
	l.SendFrame(websocket.Server.Frame(websocket.OpClose, payload))
	if half, ok := l.conn.Raw().(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // as in SendBody
	}
}

// ExpectPong waits for a pong with a payload.
func (l *Link) ExpectPong(payload string) {
	expected := fmt.Sprintf("a pong with the payload %q", payload)
	l.scene.Expect(expected, time.Now().Add(l.scene.replyTime()), func(e *Entry) bool { return e.Link == l && e.Pong && string(e.Body) == payload })
}

// Send sends a message.
func (l *Link) Send(m wire.Message) time.Time { return l.SendBody(m.Append(nil)) }

// SendBody sends one message of any bytes, framed for the transport.
func (l *Link) SendBody(body []byte) time.Time {
	at := time.Now()
	_ = l.conn.Send(body) // a link that has ended shows that to the reader
	return at
}

// SendBytes writes bytes on the stream below any framing.
func (l *Link) SendBytes(b []byte) {
	_, _ = l.conn.Raw().Write(b) // as in SendBody
}

// SendFrame writes one WebSocket frame, valid or not.
func (l *Link) SendFrame(f websocket.Frame) {
	_ = l.conn.WriteFrame(f) // as in SendBody
}

// Close closes the link as a server does.
func (l *Link) Close() time.Time {
	at := time.Now()
	_ = l.conn.Close() // as in SendBody
	return at
}

// Reset drops the link with a reset.
func (l *Link) Reset() time.Time {
	at := time.Now()
	_ = l.conn.Abort() // as in SendBody
	return at
}

// EndedAt returns when the client ended the link; ok is false when it did not.
func (l *Link) EndedAt() (at time.Time, ok bool) {
	l.scene.mu.Lock()
	defer l.scene.mu.Unlock()
	return l.ended, !l.ended.IsZero()
}

// AwaitKeepAlives waits up to a moment until so many keep-alives have come on the link since
// the login on it, and returns when they came.
func (l *Link) AwaitKeepAlives(count int, until time.Time) (times []time.Time) {
	s, started := l.scene, time.Now()
	s.Begun()
	s.await(until, func() (bool, <-chan struct{}) {
		s.mu.Lock()
		defer s.mu.Unlock()
		times = l.keepAlives()
		return len(times) >= count, s.changed
	})
	if len(times) < count {
		s.Overdue(started, fmt.Sprintf("%d keep-alives", count), false, fmt.Sprintf("; %d came since the login", len(times)))
	}
	return times[:count]
}

// keepAlives returns when keep-alives have come on the link since the login on it; the lock
// is held.
func (l *Link) keepAlives() (times []time.Time) {
	for _, e := range l.scene.log {
		if e.Link == l && e.Is(wire.TypeKeepAlive) && !e.At.Before(l.loggedIn) {
			times = append(times, e.At)
		}
	}
	return times
}
