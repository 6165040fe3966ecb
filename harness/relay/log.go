package relay

import (
	"strings"
	"sync"
	"time"

	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

// EventName says what an entry of the log is about.
type EventName string

// The events of the log.
const (
	EventListening   EventName = "listening"   // client is the address that is listened on
	EventOpened      EventName = "opened"      // a client has a connection through the relay
	EventClosed      EventName = "closed"      // it is gone
	EventRefused     EventName = "refused"     // a connection or a command, with the reason
	EventUnreachable EventName = "unreachable" // the server cannot be connected to
	EventDropped     EventName = "dropped"     // a datagram
	EventDoubled     EventName = "doubled"     // a datagram
	EventReordered   EventName = "reordered"   // a datagram was passed by the next one
	EventAction      EventName = "action"      // something was done to the connections
	EventRebound     EventName = "rebound"     // a client on UDP has another port
	EventEnded       EventName = "ended"       // a stall or an outage
	EventTotal       EventName = "total"       // counts of one direction, at the end
)

// Entry is one line of the log. Which fields are set depends on the event.
type Entry struct {
	At        time.Time `json:"at"`
	ElapsedMs float64   `json:"elapsedMs"` // since the relay was made
	Event     EventName `json:"event"`

	Transport  string `json:"transport,omitempty"`
	Direction  string `json:"direction,omitempty"`  // out is to the server
	Connection string `json:"connection,omitempty"` // number; "2.1" is the first further socket of number 2
	Client     string `json:"client,omitempty"`     // address
	Server     string `json:"server,omitempty"`     // address that is connected to
	From       string `json:"from,omitempty"`       // address by which the server knows the client

	Bytes       int    `json:"bytes,omitempty"`   // of a datagram
	Message     string `json:"message,omitempty"` // type of the message in a datagram
	Fingerprint string `json:"fp,omitempty"`      // of that message, or the one that it acknowledges

	Action string           `json:"action,omitempty"`
	Count  *int             `json:"count,omitempty"` // connections that an action was done to
	Reason string           `json:"reason,omitempty"`
	Totals map[string]int64 `json:"totals,omitempty"`
}

// as returns the entry with an event.
func (e Entry) as(event EventName) Entry {
	e.Event = event
	return e
}

// log puts the time on entries and hands them on.
type log struct {
	started time.Time
	mu      sync.Mutex
	to      func(Entry)
}

func (l *log) add(e Entry) {
	if l.to == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.At = time.Now()
	e.ElapsedMs = float64(e.At.Sub(l.started).Microseconds()) / 1000
	l.to(e)
}

// observe logs what became of a datagram on the impaired way.
func (r *Relay) observe(o impair.Observation) {
	if r.config.Log == nil {
		return
	}
	e := datagramEntry(EventName(o.Effect), o.Transport, o.Direction, o.Data)
	e.Connection = o.Connection
	r.log.add(e)
}

// datagramEntry describes a datagram, as far as it can be read.
func datagramEntry(event EventName, kind wire.Transport, d impair.Direction, data []byte) Entry {
	e := Entry{Event: event, Transport: kind.String(), Direction: d.String(), Bytes: len(data)}
	m, err := wire.Decode(data)
	if err != nil {
		return e
	}
	e.Message, e.Fingerprint = m.Type.String(), m.Fingerprint.Value()
	if m.Type == wire.TypeReceived {
		e.Fingerprint = m.DataContent.Value()
	}
	e.Fingerprint = strings.ToValidUTF8(e.Fingerprint, "\uFFFD")
	return e
}

// totalOf is the entry of the counts of one direction.
func totalOf(c impair.Count) Entry {
	totals := map[string]int64{}
	for name, n := range map[string]int64{
		"passed": c.Passed, "dropped": c.Dropped, "doubled": c.Doubled, "reordered": c.Reordered,
		"delayedBytes": c.DelayedBytes, "stalls": c.Stalls,
	} {
		if n > 0 {
			totals[name] = n
		}
	}
	return Entry{Event: EventTotal, Transport: c.Transport.String(), Direction: c.Direction.String(), Totals: totals}
}
