package controlapi

import "encoding/json"

// EventName names something that the application of a server sees
// (docs/protocol.md §5).
type EventName string

// Events.
const (
	EventVerify   EventName = "verify"   // a login was judged; the code is the verdict
	EventLogin    EventName = "login"    // a user is logged in
	EventLogout   EventName = "logout"   // a session has ended; the code is the kick code, or -1
	EventC2S      EventName = "c2s"      // a message for the application, once for each fingerprint
	EventC2C      EventName = "c2c"      // a message was written to its receiver
	EventOffline  EventName = "offline"  // the receiver is not online; the code is 1 when the message is stored, else 0
	EventLost     EventName = "lost"     // a message was not acknowledged in time
	EventReceived EventName = "received" // a message was acknowledged
)

// AllEvents lists the events of the contract.
func AllEvents() []EventName {
	return []EventName{EventVerify, EventLogin, EventLogout, EventC2S, EventC2C, EventOffline, EventLost, EventReceived}
}

// EventLine is one line of the answer to PathEvents.
type EventLine struct {
	Seq         uint64          `json:"seq"` // counts from 1; a gap shows that events are gone
	AtNs        int64           `json:"at"`  // time of the event by the server's clock, in ns since the Unix epoch
	Event       EventName       `json:"event"`
	User        string          `json:"user,omitempty"`
	Code        *int32          `json:"code,omitempty"`
	Fingerprint string          `json:"fp,omitempty"`
	Message     json.RawMessage `json:"message,omitempty"` // as on the wire
}
