package client

import (
	"fmt"
	"strings"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// Entry is something that the client did: it opened a link, sent a message, ended a link,
// or reported an event.
type Entry struct {
	At   time.Time
	Link *Link // nil for an event

	Opened  bool
	Pong    bool // a WebSocket pong, whose payload is Body
	Message wire.Message
	Body    []byte
	Invalid error                 // the message cannot be decoded
	End     *transport.CloseError // nil but for the end of a link
	Event   *driverapi.Event      // nil but for an event

	accounted bool // the case asked for it
}

// isMessage reports whether the entry is a message that can be decoded.
func (e *Entry) isMessage() bool {
	return e.Link != nil && !e.Opened && !e.Pong && e.End == nil && e.Invalid == nil
}

// Is reports whether the entry is a message of a type.
func (e *Entry) Is(kind wire.Type) bool { return e.isMessage() && e.Message.Type == kind }

func (e *Entry) isEvent(kind driverapi.EventKind) bool { return e.Event != nil && e.Event.Kind == kind }

// String describes the entry for a failure.
func (e *Entry) String() string {
	switch {
	case e.Event != nil:
		return "the event " + clip(e.Event.String())
	case e.Opened:
		return "a new connection"
	case e.Pong:
		return fmt.Sprintf("a pong with the payload %q", clip(string(e.Body)))
	case e.End != nil:
		return "the end of " + e.Link.label + ": " + e.End.Error()
	case e.Invalid != nil:
		return fmt.Sprintf("a message that is bad (%v): %q", e.Invalid, clip(string(e.Body)))
	}
	return fmt.Sprintf("%s %s", e.Message.Type, clip(string(e.Body)))
}

// clip shortens a text of the client to a length that fits a report.
func clip(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
