package impair

import (
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// arrivals schedules the traffic from the server.
type arrivals interface {
	add(now time.Time, data []byte) Outcome
	addError(now time.Time, err error)
	take(now time.Time) (item[[]byte], bool)
	next() (due time.Time, ok bool)
	waiting() int
}

// inbox is the receiving side of a connection. A goroutine reads the socket at once, so
// that delays count from the arrival; it ends with the socket.
type inbox struct {
	socket  net.Conn
	window  int  // the most that waits to be read; the rest stays in the network
	partial bool // the rest of an item is kept for the next read, as in a stream

	mu       sync.Mutex
	arriving arrivals
	rest     []byte // rest of the item being read
	err      error  // the result of every read after the end
	deadline time.Time
	closed   bool
	changed  chan struct{} // closed and replaced when any of these changes
}

func (b *inbox) start() {
	b.changed = make(chan struct{})
	go b.pump()
}

// notify is called with mu held.
func (b *inbox) notify() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// read waits for traffic that is due.
func (b *inbox) read(into []byte) (int, error) {
	for {
		n, until, changed, err := b.take(into, time.Now())
		if changed == nil {
			return n, err
		}
		wait(until, changed)
	}
}

// take returns the result of read. If changed is not nil there is none yet: wait until
// it is closed, or for until unless that is zero.
func (b *inbox) take(into []byte, now time.Time) (n int, until time.Time, changed <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, until, nil, net.ErrClosed
	case passed(b.deadline, now):
		return 0, until, nil, os.ErrDeadlineExceeded
	case len(b.rest) > 0:
		return b.deliver(into, b.rest), until, nil, nil
	case b.err != nil:
		return 0, until, nil, b.err
	case b.partial && len(into) == 0:
		return 0, until, nil, nil
	}
	if next, ok := b.arriving.take(now); ok {
		b.notify() // there is room now
		if next.err != nil {
			if !isRefusal(next.err) {
				b.err = next.err
			}
			return 0, until, nil, next.err
		}
		return b.deliver(into, next.data), until, nil, nil
	}
	until, known := b.arriving.next()
	return 0, earliest(until, known, b.deadline), b.changed, nil
}

// deliver copies data to the reader, and keeps what is left of it in a stream.
func (b *inbox) deliver(into, data []byte) int {
	n := copy(into, data)
	b.rest = nil
	if b.partial {
		b.rest = data[n:]
	}
	return n
}

func (b *inbox) setDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return net.ErrClosed
	}
	b.deadline = t
	b.notify()
	return nil
}

// close makes reads fail. unread reports whether anything that was in flight or has
// arrived was not read.
func (b *inbox) close() (unread bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.notify()
	return len(b.rest) > 0 || b.arriving.waiting() > 0
}

// pump moves traffic from the socket into the schedule until the socket ends.
func (b *inbox) pump() {
	buffer := make([]byte, pumpSize)
	for b.awaitRoom() {
		n, err := b.socket.Read(buffer)
		if !b.arrive(buffer[:n], err) {
			return
		}
	}
}

// pumpSize is the size of the read buffer in bytes. The largest datagram fits.
const pumpSize = 64 << 10

// arrive schedules the result of a read of the socket. It returns false to end the pump.
func (b *inbox) arrive(data []byte, err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return err == nil || isRefusal(err)
	}
	if len(data) > 0 || err == nil {
		b.arriving.add(time.Now(), slices.Clone(data))
	}
	if err != nil {
		b.arriving.addError(time.Now(), err)
	}
	b.notify()
	return err == nil || isRefusal(err)
}

// awaitRoom waits while too much is unread. It returns false for a closed stream, on
// which whatever arrives has to be answered with a reset.
func (b *inbox) awaitRoom() bool {
	for {
		b.mu.Lock()
		room, changed, closed := b.arriving.waiting() < b.window, b.changed, b.closed
		b.mu.Unlock()
		if closed {
			return !b.partial
		}
		if room {
			return true
		}
		<-changed
	}
}

// isRefusal reports whether an error means that a datagram met a closed port, after
// which the socket can still receive.
func isRefusal(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// passed reports whether a deadline has passed; the zero time never has.
func passed(deadline, now time.Time) bool { return !deadline.IsZero() && !deadline.After(now) }

// earliest returns the earlier of an event, if there is one, and a deadline, or the zero
// time if there is neither.
func earliest(at time.Time, known bool, deadline time.Time) time.Time {
	if !known || !deadline.IsZero() && deadline.Before(at) {
		return deadline
	}
	return at
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
