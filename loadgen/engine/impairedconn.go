package engine

import (
	"bytes"
	"errors"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

// impairedConn is a connection over an impaired path, and its link.
type impairedConn struct {
	engine  *Impaired
	id      ConnectionID
	on      wire.Transport
	number  int32 // in the wheel
	link    Link
	out     impair.Lane[[]byte]
	in      impair.Lane[Arrival]
	closed  bool  // by the worker
	muted   bool  // nothing more is written
	failure error // of a write that the worker did not make itself
}

// Send implements Link. A failure to write what was held back is reported as the end of the
// connection.
func (c *impairedConn) Send(body []byte) error {
	switch {
	case c.closed:
		return &transport.CloseError{Reason: transport.ByUs, Err: errClosed}
	case c.failure != nil:
		return c.failure
	}
	now := time.Now()
	c.makeRoom(now, len(body))
	c.engine.last = c.out.Add(now, bytes.Clone(body))
	c.hold(c.engine.last, len(body))
	return c.write(now)
}

var errClosed = errors.New("the connection is closed")

// Close implements Link. What was sent before is on its way, and the end arrives after it.
func (c *impairedConn) Close() error {
	if c.closed {
		return nil
	}
	now := time.Now()
	c.closed = true
	c.engine.closing++
	if client := &c.engine.clients[c.id.Client]; client.conn == c {
		client.conn = nil
	}
	c.in.Hurry(now)
	for {
		a, _, ok := c.in.Take(now) // nobody wants it any more
		if !ok {
			break
		}
		c.engine.held -= int(a.Size) + arrivalCost
	}
	if c.on.Connected() {
		c.out.AddEnd(now, nil)
	}
	_ = c.write(now) // the peer may be gone
	return nil
}

// Mute implements Link. What is in flight is lost.
func (c *impairedConn) Mute() {
	c.muted = true
	if c.link != nil {
		c.link.Mute()
	}
}

// receive schedules what has arrived, and hands over what is due by then.
func (c *impairedConn) receive(a Arrival) {
	e := c.engine
	at, size := e.start.Add(a.At), int(a.Size)+arrivalCost
	if a.Kind == Ended {
		c.in.AddEnd(at, a)
		e.held += size
	} else {
		c.makeRoom(at, size)
		o := c.in.Add(at, a)
		c.hold(o, size)
		e.watch(&a, o)
	}
	c.handOver(at)
}

// handOver hands over what arrives by now, with the time at which it does.
func (c *impairedConn) handOver(now time.Time) {
	e := c.engine
	for !c.closed {
		a, at, ok := c.in.Take(now)
		if !ok {
			break
		}
		e.held -= int(a.Size) + arrivalCost
		a.At = at.Sub(e.start)
		e.take(a)
	}
	c.wait()
}

// write gives what is due to the link, and closes it after the last message of a connection
// that the worker has closed. The error is the first one.
func (c *impairedConn) write(now time.Time) (failure error) {
	for {
		body, _, ok := c.out.Take(now)
		if !ok {
			break
		}
		c.engine.held -= len(body)
		if body == nil || failure != nil || c.muted {
			continue
		}
		failure = c.link.Send(body)
	}
	if _, more := c.out.Next(); c.closed && !more && c.link != nil {
		_ = c.link.Close() // the peer may be gone
		c.link = nil
		c.engine.forget(c)
		return nil
	}
	c.wait()
	return failure
}

// wait has the engine come back when something is due.
func (c *impairedConn) wait() {
	if c.link == nil {
		return
	}
	due, ok := c.out.Next()
	if in, also := c.in.Next(); also && (!ok || in.Before(due)) {
		due, ok = in, true
	}
	c.engine.wheel.Set(c.number, due.Sub(c.engine.start), ok)
}

// hold counts the bytes of a message that is on its way.
func (c *impairedConn) hold(o impair.Outcome, size int) {
	switch {
	case o.Dropped:
	case o.Doubled:
		c.engine.held += 2 * size
	default:
		c.engine.held += size
	}
}

// makeRoom lets what is in flight arrive at once when too much is held back.
func (c *impairedConn) makeRoom(now time.Time, size int) {
	if e := c.engine; e.held+2*size > bounds.HeldBack {
		e.path.Hurried(c.on)
		c.out.Hurry(now)
		c.in.Hurry(now)
	}
}

// fail reports that what was held back could not be written, where the reader will not.
func (c *impairedConn) fail(err error) {
	if c.closed || c.failure != nil {
		return
	}
	c.failure = err
	if !ReaderTells(c.on, err) {
		c.engine.broken = append(c.engine.broken, Arrival{Kind: Ended, ID: c.id, At: time.Since(c.engine.start), Err: err})
	}
}

// ReaderTells reports whether the end of a connection that could not be written to will be
// read from it as well. What was sent before the end then comes first: a kick-out, perhaps,
// which is the better reason. A socket for datagrams reports a refusal only once, to its next
// caller.
func ReaderTells(t wire.Transport, err error) bool {
	closed, ok := errors.AsType[*transport.CloseError](err)
	return t.Connected() && ok && closed.Reason == transport.Reset
}
