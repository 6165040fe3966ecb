package explore

import (
	"slices"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// rule is one thing that the rules may do in a conversation: an effect, or a transition of
// a session from one state to another.
type rule string

// Effects: what is sent, and what the application is asked and told.
const (
	loginAccepted   rule = "a login is accepted"
	loginRefused    rule = "a login is refused by its verdict"
	keepAliveAnswer rule = "a keep-alive is answered"
	keepAliveElse   rule = "a keep-alive is answered on another session"
	echoAnswer      rule = "an echo is answered"
	refused301      rule = "error 301 is sent"
	refused4        rule = "error 4 is sent"
	serverACK       rule = "a message to the server is acknowledged"
	userACK         rule = "a message between users is acknowledged"
	passedOn        rule = "a message between users is passed on"
	toOneself       rule = "a message to oneself comes back"
	passedAcross    rule = "a message between users crosses transports"
	pushed          rule = "a message of the application is sent"
	secondCopy      rule = "a message is sent for the second time"
	toldC2S         rule = "the application is told of a message to the server"
	storedOffline   rule = "a message to an offline user is stored"
	lostOffline     rule = "a message to an offline user is not stored"
	toldLost        rule = "a message is declared lost"
	toldReceived    rule = "the application is told of an ACK"
	toldLogout      rule = "the application is told of a logout"
	toldKick        rule = "the application is told of a logout by a kick"
	belowRules      rule = "a frame ends its connection"
)

// Transitions of a session.
const (
	openedIn     rule = "opened → logged in"
	openedClosed rule = "opened → closed for what came"
	openedOut    rule = "opened → logged out"
	openedLeft   rule = "opened → left by the client"
	openedGone   rule = "opened → expired"
	inAgain      rule = "logged in → logged in again"
	inOther      rule = "logged in → logged in as another user"
	inTaken      rule = "logged in → taken over by an equal login"
	inReplaced   rule = "logged in → replaced by a newer login"
	inLoses      rule = "logged in → kicked for an older session"
	inKicked     rule = "logged in → kicked by an administrator"
	inClosed     rule = "logged in → closed for what came"
	inOut        rule = "logged in → logged out"
	inLeft       rule = "logged in → left by the client"
	inGone       rule = "logged in → expired"
)

// rules lists everything that can be reached.
var rules = []rule{
	loginAccepted, loginRefused, keepAliveAnswer, keepAliveElse, echoAnswer, refused301, refused4, serverACK, userACK, passedOn, toOneself,
	passedAcross, pushed, secondCopy, toldC2S, storedOffline, lostOffline, toldLost, toldReceived, toldLogout, toldKick, belowRules,
	openedIn, openedClosed, openedOut, openedLeft, openedGone, inAgain, inOther, inTaken, inReplaced, inLoses, inKicked, inClosed, inOut, inLeft, inGone,
}

// comesOf has the steps without all of which a rule cannot be reached. What a session
// comes to at last, and what a login does, needs none but those that are always drawn.
var comesOf = map[rule][]Action{
	keepAliveAnswer: {KeepAlive}, keepAliveElse: {KeepAlive}, echoAnswer: {Echo, Bytes, Frame}, refused4: {Data, Bytes}, refused301: {KeepAlive, Data, Copy, ACK, Bytes},
	serverACK: {Data, Bytes}, userACK: {Data, Bytes}, passedOn: {Data, Bytes}, toOneself: {Data, Bytes}, passedAcross: {Data, Bytes}, pushed: {Push},
	secondCopy: {Data, Push, Bytes}, toldLost: {Data, Push, Bytes}, toldC2S: {Data, Bytes}, toldReceived: {ACK, Bytes}, storedOffline: {Data, Bytes}, lostOffline: {Data, Bytes},
	toldKick: {Kick}, inKicked: {Kick}, openedOut: {Logout, Bytes}, inOut: {Logout, Bytes}, openedLeft: {Close}, inLeft: {Close}, belowRules: {Frame},
	inClosed: {Data, Bytes, Frame},
}

// within lists the rules that can be reached at a target by what is drawn.
func within(w Weights, a Abilities) []rule {
	streams := w.transports.of(wire.TCP)+w.transports.of(wire.WS) > 0
	several := w.transports.total() > max(w.transports.of(wire.UDP), w.transports.of(wire.TCP), w.transports.of(wire.WS))
	return slices.DeleteFunc(slices.Clone(rules), func(r rule) bool {
		if of := comesOf[r]; of != nil && !slices.ContainsFunc(of, func(do Action) bool { return w.steps.of(do) > 0 }) {
			return true
		}
		switch r {
		case pushed, inKicked, toldKick:
			return !a.Control
		case loginRefused:
			return !a.Verdicts
		case storedOffline:
			return !a.Store
		case passedAcross:
			return !several
		case openedClosed, openedOut, openedLeft, openedGone, inLeft, belowRules:
			return !streams // on UDP a session begins with its login, and nobody sees a client leave
		}
		return false
	})
}

// coverage notes what the rules do in one conversation.
type coverage struct {
	reached  map[rule]int
	loggedIn map[*server.Session]string // user of each session that is logged in
	holder   map[string]*server.Session // session that is registered for a user
}

func newCoverage() *coverage {
	return &coverage{reached: map[rule]int{}, loggedIn: map[*server.Session]string{}, holder: map[string]*server.Session{}}
}

// note counts a rule; a nil coverage counts nothing.
func (c *coverage) note(r rule) {
	if c != nil {
		c.reached[r]++
	}
}

// covers notes the effects of the step that is being done, or of time that passes.
func (m *model) covers(effects []server.Effect) {
	if m.cover == nil {
		return
	}
	var acting *server.Session
	do := Wait
	if !m.ticked {
		if do = m.doing.step.Do; m.doing.step.onConnection() {
			acting = m.conns[m.doing.step.Conn].session
		}
	}
	for i, e := range effects {
		switch e.Kind {
		case server.Send:
			m.cover.sent(e, acting, m.ticked)
		case server.Report:
			m.cover.told(e.Event, acting)
		case server.Close:
			m.cover.closed(do, e, acting, effects[:i])
		}
	}
}

// covered plays a conversation to the model once more, and returns what that reached.
func (h *history) covered() map[rule]int {
	m := newModel(h.modes, h.app, h.stamps, choice{}, h)
	m.cover = newCoverage()
	for i := range h.steps {
		m.play(&h.steps[i])
	}
	m.advance(h.until, true)
	return m.cover.reached
}

// sent notes a message.
func (c *coverage) sent(e server.Effect, acting *server.Session, ticked bool) {
	m := e.Message
	switch m.Type {
	case wire.TypeLoginResponse:
		if response, err := wire.ParseLoginResponse(m.DataContent.Value()); err != nil || response.Code != wire.CodeOK {
			c.note(loginRefused)
			return
		}
		c.note(loginAccepted)
		c.enter(e.Session, m.To.Value())
	case wire.TypeKeepAliveResponse:
		c.note(either(e.Session == acting, keepAliveAnswer, keepAliveElse))
	case wire.TypeEchoResponse:
		c.note(echoAnswer)
	case wire.TypeErrorResponse:
		refusal, _ := wire.ParseErrorResponse(m.DataContent.Value()) // the rules' own
		c.note(either(refusal.Code == wire.CodeInvalidMessage, refused4, refused301))
	case wire.TypeReceived:
		c.note(either(m.From.Is(wire.ServerID), serverACK, userACK))
	case wire.TypeData:
		c.data(e, acting, ticked)
	}
}

func (c *coverage) data(e server.Effect, acting *server.Session, ticked bool) {
	switch {
	case ticked:
		c.note(secondCopy)
	case e.Message.From.Is(wire.ServerID):
		c.note(pushed)
	default:
		c.note(either(e.Session == acting, toOneself, passedOn))
		if acting != nil && e.Session.Transport != acting.Transport {
			c.note(passedAcross)
		}
	}
}

// enter notes that a user has logged in on a session.
func (c *coverage) enter(session *server.Session, user string) {
	switch before, again := c.loggedIn[session]; {
	case !again:
		c.note(openedIn)
	case before == user:
		c.note(inAgain)
	default:
		c.note(inOther)
	}
	c.loggedIn[session] = user
}

// told notes an event of the application.
func (c *coverage) told(e server.Event, acting *server.Session) {
	switch e.Kind {
	case server.EventLogin:
		if old := c.holder[e.User]; old != nil && old != acting && old.LoggedIn() {
			c.note(inTaken)
		}
		c.holder[e.User] = acting
	case server.EventLogout:
		c.note(either(e.Code == server.NoKick, toldLogout, toldKick))
	case server.EventC2S:
		c.note(toldC2S)
	case server.EventOffline:
		c.note(either(e.Code == server.Stored, storedOffline, lostOffline))
	case server.EventLost:
		c.note(toldLost)
	case server.EventReceived:
		c.note(toldReceived)
	}
}

// closed notes the end of a session, by what was sent on it before.
func (c *coverage) closed(do Action, e server.Effect, acting *server.Session, before []server.Effect) {
	kick := slices.IndexFunc(before, func(b server.Effect) bool {
		return b.Kind == server.Send && b.Session == e.Session && b.Message.Type == wire.TypeKickout
	})
	_, in := c.loggedIn[e.Session]
	switch {
	case e.Expired():
		c.note(either(in, inGone, openedGone))
	case kick >= 0 && do == Kick:
		c.note(inKicked)
	case kick >= 0:
		c.note(either(e.Session == acting, inLoses, inReplaced))
	case do == Logout:
		c.note(either(in, inOut, openedOut))
	case do == Close:
		c.note(either(in, inLeft, openedLeft))
	default:
		c.note(either(in, inClosed, openedClosed))
	}
}

func either(yes bool, one, other rule) rule {
	if yes {
		return one
	}
	return other
}
