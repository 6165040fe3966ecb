package drive

import (
	"context"
	"encoding/binary"
	"net"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

var networkFaults = []Fault{
	{Name: "sent-forgotten-at-login", Does: "forgets at a new login what it has sent and nobody has acknowledged", Effects: sentForgotten},
	{Name: "shown-forgotten-at-login", Does: "shows again after a new login what it has shown before", Effects: shownForgotten},
	{Name: "login-time-forgotten-after-301", Does: "sends first login time 0 after error 301", Both: timeForgotten},
	{Name: "give-up-at-first-miss", Does: "gives up on UDP when one response to its keep-alives is missing", Policy: func(p *client.Policy, c client.Config) {
		if !c.Transport.Connected() {
			p.GiveUp = 2*c.Mode.Heartbeat() - 500*time.Millisecond
		}
	}},
	{Name: "blocks-while-sending", Does: "stands still for a minute after 64 messages without anything from the server", Both: blocksWhileSending},
	{Name: "ack-late-ignored", Does: "ignores an ACK that comes more than 500 ms after the message", Both: lateACKIgnored},
	{Name: "response-late-ignored", Does: "ignores a login response that comes more than 500 ms after the login", Both: lateResponseIgnored},
	{Name: "split-frames-dropped", Does: "takes what one read of a TCP stream returns for whole frames, and drops it otherwise", Network: func(n transport.Network) transport.Network { return wholeFrames{n} }},
}

// lateFrom is the time from which on the impatient faults take an answer for late.
const lateFrom = 500 * time.Millisecond

// sentForgotten reports nothing of messages that were sent before a login, and sends no
// further copy.
func sentForgotten() func([]client.Effect) []client.Effect {
	waiting, forgotten := map[string]bool{}, map[string]bool{}
	return each(func(e client.Effect) []client.Effect {
		fp := e.Message.Fingerprint.Value()
		switch {
		case e.Kind == client.LoggedIn:
			for sent := range waiting {
				forgotten[sent] = true
			}
		case e.Kind == client.Send && e.Message.Type == wire.TypeData && e.Message.QoS, e.Kind == client.Lost:
			if forgotten[fp] {
				return nil
			}
			waiting[fp] = e.Kind == client.Send
		case e.Kind == client.Received:
			delete(waiting, fp)
		}
		return []client.Effect{e}
	})()
}

// shownForgotten shows duplicates of what was shown before the latest login.
func shownForgotten() func([]client.Effect) []client.Effect {
	logins, shown := 0, map[string]int{}
	return mapped(func(e client.Effect) client.Effect {
		fp := e.Message.Fingerprint.Value()
		switch {
		case e.Kind == client.LoggedIn:
			logins++
		case e.Kind == client.Duplicate && shown[fp] < logins:
			e.Kind = client.Delivered
		}
		if e.Kind == client.Delivered {
			shown[fp] = logins
		}
		return e
	})()
}

func timeForgotten() (receiver, changer) {
	refused := false
	forget := loginsChanged(func(l *wire.LoginInfo) {
		if refused {
			l.FirstLoginTime = 0
		}
	})()
	return func(m wire.Message) (wire.Message, bool) {
		body, err := wire.ParseErrorResponse(m.DataContent.Value())
		refused = refused || m.Type == wire.TypeErrorResponse && err == nil && body.Code == wire.CodeServerNotLoggedIn
		return m, true
	}, forget
}

func blocksWhileSending() (receiver, changer) {
	unanswered := 0
	count := sends(wire.TypeData, func(m wire.Message) []wire.Message {
		if unanswered++; unanswered == 64 {
			time.Sleep(time.Minute) // on the goroutine that does everything
		}
		return []wire.Message{m}
	})()
	return func(m wire.Message) (wire.Message, bool) {
		unanswered = 0
		return m, true
	}, count
}

func lateACKIgnored() (receiver, changer) {
	first := map[string]time.Time{}
	note := sends(wire.TypeData, func(m wire.Message) []wire.Message {
		if fp := m.Fingerprint.Value(); first[fp].IsZero() {
			first[fp] = time.Now()
		}
		return []wire.Message{m}
	})()
	return func(m wire.Message) (wire.Message, bool) {
		sent, known := first[m.DataContent.Value()]
		return m, m.Type != wire.TypeReceived || !known || time.Since(sent) <= lateFrom
	}, note
}

func lateResponseIgnored() (receiver, changer) {
	var last time.Time
	note := sends(wire.TypeLogin, func(m wire.Message) []wire.Message {
		last = time.Now()
		return []wire.Message{m}
	})()
	return func(m wire.Message) (wire.Message, bool) {
		return m, m.Type != wire.TypeLoginResponse || time.Since(last) <= lateFrom
	}, note
}

// wholeFrames is a network whose TCP streams return only whole frames.
type wholeFrames struct{ transport.Network }

func (n wholeFrames) DialStream(ctx context.Context, address string) (net.Conn, error) {
	c, err := n.Network.DialStream(ctx, address)
	if err != nil {
		return nil, err
	}
	return &framedStream{Conn: c, buffer: make([]byte, 64<<10)}, nil
}

// framedStream drops what is read of a stream unless it is whole frames. A stream that begins
// with a request of WebSocket is left as it is.
type framedStream struct {
	net.Conn
	buffer, rest []byte
	other        bool
}

func (c *framedStream) Write(b []byte) (int, error) {
	c.other = c.other || len(b) > 0 && b[0] == 'G'
	return c.Conn.Write(b)
}

func (c *framedStream) Read(b []byte) (int, error) {
	for len(c.rest) == 0 {
		n, err := c.Conn.Read(c.buffer)
		if err != nil {
			return 0, err
		}
		if c.rest = c.buffer[:n]; !c.other && !areFrames(c.rest) {
			c.rest = nil
		}
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// areFrames reports whether bytes are whole TCP frames (§2).
func areFrames(b []byte) bool {
	const header = 4
	for len(b) >= header {
		length := int(binary.BigEndian.Uint32(b))
		if length > len(b)-header {
			return false
		}
		b = b[header+length:]
	}
	return len(b) == 0
}
