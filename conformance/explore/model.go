package explore

import (
	"fmt"
	"time"
	"unicode/utf8"

	"imcheck/harness/target"
	"imcheck/protocol/qos"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// application is the place of what the application is told among the connections.
const application = -1

// observation is one thing that a server did: a message or an end on a connection, or an
// event of its application.
type observation struct {
	at   time.Duration // since the start of the conversation
	conn int           // or application
	text string        // without what differs from server to server
	// Of an event: whom and which message it names, and who sent that. In another's name
	// a server may give either as the user, and the contract lets it leave the user out.
	user, fingerprint, sender string

	// Of an end: the close frames that came, or may come, and whether it was, or may be, a reset.
	closes []string
	reset  bool

	// Of what the model expects: why its time is exact, or may be off.
	expired bool // the end of a session that was silent for its expiry time (§3)
	swept   bool // sent by a sweep, whose phase is the server's own (§4)
	inOrder bool // a response, which comes in the order of what it answers (§7 Order)
}

const ended = "the connection ends"

// choice is one of the ways in which a server may do what the law leaves open.
type choice struct {
	quirks server.Quirks
	phase  time.Duration // of the sweeps, from 0 to the sweep's period
	strict bool          // RFC 6455 where the observed server ignores it (§2 WebSocket)
}

// model is the rules, played a conversation.
type model struct {
	choice choice
	server *server.Server
	start  time.Time
	conns  map[int]*modelConn
	given  map[string]int64
	out    []observation
	ticked bool
}

type modelConn struct {
	on      wire.Transport
	session *server.Session
	over    bool
}

func newModel(modes timing.Modes, app server.Application, c choice) *model {
	start := time.UnixMilli(1_800_000_000_000)
	config := server.Config{Application: app, Policy: server.DefaultPolicy(modes), Limits: server.DefaultLimits, Quirks: c.quirks}
	return &model{
		choice: c, server: server.NewServer(config, start.Add(-c.phase)), start: start,
		conns: map[int]*modelConn{}, given: map[string]int64{},
	}
}

// advance lets time pass.
func (m *model) advance(to time.Duration) {
	m.ticked = true
	for next := m.server.Next(); !next.IsZero() && next.Sub(m.start) <= to; next = m.server.Next() {
		m.collect(next.Sub(m.start), m.server.Tick(next))
	}
	m.ticked = false
}

// play does one step.
func (m *model) play(p *performed) {
	m.advance(p.at)
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
	if p.framing.refused && m.choice.strict {
		m.end(p, c, now, violation, true)
		return
	}
	for _, body := range p.framing.messages {
		p.body = body
		m.receive(p, c, now)
	}
	switch {
	case c.over:
	case p.framing.pong != "":
		m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: p.framing.pong})
	case p.framing.ends:
		m.end(p, c, now, p.framing.closes, p.framing.resets)
	}
}

// end ends a connection for what came on it, before the rules get to see that.
func (m *model) end(p *performed, c *modelConn, now time.Time, closes []string, reset bool) {
	c.over = true
	m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: ended, closes: closes, reset: reset})
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
	for _, e := range effects {
		switch e.Kind {
		case server.Send:
			conn := e.Session.Link.(int)
			if response, err := wire.ParseLoginResponse(e.Message.DataContent.Value()); err == nil && e.Message.Type == wire.TypeLoginResponse && response.Code == 0 {
				m.given[e.Message.To.Value()] = response.FirstLoginTime
			}
			if c := m.conns[conn]; !c.over {
				m.out = append(m.out, observation{at: at, conn: conn, text: messageText(e.Message), inOrder: isResponse(e.Message.Type) && c.on.Connected(), swept: m.ticked && e.Message.Type == wire.TypeData})
			}
		case server.Close:
			conn := e.Session.Link.(int)
			if c := m.conns[conn]; c.on.Connected() && !c.over {
				c.over = true
				m.out = append(m.out, observation{at: at, conn: conn, text: ended, expired: e.Expired, closes: closesOf(c.on)})
			}
		case server.Report:
			o := observationOf(e.Event)
			o.at, o.swept = at, m.ticked && e.Event.Kind == server.EventLost
			m.out = append(m.out, o)
		}
	}
}

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

// observationOf is what an event of the application shows.
func observationOf(e server.Event) observation {
	o := observation{conn: application, text: string(e.Kind), user: e.User, fingerprint: e.Fingerprint.Value()}
	switch e.Kind {
	case server.EventVerify, server.EventLogout, server.EventOffline:
		o.text += fmt.Sprintf(" code=%d", e.Code)
	}
	if o.fingerprint != "" {
		o.text += fmt.Sprintf(" fp=%q", o.fingerprint)
	}
	if e.Message != nil {
		o.text += " " + messageText(*e.Message)
		o.sender = e.Message.From.Value()
	}
	return o
}

// seenEvent is what an event of a control API shows.
func seenEvent(e target.Event) observation {
	event := server.Event{Kind: e.Event, User: e.User, Fingerprint: wire.Some(e.Fingerprint)}
	if e.Code != nil {
		event.Code = wire.Code(*e.Code)
	}
	if len(e.Message) > 0 {
		m, err := wire.Decode(e.Message)
		if err != nil {
			return observation{conn: application, text: fmt.Sprintf("%s with a message that cannot be read: %s", e.Event, e.Message)}
		}
		event.Message = &m
	}
	return observationOf(event)
}

// phases are the phases of a sweep that are tried.
func phases() (all []time.Duration) {
	const n = 10
	for i := range time.Duration(n) {
		all = append(all, i*qos.SweepEvery/n)
	}
	return all
}
