package server

import (
	"math/rand/v2"
	"slices"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Server is the state machine of a server: its sessions, users and unacknowledged
// messages. Make one with NewServer.
type Server struct {
	config Config
	clock  timing.Clock
	random *rand.Rand

	// The call in progress.
	now     time.Time
	cause   time.Time // arrival, or start, of the event being handled
	effects []Effect

	// Sessions.
	numbered     uint64                    // number given out last
	loggedIn     [len(wire.Transports)]int // sessions with a login
	registry     registry                  // who is online
	former       []string                  // users who stay registered with a session of another's, the first first
	activity     [len(wire.Transports)]activityList
	unlogged     int                  // stream sessions without a login
	unloggedFrom map[any]int          // the same by source
	starting     queue[*registration] // users to register
	leaving      queue[*Session]      // ended sessions whose users are to be logged out

	// Messages.
	received     *dedup                             // fingerprints of messages to the server and to the bridge
	waiting      *unacknowledged                    // messages sent to receivers
	underway     BoundedLanes[string, wire.Message] // delayed deliveries, by receiver
	publications publications                       // messages that the broker has not confirmed yet
}

// NewServer returns a server whose sweeps count from now.
func NewServer(config Config, now time.Time) *Server {
	s := &Server{
		config:       config,
		clock:        timing.NewClock(now),
		unloggedFrom: map[any]int{},
		random:       rand.New(rand.NewPCG(config.Seed, 0)),
		underway:     NewBoundedLanes[string, wire.Message](config.Limits.Delayed),
		received:     newDedup(config.Policy, config.Limits, now),
		publications: newPublications(config.Limits.Publishing),
	}
	sender := retransmitter(qos.NewSender(config.Policy.Retransmission, now))
	if after := config.Policy.retransmitAfter(s.random); after != nil {
		sender = newScattered(config.Policy.Retransmission, after)
	}
	s.waiting = newUnacknowledged(sender, config.Limits)
	return s
}

// maxKeptEffects limits the capacity that is kept for the effects of the next call,
// as a sweep may have many more.
const maxKeptEffects = 1024

// begin starts a call and discards the effects of the last one.
func (s *Server) begin(now time.Time) {
	if clear(s.effects); cap(s.effects) > maxKeptEffects {
		s.effects = nil
	}
	s.effects = s.effects[:0]
	s.now, s.cause = now, now
}

// Open returns the session of a new connection; link is the caller's own handle.
// Connections whose sources are equal with == share the limits of one source. It
// returns nil if too many strangers are connected, in all or from that source. On UDP
// a session is kept only from its login on.
func (s *Server) Open(now time.Time, t wire.Transport, source, link any) *Session {
	session := &Session{Link: link, Transport: t, kicked: NoKick}
	if !t.Connected() {
		return session
	}
	session.beginning = &beginning{source: source}
	if s.unlogged >= s.config.Limits.Unlogged || s.unloggedFrom[source] >= s.config.Limits.UnloggedPerSource {
		s.limited(LimitUnlogged, session)
		return nil
	}
	s.number(session)
	s.unlogged++
	s.unloggedFrom[source]++
	s.activity[t].touch(session, s.clock.At(now))
	return session
}

// number gives a session its number.
func (s *Server) number(session *Session) {
	s.numbered++
	session.number = s.numbered
}

// LoggedIn returns the number of sessions that are logged in on a transport.
func (s *Server) LoggedIn(t wire.Transport) int { return s.loggedIn[t] }

// Abort ends a session for a reason of the caller's own.
func (s *Server) Abort(now time.Time, session *Session, cause Cause) []Effect {
	s.begin(now)
	s.end(session, cause)
	return s.effects
}

// noLongerUnlogged stops counting a session as one without a login.
func (s *Server) noLongerUnlogged(session *Session) {
	if session.loggedIn || !session.Transport.Connected() {
		return
	}
	s.unlogged--
	source := session.beginning.source
	if s.unloggedFrom[source]--; s.unloggedFrom[source] == 0 {
		delete(s.unloggedFrom, source)
	}
}

// Inbound was received on a link: a message, or bytes that are not a message.
type Inbound struct {
	Message wire.Message // the zero value if Bad
	Body    []byte       // the encoded message; valid until Receive returns
	Bad     bool         // not a message: it ends a stream's session
	Ignored bool         // dropped
}

// Read decodes what was received. It uses no state, so that callers can decode
// without holding their lock.
func Read(body []byte) Inbound {
	m, err := wire.Decode(body)
	return Inbound{Message: m, Body: body, Bad: err != nil}
}

// Receive handles one inbound message. The effects are valid until the next call.
func (s *Server) Receive(now time.Time, from *Session, in Inbound) []Effect {
	s.begin(now)
	if from.pending() != nil && s.answerUnregistered(from, in) {
		return s.effects
	}
	if from.pending() != nil && s.hold(from, in) {
		return s.effects
	}
	s.handle(from, in, false)
	return s.effects
}

// handle acts on what was received. counted is true if it was counted as activity
// when it arrived.
func (s *Server) handle(from *Session, in Inbound, counted bool) {
	if from.ended {
		return
	}
	if hook := s.config.Hooks.Inbound; hook != nil {
		in = hook(from, in)
	}
	switch {
	case in.Ignored:
	case in.Bad && len(in.Body) == 0 && !from.Transport.Connected() && !from.loggedIn:
		// An empty datagram from an address without a session is ignored (§3).
	case in.Bad:
		s.bad(from)
	default:
		if !counted && s.counts(in.Message.Type, false) {
			s.touch(from)
		}
		s.dispatch(from, in.Message)
	}
}

// bad handles what is not a message: it ends the session (§3), but a datagram does
// not prove who sent it.
func (s *Server) bad(from *Session) {
	if from.Transport.Connected() || s.config.Quirks.BadDatagramEnds {
		s.end(from, CauseBadMessage)
	}
}

// Closed has to be called when the peer or the network has ended a stream connection.
func (s *Server) Closed(now time.Time, session *Session) []Effect {
	s.begin(now)
	if session.pending() != nil {
		session.beginning.gone = true // it ends once its login has taken effect
		return s.effects
	}
	s.end(session, CauseClosed)
	return s.effects
}

// Tick does everything that is due: it expires sessions, and retransmits messages or
// gives them up.
func (s *Server) Tick(now time.Time) []Effect {
	s.begin(now)
	s.registerDue()
	s.deregisterDue()
	s.deliverDue()
	s.expire()
	s.sweep()
	s.received.sweep(now)
	return s.effects
}

// Next returns the time at which Tick has to be called.
func (s *Server) Next() time.Time {
	next := s.received.next
	next = earlier(next, s.waiting.Next())
	next = earlier(next, s.underway.Next())
	next = earlier(next, s.starting.next())
	next = earlier(next, s.leaving.next())
	for t := range s.activity {
		if oldest := s.activity[t].oldest; oldest != nil {
			next = earlier(next, s.expiresAt(oldest))
		}
	}
	return next
}

// earlier returns the earlier of two times, where a zero b means never.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || !b.Before(a) {
		return a
	}
	return b
}

