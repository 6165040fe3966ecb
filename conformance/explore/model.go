package explore

import (
	"bytes"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"imcheck/harness/target"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// application is the place of what the application is told among the connections.
const application = -1

// observation is one thing that a server did: a message or an end on a connection, or an
// event of its application.
type observation struct {
	at          time.Duration // since the start of the conversation
	conn        int           // or application
	text        string        // without what differs from server to server
	kind        string        // what it is, whatever it says: such as "message 52 with code 301"
	fingerprint string        // of the message that came, or that an event names

	// Of an event: whom it names, its message, and who sent that. In another's name
	// a server may give either as the user, and the contract lets it leave out the user
	// and the message.
	user, sender, message string

	// Of an end: the close frames that came, or may come, and whether it was, or may be, a reset.
	closes []string
	reset  bool

	// Of what the model expects: why its time is exact, or may be off.
	expired bool // the end of a session that was silent for its expiry time (§3)
	swept   bool // sent by a sweep, whose phase is the server's own (§4)
	inOrder bool // a response, which comes in the order of what it answers (§7 Order)
}

const ended = "the connection ends"

// model is the rules, played a conversation.
type model struct {
	strict bool // see modelled
	before bool
	parts  websocket.Fragments
	path   pathAnswer
	query  pathAnswer
	server *server.Server
	start  time.Time
	conns  map[int]*modelConn
	given  map[string]int64
	out    []observation
	ticked bool
	doing  *performed // the step being done
	cover  *coverage  // nil for none
}

type modelConn struct {
	on      wire.Transport
	session *server.Session
	over    bool
}

// newModel returns the model with a choice. What it leaves to each time anew is as in h,
// which is nil when there is nothing to follow.
func newModel(modes timing.Modes, app server.Application, stamps bool, c choice, h *history) *model {
	start := time.UnixMilli(1_800_000_000_000)
	with := c.modelled()
	config := server.Config{Application: app, Policy: server.DefaultPolicy(modes), Limits: server.DefaultLimits, Stamp: stamps, Quirks: with.quirks}
	if h != nil {
		config.Quirks.Takeover = func(user string, now time.Time) (reported, lost bool) {
			return h.takeoverAt(user, now.Sub(start), with)
		}
	}
	if with.asSeen {
		config.Policy.RetransmitAfter = func(m wire.Message, sent time.Time) time.Duration {
			return h.retransmittedAfter(m.Fingerprint.Value(), sent.Sub(start))
		}
	}
	return &model{
		strict: with.strict, before: with.before, parts: with.fragments, path: with.path, query: with.query, server: server.NewServer(config, start.Add(-with.phase)), start: start,
		conns: map[int]*modelConn{}, given: map[string]int64{},
	}
}

// advance lets time pass, up to a time, or with it.
func (m *model) advance(to time.Duration, with bool) {
	if with {
		to++
	}
	m.ticked = true
	for next := m.server.Next(); !next.IsZero() && next.Sub(m.start) < to; next = m.server.Next() {
		m.collect(next.Sub(m.start), m.server.Tick(next))
	}
	m.ticked = false
}

// play does one step.
func (m *model) play(p *performed) {
	m.advance(p.at, m.before)
	m.doing = p
	now := m.start.Add(p.at)
	c := m.conns[p.step.Conn]
	switch p.step.Do {
	case Wait:
	case Open:
		c = &modelConn{on: p.on}
		m.conns[p.step.Conn] = c
		if p.on.Connected() {
			c.session = m.server.Open(now, p.on, p.step.Conn, p.step.Conn)
		}
	case Close:
		c.over = true
		if p.on.Connected() {
			m.collect(p.at, m.server.Closed(now, c.session))
		}
	case Push:
		effects, _ := m.server.Push(now, p.message)
		m.collect(p.at, effects)
	case Kick:
		effects, _ := m.server.Kick(now, p.message.To.Value(), p.step.kickout())
		m.collect(p.at, effects)
	case Frame:
		m.frame(p, c, now)
	case Handshake:
		if answer := m.answer(handshakes[p.step.Kind]); answer != "" {
			m.out = append(m.out, answered(p.at, p.step.Kind, answer))
		}
	default:
		m.receive(p, c, now)
	}
}

// closesOf are the close frames with which a server closes by itself.
func closesOf(on wire.Transport) []string {
	if on == wire.WS {
		return bye
	}
	return nil
}

// frame plays what the law makes of a frame.
func (m *model) frame(p *performed, c *modelConn, now time.Time) {
	if c.over {
		return
	}
	if p.framing.refused && m.strict {
		m.end(p, c, now, violation, true)
		return
	}
	for _, body := range p.framing.messages {
		p.body = body
		m.receive(p, c, now)
	}
	if len(p.framing.parts) > 0 {
		m.fragments(p, c, now)
	}
	switch {
	case c.over:
	case p.framing.pong != "":
		m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: p.framing.pong, kind: "pong"})
	case p.framing.ends:
		m.end(p, c, now, p.framing.closes, p.framing.resets)
	}
}

// fragments plays what a server makes of a message in fragments.
func (m *model) fragments(p *performed, c *modelConn, now time.Time) {
	switch m.parts {
	case websocket.Reassembled:
		p.body = bytes.Join(p.framing.parts, nil)
		m.receive(p, c, now)
		return
	case websocket.AsMessages: // the first is a message or a bad one, no other is expected
		p.body = p.framing.parts[0]
		if m.receive(p, c, now); c.over {
			m.out[slices.IndexFunc(m.out, func(o observation) bool { return o.conn == p.step.Conn && o.kind == ended })].reset = true // the others are unread
		}
	}
	if !c.over {
		m.end(p, c, now, bye, true)
	}
}

