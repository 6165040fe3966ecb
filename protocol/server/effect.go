package server

import (
	"strings"
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// EffectKind tells what a caller is to do.
type EffectKind uint8

// Effects.
const (
	Send   EffectKind = iota + 1 // send Message on Session
	Close                        // close Session, after what was sent on it
	Report                       // tell the application about Event
)

// Effect is one thing to do. Effects are carried out in order.
type Effect struct {
	Kind    EffectKind
	Session *Session     // of Send and Close
	Message wire.Message // of Send
	Event   Event        // of Report
	Expired bool         // of Close: the session was silent for too long, so the time is fixed (§3)
	Since   time.Time    // when its cause came in; the zero time for now
}

// EventKind is what the server's application gets to see (§5), as the control API names
// it.
type EventKind = controlapi.EventName

// Kinds of events.
const (
	EventVerify   = controlapi.EventVerify   // a login was judged; Code is the verdict
	EventLogin    = controlapi.EventLogin    // a user is logged in
	EventLogout   = controlapi.EventLogout   // Code is the kick code, or NoKick
	EventC2S      = controlapi.EventC2S      // a message for the application, once for each fingerprint
	EventC2C      = controlapi.EventC2C      // a message was written to its receiver
	EventOffline  = controlapi.EventOffline  // the receiver is not online; Code is Stored or NotStored
	EventLost     = controlapi.EventLost     // a message was not acknowledged in time
	EventReceived = controlapi.EventReceived // a message was acknowledged
)

// Codes of events that are not result codes of the wire.
const (
	NoKick    wire.Code = -1
	NotStored wire.Code = 0
	Stored    wire.Code = 1
)

// Event is one thing that happened; fields that do not apply are zero.
type Event struct {
	Kind        EventKind
	User        string
	Extra       wire.Text // of EventLogin
	Code        wire.Code
	Fingerprint wire.Text
	Message     *wire.Message // of EventC2S, EventC2C, EventOffline and EventLost
}

// TextBytes is the size of the texts of an event, in bytes.
func (e Event) TextBytes() int {
	n := len(e.User) + len(e.Extra.Value()) + len(e.Fingerprint.Value())
	if e.Message != nil {
		n += e.Message.TextBytes()
	}
	return n
}

// Clone copies the texts of an event, which are parts of the body that caused it:
// whoever keeps the copy keeps TextBytes and no more.
func (e Event) Clone() Event {
	e.User, e.Extra, e.Fingerprint = strings.Clone(e.User), e.Extra.Clone(), e.Fingerprint.Clone()
	if e.Message != nil {
		m := e.Message.Clone()
		e.Message = &m
	}
	return e
}

// TextBytes is the size of the texts of an effect, in bytes.
func (e Effect) TextBytes() int { return e.Message.TextBytes() + e.Event.TextBytes() }

// Clone copies the texts of an effect, to be kept like those of an event.
func (e Effect) Clone() Effect {
	e.Message, e.Event = e.Message.Clone(), e.Event.Clone()
	return e
}

// send sends a message on a session. On one that has ended it is lost: its user
// may be listed for a while (§7).
func (s *Server) send(to *Session, m wire.Message) {
	if to.ended {
		return
	}
	if s.config.Stamp {
		m.ServerTime = s.now.UnixMilli()
	}
	if s.counts(m.Type, true) {
		s.touch(to)
	}
	s.emit(Effect{Kind: Send, Session: to, Message: m})
}

func (s *Server) report(e Event) { s.emit(Effect{Kind: Report, Event: e}) }

func (s *Server) reportMessage(kind EventKind, user string, code wire.Code, m wire.Message) {
	s.report(Event{Kind: kind, User: user, Code: code, Fingerprint: m.Fingerprint, Message: &m})
}

// emit notes an effect, or what a fault makes of it.
func (s *Server) emit(e Effect) {
	e.Since = s.cause
	hook := s.config.Hooks.Interpose
	if hook == nil {
		s.effects = append(s.effects, e)
		return
	}
	s.effects = append(s.effects, hook(e)...)
}