// Online returns the users that are logged in, sorted.
func (s *Server) Online() []string {
	users := s.OnlineUsers()
	slices.Sort(users)
	return users
}

// counts reports whether a message counts as activity of its session: every received
// one does, no sent one (§3 Expiry).
func (s *Server) counts(t wire.Type, sent bool) bool {
	if hook := s.config.Hooks.Counts; hook != nil {
		return hook(t, sent)
	}
	return !sent
}

// dispatch acts on a well-formed message (§3).
func (s *Server) dispatch(from *Session, m wire.Message) {
	switch m.Type {
	case wire.TypeLogin:
		s.login(from, m)
	case wire.TypeLogout:
		if from.LoggedIn() || !s.config.Quirks.EarlyLogoutIgnored {
			s.end(from, CauseLogout)
		}
	case wire.TypeEcho:
		s.send(from, wire.NewEchoResponse(m))
	case wire.TypeKeepAlive, wire.TypeData, wire.TypeReceived:
		if !from.LoggedIn() {
			s.refuse(from, m)
			return
		}
		s.dispatchLoggedIn(from, m)
	}
	// §3: other types are ignored, those that only servers send included.
}

func (s *Server) dispatchLoggedIn(from *Session, m wire.Message) {
	switch {
	case m.Type == wire.TypeKeepAlive:
		s.keepAlive(from)
	case m.Type == wire.TypeReceived:
		s.acknowledged(from, m)
	case !m.From.Is(from.user) && s.config.Quirks.ForgedFrom != ForgedTaken:
		s.refuseForged(from, m)
	case m.To.Is(wire.ServerID):
		s.clientToServer(from, m)
	default:
		s.clientToClient(from, m)
	}
}

// refuseForged refuses data in another user's name.
func (s *Server) refuseForged(from *Session, m wire.Message) {
	switch s.config.Quirks.ForgedFrom {
	case ForgedRefused:
		s.send(from, wire.NewErrorResponse(wire.CodeInvalidMessage, m))
	case ForgedEnds:
		s.end(from, CauseForged)
	}
}

// refuse answers a session that is not logged in but has to be (§3, code 301).
func (s *Server) refuse(from *Session, m wire.Message) {
	s.send(from, wire.NewErrorResponse(wire.CodeServerNotLoggedIn, m))
	if from.Transport.Connected() {
		s.end(from, CauseNotLoggedIn)
	}
}

// keepAlive answers a keep-alive to the session that is registered for the user,
// which after a takeover is not the one that asked (§3).
func (s *Server) keepAlive(from *Session) {
	if registered := s.registry.session(from.user); registered != nil {
		s.send(registered, wire.NewKeepAliveResponse(from.user))
	}
}
