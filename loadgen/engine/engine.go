// Package engine drives the connections of a load: many on one goroutine by an event
// loop, or with a goroutine for each. It does not know the protocol's rules.
package engine

import (
	"time"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// Engine has the connections of one worker, and does the worker's waiting: it opens
// connections on request and hands their events to the worker's take, from within Wait.
// But for Wake it is used on the worker's goroutine only. Its times are since the start
// of the run.
type Engine interface {
	// Open begins to connect and returns at once. The outcome is Opened and then
	// what arrives up to Ended, or Failed. Every arrival carries the connection's
	// id. Of the connections that are open on one transport each has a seat of
	// its own, from which its source address follows.
	Open(t wire.Transport, id ConnectionID, seat plan.Seat)
	// Queued visits the connections whose attempt has not begun: as many of their
	// transport as may be are under way.
	Queued(visit func(id ConnectionID))
	// Wait returns when something has happened, or after limit; when limit is
	// negative there is none. The error is the system's, and lasting.
	Wait(limit time.Duration) error
	// Took tells the engine how long an answer took. It may read later by a small share of
	// that, to handle more at once.
	Took(took time.Duration)
	// Flush writes what was given to links and is still queued.
	Flush()
	// Wake ends the wait that is under way, or the next one.
	Wake()
	// Close drops every connection that is still there, and waits until nothing
	// of the engine is left.
	Close()
}

// Link is the way out of one connection. It belongs to the worker, which has
// to close it, also after the connection has ended by itself.
type Link interface {
	// Send writes one message, or queues it up to the next flush. The error is a
	// *transport.CloseError, after which the connection is of no more use.
	Send(body []byte) error
	// Close ends the connection in the transport's orderly way.
	Close() error
	// Mute has nothing more be written, as if this end had lost its power: no message, no
	// answer to a ping, no close frame, and Close resets a stream. What arrives is still
	// reported.
	Mute()
}

// ConnectionID identifies a connection of a worker.
type ConnectionID struct {
	Client plan.Slot
	Serial plan.Connection
}

// ArrivalKind distinguishes what happens on a connection.
type ArrivalKind uint8

// Kinds of arrivals.
const (
	Opened   ArrivalKind = iota + 1 // Link can be used; Began is set
	Failed                          // Err is the reason that it has no connection
	Received                        // Message, of Size
	Noise                           // a ping, a pong or an unreadable message, of Size
	Ended                           // Err is the reason for the end
)

// Arrival is an event of a connection that an engine reports to its worker.
type Arrival struct {
	Kind    ArrivalKind
	ID      ConnectionID
	At      time.Duration // time of the event: a message's is that of its read
	Began   time.Duration // for Opened: the time at which the attempt began
	Link    Link
	Node    int // for Opened: the place of its address among those of the transport, from 1; 0 when it has only one
	Message wire.Message
	Size    int32 // in bytes
	Err     error

	handled chan struct{} // the portable engine's, to be taken from once it is
}

// New makes the engine of one worker, which reports to take.
func New(c *Config, take func(Arrival)) (Engine, error) {
	route := newRouter(c)
	if route.several != [len(wire.Transports)]bool{} {
		worker := take
		take = func(a Arrival) {
			route.note(&a)
			worker(a)
		}
	}
	if c.UsesEventLoops() {
		return newEventLoop(c, route, take)
	}
	return newPortable(c, route, take), nil
}