// end ends a connection for what came on it, before the rules get to see that.
func (m *model) end(p *performed, c *modelConn, now time.Time, closes []string, reset bool) {
	c.over = true
	m.cover.note(belowRules)
	m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: ended, kind: ended, closes: closes, reset: reset})
	m.collect(p.at, m.server.Closed(now, c.session))
}

func (m *model) receive(p *performed, c *modelConn, now time.Time) {
	if c.over {
		return
	}
	if !c.on.Connected() && (c.session == nil || c.session.Ended()) {
		c.session = m.server.Open(now, c.on, p.step.Conn, p.step.Conn)
	}
	body := p.body
	if c.on == wire.WS && !utf8.Valid(body) { // no frame of text holds it (§2)
		m.end(p, c, now, bye, false)
		return
	}
	if p.step.Do == Login {
		body = p.login(claimed(p.step.Claim, m.given[p.user])).Append(nil)
	}
	m.collect(p.at, m.server.Receive(now, c.session, server.Read(body)))
}

// claimed is the first login time of a login, by what the server gave the user last.
func claimed(c Claim, given int64) int64 {
	switch {
	case c == NoClaim || given == 0:
		return 0
	case c == Earlier:
		return given - 1000
	case c == Later:
		return given + 1000
	}
	return given
}

func (m *model) collect(at time.Duration, effects []server.Effect) {
	m.covers(effects)
	for _, e := range effects {
		switch e.Kind {
		case server.Send:
			conn := e.Session.Link.(int)
			if response, err := wire.ParseLoginResponse(e.Message.DataContent.Value()); err == nil && e.Message.Type == wire.TypeLoginResponse && response.Code == 0 {
				m.given[e.Message.To.Value()] = response.FirstLoginTime
			}
			if e.Message.ServerTime > 0 {
				e.Message.ServerTime = freshStamp
			}
			if c := m.conns[conn]; !c.over {
				m.out = append(m.out, observation{at: at, conn: conn, text: messageText(e.Message), kind: messageKind(e.Message), inOrder: isResponse(e.Message.Type) && c.on.Connected(), swept: m.ticked && e.Message.Type == wire.TypeData})
			}
		case server.Close:
			conn := e.Session.Link.(int)
			if c := m.conns[conn]; c.on.Connected() && !c.over {
				c.over = true
				m.out = append(m.out, observation{at: at, conn: conn, text: ended, kind: ended, expired: e.Expired(), closes: closesOf(c.on)})
			}
		case server.Report:
			o := observationOf(e.Event)
			o.at, o.swept = at, m.ticked && e.Event.Kind == server.EventLost
			m.out = append(m.out, o)
		}
	}
}

// freshStamp stands for a stamp that has the server's clock at the time of the message.
const freshStamp = 0

// isResponse reports whether a message of a type answers its receiver.
func isResponse(t wire.Type) bool {
	return t == wire.TypeLoginResponse || t == wire.TypeKeepAliveResponse || t == wire.TypeErrorResponse || t == wire.TypeEchoResponse
}

// messageText writes a message without the times that a server gives.
func messageText(m wire.Message) string {
	if m.Type == wire.TypeLoginResponse {
		if response, err := wire.ParseLoginResponse(m.DataContent.Value()); err == nil && response.FirstLoginTime > 0 {
			response.FirstLoginTime = 0
			m.DataContent = wire.Some(string(response.Append(nil)))
		}
	}
	return string(m.Append(nil))
}

// messageKind names the type of a message, and the code in it.
func messageKind(m wire.Message) string {
	var code wire.Code
	content := m.DataContent.Value()
	switch m.Type {
	case wire.TypeLoginResponse:
		response, _ := wire.ParseLoginResponse(content)
		code = response.Code
	case wire.TypeErrorResponse:
		response, _ := wire.ParseErrorResponse(content)
		code = response.Code
	case wire.TypeKickout:
		kickout, _ := wire.ParseKickout(content)
		code = kickout.Code
	default:
		return "message " + m.Type.String()
	}
	return fmt.Sprintf("message %s with code %d", m.Type, code)
}

// observationOf converts an event of the application.
func observationOf(e server.Event) observation {
	o := observation{conn: application, text: string(e.Kind), user: e.User, fingerprint: e.Fingerprint.Value()}
	switch e.Kind {
	case server.EventVerify, server.EventLogout, server.EventOffline:
		o.text += fmt.Sprintf(" code=%d", e.Code)
	}
	o.kind = o.text
	if o.fingerprint != "" {
		o.text += fmt.Sprintf(" fp=%q", o.fingerprint)
	}
	if e.Message != nil {
		o.message, o.sender = messageText(*e.Message), e.Message.From.Value()
	}
	return o
}

// seenEvent converts an event of a control API.
func seenEvent(e target.Event) observation {
	event := server.Event{Kind: e.Event, User: e.User, Fingerprint: wire.Some(e.Fingerprint)}
	if e.Code != nil {
		event.Code = wire.Code(*e.Code)
	}
	if len(e.Message) > 0 {
		m, err := wire.Decode(e.Message)
		if err != nil {
			return observation{conn: application, kind: "unreadable", text: fmt.Sprintf("%s with a message that cannot be read: %s", e.Event, e.Message)}
		}
		event.Message = &m
	}
	return observationOf(event)
}
