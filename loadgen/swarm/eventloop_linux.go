package swarm

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
	take  func(arrival)
}

func newEventLoop(s *swarm, take func(arrival)) (engine, error) {
	e := &eventLoop{start: s.start, take: take}
	c := eventloop.Config{Addresses: s.config.Target.Addresses, Sources: s.config.Sources, MaxDatagram: packetLimit, MaxUnwritten: s.config.maxUnwritten()}
	for _, t := range wire.Transports {
		c.MaxMessage[t] = s.config.maxMessage(t)
	}
	var err error
	e.Loop, err = eventloop.New(c, e)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (e *eventLoop) open(t wire.Transport, id connectionID, seat plan.Seat) {
	e.Loop.Open(t, id.tag(), int(seat))
}

func (e *eventLoop) queued(visit func(id connectionID)) {
	e.Loop.Queued(func(tag uint64) { visit(idOf(tag)) })
}

func (e *eventLoop) wait(limit time.Duration) error { return e.Loop.Poll(limit) }
func (e *eventLoop) flush()                         { e.Loop.Flush() }
func (e *eventLoop) wake()                          { e.Loop.Wake() }
func (e *eventLoop) close()                         { e.Loop.Close() }

// tag is an id in the form of the loop.
func (id connectionID) tag() uint64 { return uint64(id.client)<<32 | uint64(id.serial) }

func idOf(tag uint64) connectionID {
	return connectionID{client: plan.Slot(tag >> 32), serial: plan.Connection(tag)}
}

// The methods below are for the loop to call.

func (e *eventLoop) Opened(tag uint64, c eventloop.Conn, began time.Time) {
	e.take(arrival{kind: opened, id: idOf(tag), at: time.Since(e.start), began: began.Sub(e.start), link: c})
}

func (e *eventLoop) Failed(tag uint64, err error) {
	e.take(arrival{kind: failed, id: idOf(tag), at: time.Since(e.start), err: err})
}

func (e *eventLoop) Ended(tag uint64, err error) {
	e.take(arrival{kind: ended, id: idOf(tag), at: time.Since(e.start), err: err})
}

func (e *eventLoop) Message(tag uint64, body []byte) {
	read := time.Since(e.start)
	m, err := wire.Decode(body)
	if err != nil { // a client passes over what it cannot read
		e.take(arrival{kind: noise, id: idOf(tag), at: read, size: int32(len(body))})
		return
	}
	e.take(arrival{kind: came, id: idOf(tag), at: read, message: m, size: int32(len(body))})
}

func (e *eventLoop) Control(tag uint64, size int) {
	e.take(arrival{kind: noise, id: idOf(tag), at: time.Since(e.start), size: int32(size)})
}
