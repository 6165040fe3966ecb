package explore

import (
	"fmt"
	"strings"
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
	// userless is the text of an event without its user, whom the contract lets a server leave out.
	userless string
	// bySender is the text with the sender of its message as the user: for a message in
	// another's name a server may give either.
	bySender string

	// Of an end: the close frames that came, or may come, and whether it was, or may be, a reset.
	closes []string
	reset  bool

	// Of what the model expects: why its time is exact, or may be off.
	expired bool // the end of a session that was silent for its expiry time (§3)
	named   bool // an event that names a user or a message of the conversation
	nobody  bool // an event that names nobody at all
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

// conventions is the application that docs/contracts.md, part A, describes.
type conventions struct{}

func (conventions) Verify(_, token, _ string) wire.Code {
	var code wire.Code
	if _, err := fmt.Sscanf(token, "code:%d", &code); err != nil {
		return wire.CodeOK
	}
	return code
}

func (conventions) AllowC2S(m wire.Message) bool { return !vetoed(m) }
func (conventions) AllowC2C(m wire.Message) bool { return !vetoed(m) }
func (conventions) StoreOffline(m wire.Message) bool {
	return strings.HasPrefix(m.To.Value(), "off-")
}

func vetoed(m wire.Message) bool { return strings.HasPrefix(m.DataContent.Value(), "veto:") }

func newModel(modes timing.Modes, c choice) *model {
	start := time.UnixMilli(1_800_000_000_000)
	config := server.Config{Application: conventions{}, Policy: server.DefaultPolicy(modes), Limits: server.DefaultLimits, Quirks: c.quirks}
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
		c.over = true
		m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: ended, closes: violation, reset: true})
		m.collect(p.at, m.server.Closed(now, c.session))
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
		c.over = true
		m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: ended, closes: p.framing.closes, reset: p.framing.resets})
		m.collect(p.at, m.server.Closed(now, c.session))
	}
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
		c.over = true
		m.out = append(m.out, observation{at: p.at, conn: p.step.Conn, text: ended, closes: bye})
		m.collect(p.at, m.server.Closed(now, c.session))
		return
	}
	if p.step.Do == Login {
		body = p.login(m.claim(p)).Append(nil)
	}
	m.collect(p.at, m.server.Receive(now, c.session, server.Read(body)))
}

// claim resolves the first login time of a login for the model.
func (m *model) claim(p *performed) int64 { return claimed(p.step.Claim, m.given[p.user]) }

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
				m.out = append(m.out, observation{at: at, conn: conn, text: m.text(e.Message), inOrder: isResponse(e.Message.Type) && c.on.Connected(), swept: m.ticked && e.Message.Type == wire.TypeData})
			}
		case server.Close:
			conn := e.Session.Link.(int)
			if c := m.conns[conn]; c.on.Connected() && !c.over {
				c.over = true
				m.out = append(m.out, observation{at: at, conn: conn, text: ended, expired: e.Expired, closes: closesOf(c.on)})
			}
		case server.Report:
			m.out = append(m.out, observation{at: at, conn: application, text: eventText(e.Event), userless: eventText(withoutUser(e.Event)), bySender: eventText(withSender(e.Event)), nobody: e.Event.User == "" && e.Event.Fingerprint.Value() == "", named: strings.Contains(e.Event.User+e.Event.Fingerprint.Value(), "-"), swept: m.ticked && e.Event.Kind == server.EventLost})
		}
	}
}

// isResponse reports whether a message of a type answers its receiver.
func isResponse(t wire.Type) bool {
	return t == wire.TypeLoginResponse || t == wire.TypeKeepAliveResponse || t == wire.TypeErrorResponse || t == wire.TypeEchoResponse
}

// text writes a message of the model.
func (m *model) text(message wire.Message) string { return messageText(message) }

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

func withoutUser(e server.Event) server.Event {
	e.User = ""
	return e
}

func withSender(e server.Event) server.Event {
	if e.Message != nil {
		e.User = e.Message.From.Value()
	}
	return e
}

func eventText(e server.Event) string {
	text := fmt.Sprintf("%s user=%q", e.Kind, e.User)
	switch e.Kind {
	case server.EventVerify, server.EventLogout, server.EventOffline:
		text += fmt.Sprintf(" code=%d", e.Code)
	}
	if e.Fingerprint.Value() != "" {
		text += fmt.Sprintf(" fp=%q", e.Fingerprint.Value())
	}
	if e.Message != nil {
		text += " " + messageText(*e.Message)
	}
	return text
}

// seenEventText writes an event of a control API as eventText does.
func seenEventText(e target.Event) string {
	event := server.Event{Kind: e.Event, User: e.User, Fingerprint: wire.Some(e.Fingerprint)}
	if e.Code != nil {
		event.Code = wire.Code(*e.Code)
	}
	if len(e.Message) > 0 {
		m, err := wire.Decode(e.Message)
		if err != nil {
			return fmt.Sprintf("%s with a message that cannot be read: %s", e.Event, e.Message)
		}
		event.Message = &m
	}
	return eventText(event)
}

// phases are the phases of a sweep that are tried.
func phases() (all []time.Duration) {
	const n = 10
	for i := range time.Duration(n) {
		all = append(all, i*qos.SweepEvery/n)
	}
	return all
}
