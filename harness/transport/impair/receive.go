package impair

import (
	"errors"
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/wire"
)

// maxUnread is how many received messages wait for Receive; further ones stay
// with the network, which then holds the peer back.
const maxUnread = 1024

// receiving is the receiving half of a Conn. A goroutine takes messages from
// the connection as they come, so that a delay counts from their arrival; it
// starts with the first Receive and ends with the connection.
type receiving struct {
	start sync.Once

	mu       sync.Mutex
	schedule *schedule
	deadline time.Time
	end      error         // sticky, once it was returned
	changed  chan struct{} // closed, and replaced, when any of this changes
}

func newReceiving(s *schedule) receiving {
	return receiving{schedule: s, changed: make(chan struct{})}
}

// wake makes whoever waits look again.
func (r *receiving) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notify()
}

// notify is called with mu held.
func (r *receiving) notify() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// SetReceiveDeadline bounds Receive; the zero time lifts the bound.
func (c *Conn) SetReceiveDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	c.notify()
	return nil
}

// Receive returns the next message whose time has come. The end of the
// connection takes as long as a message; a close by this end is seen at once.
func (c *Conn) Receive() ([]byte, error) {
	c.start.Do(func() { go c.pump() })
	for {
		next, ok, until, changed := c.take(time.Now())
		if ok {
			return next.body, next.err
		}
		wait(until, changed)
	}
}

// take returns what Receive is to return. When ok is false there will be
// nothing before until, if that is not zero, unless changed is closed.
func (c *Conn) take(now time.Time) (next item, ok bool, until time.Time, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() {
		return failed(&transport.CloseError{Reason: transport.ByUs}), true, until, nil
	}
	if c.end != nil {
		return failed(c.end), true, until, nil
	}
	if next, ok := c.schedule.take(now); ok {
		if next.err != nil && !c.passing(next.err) {
			c.end = next.err
		}
		c.notify() // there is room again
		return next, true, until, nil
	}
	if !c.deadline.IsZero() && !c.deadline.After(now) {
		return failed(&transport.CloseError{Reason: transport.Timeout}), true, until, nil
	}
	until, known := c.schedule.next()
	if !known || !c.deadline.IsZero() && c.deadline.Before(until) {
		until = c.deadline
	}
	return item{}, false, until, c.changed
}

func failed(err error) item { return item{err: err} }

// passing is whether more can be received after an error: UDP has no connection
// that a refused datagram could end.
func (c *Conn) passing(err error) bool {
	refused, ok := errors.AsType[*transport.CloseError](err)
	return ok && refused.Reason == transport.Reset && c.Transport() == wire.UDP
}

// wait returns when changed is closed, or at until if that is not zero.
func wait(until time.Time, changed <-chan struct{}) {
	if until.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	}
}

// pump moves messages from the connection into the schedule.
func (c *Conn) pump() {
	for c.waitForRoom() {
		body, err := c.Conn.Receive()
		if !c.arrive(body, err) {
			return
		}
	}
}

// arrive schedules a message or an error; false ends the pump.
func (c *Conn) arrive(body []byte, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.notify()
	if err != nil {
		c.schedule.addError(time.Now(), err)
		return c.passing(err)
	}
	c.schedule.add(time.Now(), body)
	return true
}

// waitForRoom waits while too much is unread; false says that the connection
// was closed.
func (c *Conn) waitForRoom() bool {
	for {
		c.mu.Lock()
		room, changed := len(c.schedule.queue) < maxUnread, c.changed
		c.mu.Unlock()
		if c.closed.Load() {
			return false
		}
		if room {
			return true
		}
		<-changed
	}
}
