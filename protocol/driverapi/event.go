package driverapi

import (
	"fmt"
	"slices"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// EventKind is the "ev" of an event.
type EventKind string

// The events of the contract.
const (
	EventReady       EventKind = "ready"
	EventLogin       EventKind = "login"
	EventMessage     EventKind = "message"
	EventError       EventKind = "error"
	EventLinkClose   EventKind = "linkclose"
	EventKickout     EventKind = "kickout"
	EventLost        EventKind = "lost"
	EventReceived    EventKind = "received"
	EventSent        EventKind = "sent"
	EventUnsupported EventKind = "unsupported"
)

// Event is one line that a driver writes. Which fields are set depends on the kind.
type Event struct {
	Kind EventKind

	// Ready.
	Name, Version string
	Transports    []wire.Transport
	Modes         []timing.SenseMode
	Reusable      bool // it takes ActionReset, and plays another case after it

	Code         wire.Code // of a login, an error, the end of a link, a kick-out and a send
	Message      string    // "msg" of an error
	Reason       wire.Text // of a kick-out
	Fingerprint  wire.Text // of a message, absent for one without QoS, and of an ACK
	From         wire.Text // of a message
	DataContent  wire.Text // of a message
	UserType     int32     // "typeu" of a message
	Fingerprints []string  // of lost messages
	Do           Action    // that is not supported
}

// eventLine is an event as JSON has it.
type eventLine struct {
	Ev         EventKind `json:"ev"`
	Name       *string   `json:"name,omitempty"`
	Version    *string   `json:"version,omitempty"`
	Transports *[]string `json:"transports,omitempty"`
	SenseModes *[]string `json:"senseModes,omitempty"`
	Reusable   *bool     `json:"reusable,omitempty"`

	Code         *wire.Code `json:"code,omitempty"`
	Message      *string    `json:"msg,omitempty"`
	Reason       *string    `json:"reason,omitempty"`
	Fingerprint  *string    `json:"fp,omitempty"`
	From         *string    `json:"from,omitempty"`
	DataContent  *string    `json:"dataContent,omitempty"`
	UserType     *int32     `json:"typeu,omitempty"`
	Fingerprints *[]string  `json:"fps,omitempty"`
	Do           *Action    `json:"do,omitempty"`
}

// Append appends the event as one line, with its line feed.
func (e Event) Append(b []byte) []byte {
	line := eventLine{Ev: e.Kind}
	switch e.Kind {
	case EventReady:
		var kinds, modes = []string{}, []string{}
		for _, t := range e.Transports {
			kinds = append(kinds, t.String())
		}
		for _, m := range e.Modes {
			modes = append(modes, m.String())
		}
		line.Name, line.Version, line.Transports, line.SenseModes = &e.Name, &e.Version, &kinds, &modes
		if e.Reusable {
			line.Reusable = &e.Reusable
		}
	case EventMessage:
		line.Fingerprint, line.From, line.DataContent, line.UserType = pointer(e.Fingerprint), pointer(e.From), pointer(e.DataContent), &e.UserType
	case EventError:
		line.Code, line.Message = &e.Code, &e.Message
	case EventKickout:
		line.Code, line.Reason = &e.Code, pointer(e.Reason)
	case EventLost:
		line.Fingerprints = &e.Fingerprints
	case EventReceived:
		line.Fingerprint = pointer(e.Fingerprint)
	case EventUnsupported:
		line.Do = &e.Do
	default:
		line.Code = &e.Code
	}
	return appendLine(b, line)
}

// String returns the event as its line has it, without the line feed.
func (e Event) String() string {
	line := e.Append(nil)
	return string(line[:len(line)-1])
}

// needed lists the members that an event of a kind has to have.
var needed = map[EventKind]func(l *eventLine) error{
	EventReady: func(l *eventLine) error {
		return need(l.Name != nil && l.Version != nil && l.Transports != nil && l.SenseModes != nil, "name", "version", "transports", "senseModes")
	},
	EventLogin:     needsCode,
	EventLinkClose: needsCode,
	EventKickout:   needsCode,
	EventSent:      needsCode,
	EventError:     func(l *eventLine) error { return need(l.Code != nil && l.Message != nil, "code", "msg") },
	EventMessage:   func(l *eventLine) error { return need(l.From != nil && l.DataContent != nil, "from", "dataContent") },
	EventLost:      func(l *eventLine) error { return need(l.Fingerprints != nil, "fps") },
	EventReceived:  func(l *eventLine) error { return need(l.Fingerprint != nil, "fp") },
	EventUnsupported: func(l *eventLine) error {
		return need(l.Do != nil && slices.Contains(actions, *l.Do), "do")
	},
}

func needsCode(l *eventLine) error { return need(l.Code != nil, "code") }

func need(there bool, names ...string) error {
	if there {
		return nil
	}
	return missing(names...)
}

// ParseEvent reads one line. The error says what is wrong with it. Members that the
// contract does not name are ignored.
func ParseEvent(line []byte) (Event, error) {
	l := eventLine{}
	if err := parseLine(line, &l); err != nil {
		return Event{}, err
	}
	check, known := needed[l.Ev]
	if !known {
		return Event{}, fmt.Errorf(`"ev" is %q, which the contract does not have`, l.Ev)
	}
	err := check(&l)
	e := Event{
		Kind: l.Ev, Name: value(l.Name), Version: value(l.Version), Code: value(l.Code), Message: value(l.Message),
		Reason: text(l.Reason), Fingerprint: text(l.Fingerprint), From: text(l.From), DataContent: text(l.DataContent),
		UserType: -1, Fingerprints: value(l.Fingerprints), Do: value(l.Do), Reusable: l.Ev == EventReady && value(l.Reusable),
	}
	if l.UserType != nil {
		e.UserType = *l.UserType
	}
	if err == nil {
		err = e.readReady(value(l.Transports), value(l.SenseModes))
	}
	if err != nil {
		return Event{}, fmt.Errorf("%s: %w", l.Ev, err)
	}
	return e, nil
}

// readReady reads the lists of what a driver can do.
func (e *Event) readReady(transports, modes []string) error {
	for _, name := range transports {
		t, err := wire.ParseTransport(name)
		if err != nil {
			return err
		}
		e.Transports = append(e.Transports, t)
	}
	for _, name := range modes {
		m, err := timing.Parse(name)
		if err != nil {
			return err
		}
		e.Modes = append(e.Modes, m)
	}
	if e.Kind == EventReady && (len(e.Transports) == 0 || len(e.Modes) == 0) {
		return fmt.Errorf(`"transports" and "senseModes" have to name at least one each`)
	}
	return nil
}

// value returns the zero value for nil.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
