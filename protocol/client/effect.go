package client

import (
	"time"

	"imcheck/protocol/wire"
)

// EffectKind is an action of the driver or an event.
type EffectKind uint8

// Kinds of effects. The driver has to carry out the first three; the others report
// to the client's user what happened.
const (
	Connect    EffectKind = iota + 1 // open a connection, then call Connected or ConnectFailed
	Disconnect                       // close the connection; Disconnected need not be called
	Send                             // send Message

	LoggedIn   // the login succeeded; Message is the server's response
	Refused    // the server refused the login with Code
	Delivered  // Message arrived for the first time
	Duplicate  // a further copy of Message arrived
	Received   // Message was acknowledged
	Lost       // Message was given up
	Alive      // a keep-alive was answered, see Took and TookSinceDue
	LinkClosed // the connection is lost or given up; Code says why
	KickedOut  // the server ended the session with Code; Message has its reason
	Failed     // the server answered with an error: Code and Message
)

// Effect is one action or event.
type Effect struct {
	Kind    EffectKind
	Message wire.Message
	Code    wire.Code
	// Alive: the time to the answer since the keep-alive was sent, and since it was
	// due. The second is longer if the driver called Tick late. Duplicate: Took is the time
	// since the copy before, and since the Send of its ACK.
	Took, TookSinceDue time.Duration
}

func send(m wire.Message) Effect { return Effect{Kind: Send, Message: m} }
