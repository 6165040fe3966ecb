package controlapi

import (
	"fmt"
	"slices"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Paths of the calls.
const (
	PathInfo   = "/v1/info"   // GET: answers with Info
	PathS2C    = "/v1/s2c"    // POST of a PushRequest: answers with a PushAnswer
	PathKick   = "/v1/kick"   // POST of a KickRequest: answers with status 204
	PathOnline = "/v1/online" // GET: answers with an OnlineAnswer
	PathEvents = "/v1/events" // GET: answers with an EventLine for each event, and stays open
)

// ParameterSince is the query parameter of PathEvents: events after this sequence number
// are wanted.
const ParameterSince = "since"

// Info is a server's description of itself.
type Info struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Capabilities Capabilities      `json:"capabilities"`
	Listen       map[string]string `json:"listen"`                 // address by transport
	SenseMode    map[string]string `json:"senseMode"`              // by transport
	Organization string            `json:"organization,omitempty"` // who makes it
	URL          string            `json:"url,omitempty"`          // where it is described
	Bridge       *BridgeCounts     `json:"bridge,omitempty"`       // nil without a bridge, or when it does not say
}

// BridgeCounts says how many messages of the bridge (docs/protocol.md §6) went which way since
// the start.
type BridgeCounts struct {
	Published uint64 `json:"published"` // handed to the broker
	Confirmed uint64 `json:"confirmed"` // confirmed by the broker
	Refused   uint64 `json:"refused"`   // refused by the broker, or not confirmed before its connection was lost
	Away      uint64 `json:"away"`      // not handed over, as the broker was away
	Consumed  uint64 `json:"consumed"`  // taken from the queue
	Dropped   uint64 `json:"dropped"`   // those of them that were not messages
}

// Modes reads the declared sense modes; a transport that declares none has the
// default. A mode that does not exist on its transport is an error where that transport
// is served.
func (i Info) Modes(served []wire.Transport) (timing.Modes, error) {
	modes := timing.DefaultModes()
	for name, mode := range i.SenseMode {
		t, err := wire.ParseTransport(name)
		if err != nil {
			return modes, err
		}
		if modes[t], err = timing.Parse(mode); err != nil {
			return modes, err
		}
		if !modes[t].On(t) && slices.Contains(served, t) {
			return modes, fmt.Errorf("the server declares sense mode %s on %s, where it does not exist", mode, t)
		}
	}
	return modes, nil
}

// PushRequest asks the application to send a message to a user. To and DataContent are
// required.
type PushRequest struct {
	To          *string `json:"to"`
	DataContent *string `json:"dataContent"`
	QoS         bool    `json:"qos"`
	Fingerprint *string `json:"fp,omitempty"` // without it the server makes one for a message with QoS
	UserType    *int32  `json:"typeu,omitempty"`
}

// PushAnswer has the fingerprint of the message, "" when it has none.
type PushAnswer struct {
	Fingerprint string `json:"fp"`
}

// KickRequest asks to end the session of a user. User and Code are required.
type KickRequest struct {
	User   *string `json:"user"`
	Code   *int32  `json:"code"`
	Reason *string `json:"reason,omitempty"`
}

// OnlineAnswer lists the users that are logged in.
type OnlineAnswer struct {
	Users []string `json:"users"`
}

// ErrorAnswer is the reason for which a request is refused.
type ErrorAnswer struct {
	Error string `json:"error"`
}
