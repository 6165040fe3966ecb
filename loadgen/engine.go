package loadgen

import (
	"time"

	"imcheck/harness/wire"
)

// engine has the connections of a swarm. It knows nothing of the rules: it
// opens what it is told to open and reports what comes in, and the workers
// write to the links that it gives them. Its times are since the start of the
// run.
type engine interface {
	// open begins to connect and returns at once. The outcome goes to inbox:
	// opened and then what arrives up to ended, or failed. Every arrival
	// carries the connection's id.
	open(t wire.Transport, id connectionID, inbox chan<- arrival)
	// close drops every connection that is still there and waits until nothing
	// will be put into an inbox any more.
	close()
}

// link is the way out of one connection. It belongs to the worker, which has
// to close it, also after the connection has ended by itself.
type link interface {
	// Send writes one message. The error is a *transport.CloseError, after which
	// the connection is of no more use.
	Send(body []byte) error
	// Close ends the connection in the transport's orderly way.
	Close() error
}

// connectionID tells the connections of a worker apart.
type connectionID struct {
	client int32  // place among the worker's clients
	serial uint32 // grows with each connection of the client
}

// arrivalKind is what happened on a connection.
type arrivalKind uint8

// Kinds of arrivals.
const (
	opened arrivalKind = iota + 1 // link can be used; began is set
	failed                        // err says why there is no connection
	came                          // message
	ended                         // err says how
)

// arrival is what an engine reports to a worker.
type arrival struct {
	kind    arrivalKind
	id      connectionID
	at      time.Duration // when it happened: a message's is when it was read
	began   time.Duration // of opened: when the attempt began
	link    link
	message wire.Message
	err     error
}
