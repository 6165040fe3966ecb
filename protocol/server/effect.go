package server

import (
	"strings"
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// EffectKind is an action of the caller.
type EffectKind uint8

// Kinds of effects.
const (
	Send    EffectKind = iota + 1 // send Message on Session
	Close                         // close Session, after everything that was sent on it
	Report                        // tell the application about Event
	Publish                       // publish Message to the bridge, then call Confirmed or Refused
)

// Effect is one action. The caller carries out effects in order.
type Effect struct {
	Kind    EffectKind
	Session *Session     // Send, Close; of Publish the sender; of Report that of a login or logout, if known
	Message wire.Message // Send, Publish
	Event   Event        // Report
	Again   bool         // Send: a retransmission (§4)
	Cause   Cause        // Close
	// Publication is the number of a Publish, for Confirmed and Refused.
	Publication uint64
	Since       time.Time // arrival of its cause; the zero time means now
}

// Expired reports whether the effect closes a session that expired, whose time must not be
// changed (§3).
func (e Effect) Expired() bool { return e.Kind == Close && e.Cause == CauseExpired }

// EventKind is a kind of event that the server's application sees (§5), as the control API names
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

// Codes of events that are not result codes of the protocol.
const (
	NoKick    wire.Code = -1
	NotStored wire.Code = 0
	Stored    wire.Code = 1
)

// Event reports to the application what happened. Fields that do not apply are zero.
type Event struct {
	Kind        EventKind
	User        string
	Extra       wire.Text // EventLogin
	Code        wire.Code
	Fingerprint wire.Text
	Message     *wire.Message // EventC2S, EventC2C, EventOffline, EventLost
}

// TextBytes returns the total size of the event's texts in bytes.
func (e Event) TextBytes() int {
	n := len(e.User) + len(e.Extra.Value()) + len(e.Fingerprint.Value())
	if e.Message != nil {
		n += e.Message.TextBytes()
	}
	return n
}

// Clone copies the texts of an event, which share the memory of the body that caused
// it. The copy keeps TextBytes bytes alive and no more.
func (e Event) Clone() Event {
	e.User, e.Extra, e.Fingerprint = strings.Clone(e.User), e.Extra.Clone(), e.Fingerprint.Clone()
	if e.Message != nil {
		m := e.Message.Clone()
		e.Message = &m
	}
	return e
}

// TextBytes returns the total size of the effect's texts in bytes.
func (e Effect) TextBytes() int { return e.Message.TextBytes() + e.Event.TextBytes() }

// Clone copies the texts of an effect, see Event.Clone.
func (e Effect) Clone() Effect {
	e.Message, e.Event = e.Message.Clone(), e.Event.Clone()
	return e
}

// send sends a message on a session. It is lost if the session has ended, whose user
// may still be listed for a while (§7).
func (s *Server) send(to *Session, m wire.Message) { s.transmit(to, m, false) }

// transmit is send; again says that it is a retransmission.
func (s *Server) transmit(to *Session, m wire.Message, again bool) {
	if to.ended {
		return
	}
	if s.config.Stamp {
		m.ServerTime = s.now.UnixMilli()
	}
	if s.counts(m.Type, true) {
		s.touch(to)
	}
	s.emit(Effect{Kind: Send, Session: to, Message: m, Again: again})
}

func (s *Server) report(e Event) { s.emit(Effect{Kind: Report, Event: e}) }

// reportOf reports an event of a session.
func (s *Server) reportOf(session *Session, e Event) {
	s.emit(Effect{Kind: Report, Session: session, Event: e})
}

func (s *Server) reportMessage(kind EventKind, user string, code wire.Code, m wire.Message) {
	s.report(Event{Kind: kind, User: user, Code: code, Fingerprint: m.Fingerprint, Message: &m})
}

// emit appends an effect, or what a fault replaces it by.
func (s *Server) emit(e Effect) {
	e.Since = s.cause
	hook := s.config.Hooks.Interpose
	if hook == nil {
		s.effects = append(s.effects, e)
		return
	}
	s.effects = append(s.effects, hook(e)...)
}
