package engine

import (
	"time"

	"imcheck/harness/transport/eventloop"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// haveEventLoops: this system has them.
const haveEventLoops = true

// eventLoop is an engine without a goroutine of its own.
type eventLoop struct {
	*eventloop.Loop
	start time.Time
	route *router
	take  func(Arrival)
}

func newEventLoop(config *Config, route *router, take func(Arrival)) (Engine, error) {
	e := &eventLoop{start: config.Start, route: route, take: take}
	c := eventloop.Config{Upgrade: config.Target.UpgradeRequest(), Sources: config.Sources, MaxDatagram: config.maxMessage(wire.UDP), MaxUnwritten: config.maxUnwritten(), Gather: config.Gather}
	for _, t := range wire.Transports {
		c.MaxMessage[t] = config.maxMessage(t)
		c.TLS[t] = config.Target.TLS[t]
		if config.Target.Addresses[t] != "" {
			c.Addresses[t], _, _ = config.Target.Node(t) // a bad address cannot be dialed either
		}
	}
	var err error
	e.Loop, err = eventloop.New(c, e)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (e *eventLoop) Open(t wire.Transport, id ConnectionID, seat plan.Seat) {
	if node, ok := e.route.pick(t, id, seat); ok {
		e.OpenTo(t, id.tag(), int(seat), node)
		return
	}
	e.Loop.Open(t, id.tag(), int(seat))
}

func (e *eventLoop) Queued(visit func(id ConnectionID)) {
	e.Loop.Queued(func(tag uint64) { visit(idOf(tag)) })
}

func (e *eventLoop) Wait(limit time.Duration) error { return e.Loop.Poll(limit) }

// tag is an id in the form of the loop.
func (id ConnectionID) tag() uint64 { return uint64(id.Client)<<32 | uint64(id.Serial) }

func idOf(tag uint64) ConnectionID {
	return ConnectionID{Client: plan.Slot(tag >> 32), Serial: plan.Connection(tag)}
}

// The methods below are for the loop to call.

func (e *eventLoop) Opened(tag uint64, c eventloop.Conn, began time.Time) {
	e.take(Arrival{Kind: Opened, ID: idOf(tag), At: time.Since(e.start), Began: began.Sub(e.start), Link: c})
}

func (e *eventLoop) Failed(tag uint64, err error) {
	e.take(Arrival{Kind: Failed, ID: idOf(tag), At: time.Since(e.start), Err: err})
}

func (e *eventLoop) Ended(tag uint64, err error) {
	e.take(Arrival{Kind: Ended, ID: idOf(tag), At: time.Since(e.start), Err: err})
}

func (e *eventLoop) Message(tag uint64, body []byte) {
	read := e.Arrived().Sub(e.start)
	m, err := wire.Decode(body)
	if err != nil { // a client passes over what it cannot read
		e.take(Arrival{Kind: Noise, ID: idOf(tag), At: read, Size: int32(len(body))})
		return
	}
	e.take(Arrival{Kind: Received, ID: idOf(tag), At: read, Message: m, Size: int32(len(body))})
}

func (e *eventLoop) Control(tag uint64, size int) {
	e.take(Arrival{Kind: Noise, ID: idOf(tag), At: time.Since(e.start), Size: int32(size)})
}
