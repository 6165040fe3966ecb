package client

import (
	"time"

	"imcheck/protocol/wire"
)

// EffectKind tells a driver what to do or what happened.
type EffectKind uint8

// Effects. The first three are for the driver to carry out; the others tell
// the user of the client what happened.
const (
	Connect    EffectKind = iota + 1 // open a connection, then call Connected or ConnectFailed
	Disconnect                       // close the connection; Disconnected need not be called
	Send                             // send Message

	LoggedIn   // the server let the client in; Message is its response
	Refused    // the server refused the login with Code
	Delivered  // Message arrived for the first time
	Duplicate  // a further copy of Message arrived
	Received   // Message was acknowledged
	Lost       // Message was given up
	Alive      // a keep-alive was answered: Took since it was sent, TookSinceDue since it was to be
	LinkClosed // the connection is gone, or is taken for gone; Code says why
	KickedOut  // the server ended the session: Code, and Message for its reason
	Failed     // the server answered with an error: Code and Message
)

// Effect is one thing to do or to tell.
type Effect struct {
	Kind    EffectKind
	Message wire.Message
	Code    wire.Code
	// Of Alive. When the driver calls Tick late the second one is the larger.
	Took, TookSinceDue time.Duration
}

func send(m wire.Message) Effect { return Effect{Kind: Send, Message: m} }
