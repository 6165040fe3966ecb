package swarm

import (
	"time"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// engine has the connections of one worker, and does the worker's waiting. It
// does not know the rules: it opens connections on request and hands
// their events to the worker's take, from within wait. But for wake it is used
// on the worker's goroutine only. Its times are since the start of the run.
type engine interface {
	// open begins to connect and returns at once. The outcome is opened and then
	// what arrives up to ended, or failed. Every arrival carries the connection's
	// id. Of the connections that are open on one transport each has a seat of
	// its own, from which its source address follows.
	open(t wire.Transport, id connectionID, seat plan.Seat)
	// queued visits the connections whose attempt has not begun: as many of their
	// transport as may be are under way.
	queued(visit func(id connectionID))
	// wait returns when something has happened, or after limit; when limit is
	// negative there is none. The error is the system's, and lasting.
	wait(limit time.Duration) error
	// flush writes what was given to links and is still queued.
	flush()
	// wake ends the wait that is under way, or the next one.
	wake()
	// close drops every connection that is still there, and waits until nothing
	// of the engine is left.
	close()
}

// link is the way out of one connection. It belongs to the worker, which has
// to close it, also after the connection has ended by itself.
type link interface {
	// Send writes one message, or queues it up to the next flush. The error is a
	// *transport.CloseError, after which the connection is of no more use.
	Send(body []byte) error
	// Close ends the connection in the transport's orderly way.
	Close() error
}

// connectionID identifies a connection of a worker.
type connectionID struct {
	client plan.Slot
	serial plan.Connection
}

// arrivalKind distinguishes what happens on a connection.
type arrivalKind uint8

// Kinds of arrivals.
const (
	opened arrivalKind = iota + 1 // link can be used; began is set
	failed                        // err is the reason that it has no connection
	came                          // message, of size
	noise                         // a ping, a pong or an unreadable message, of size
	ended                         // err is the reason for the end
)

// arrival is an event of a connection that an engine reports to its worker.
type arrival struct {
	kind    arrivalKind
	id      connectionID
	at      time.Duration // time of the event: a message's is that of its read
	began   time.Duration // for opened: the time at which the attempt began
	link    link
	message wire.Message
	size    int32 // in bytes
	err     error
	handled chan struct{} // the portable engine's, to be taken from once it is
}

// newEngine makes the engine of one worker.
func (s *swarm) newEngine(take func(arrival)) (engine, error) {
	if s.config.usesEventLoops() {
		return newEventLoop(s, take)
	}
	return newPortable(&s.config, s.start, take), nil
}
