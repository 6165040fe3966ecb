package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/gobwas/ws"

	"imcheck/conformance/suite"
	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// SendBytes writes bytes on the stream below any framing.
func (p *Peer) SendBytes(b []byte) time.Time {
	at := time.Now()
	p.byHand = true
	_, _ = p.conn.Raw().Write(b) // an error shows on the receiving side too
	return at
}

// SendFrame writes one WebSocket frame, valid or not.
func (p *Peer) SendFrame(f websocket.Frame) time.Time {
	p.lastSent, p.byHand = time.Now(), true
	_ = p.conn.WriteFrame(f) // an error shows on the receiving side too
	return p.lastSent
}

// clip shortens a text that came from the target to a length that fits a report.
func clip(b []byte) []byte {
	const most = 400
	if len(b) > most {
		return append(append([]byte(nil), b[:most]...), "…"...)
	}
	return b
}

// withoutStamp removes the last field of a message, which is sm.
func withoutStamp(body []byte) []byte {
	if i := bytes.LastIndex(body, []byte(`"sm":`)); i >= 0 {
		return body[:i]
	}
	return body
}

// maxPongs bounds the pongs that wait until a case asks for them.
const maxPongs = 16

// maxCloseFrames bounds the close frames that are kept: one more than any server may
// send.
const maxCloseFrames = 3

// maxPings bounds the pings on a connection. Each of them is answered, so that an
// endless number would keep the connection busy.
const maxPings = 4096

// watchControl keeps the pongs and close frames that come in, and counts the pings;
// only WebSocket has any.
func (p *Peer) watchControl(conn transport.Conn) {
	socket, ok := conn.(transport.FrameConn)
	if !ok {
		return
	}
	socket.OnControl(func(opcode websocket.Opcode, payload []byte) {
		switch ws.OpCode(opcode) {
		case ws.OpClose: // read after the end of the connection has been taken
			if len(p.closeFrames) < maxCloseFrames {
				p.closeFrames = append(p.closeFrames, bytes.Clone(payload))
			}
		case ws.OpPing:
			if p.pings++; p.pings == maxPings {
				_ = conn.Abort() // the reader learns of it
			}
		case ws.OpPong:
			select {
			case p.pongs <- bytes.Clone(payload):
			default: // a flood of them; the first are enough to judge
			}
		}
	})
}

// ExpectPong waits for a WebSocket pong with this payload.
func (p *Peer) ExpectPong(payload []byte) {
	started := time.Now()
	timer := time.NewTimer(p.scene.replyTime())
	defer timer.Stop()
	const expected = "a pong with the payload of the ping"
	select {
	case got := <-p.pongs:
		if !bytes.Equal(got, payload) {
			suite.Failf(expected, "a pong with the payload %q", clip(got))
		}
	case <-timer.C:
		p.scene.Overdue(started, expected, false)
	case <-p.scene.Context().Done():
		p.scene.CheckAlive()
	}
}

// OpenStream connects to the target on a stream transport and leaves everything above
// that, the WebSocket handshake included, to the case. Reads and writes end with the
// time for an answer; the stream is closed with the case.
func (s *Scene) OpenStream(t wire.Transport) net.Conn {
	ctx, cancel := context.WithTimeout(s.Context(), s.world.timeouts.Dial)
	defer cancel()
	conn, err := s.Target.DialStream(s.named(ctx, t, "stream"), t)
	if err != nil {
		s.dialFailed(t, err)
	}
	s.Opened++
	s.streams = append(s.streams, conn)
	if config := s.Target.ClientTLS(t); config != nil {
		conn = tls.Client(conn, config)
	}
	_ = conn.SetDeadline(time.Now().Add(s.replyTime())) // fails only on a stream that is gone
	return conn
}
