package peer

import (
	"bytes"
	"time"

	"imcheck/harness/transport"
)

const (
	// patience is the time for which the loop waits for a write. Then it goes on: timers
	// must run while the server does not read.
	patience = 50 * time.Millisecond
	// maxUnwritten is the largest number of messages that wait to be written; further ones
	// are lost, as the connection will be.
	maxUnwritten = 1024
)

// outbox writes to one connection on a goroutine of its own, so that a server that does not
// read does not stop the client. It is used on the loop's goroutine only.
type outbox struct {
	queue     chan []byte
	written   chan struct{}
	unwritten int // messages that the goroutine has not reported
}

func newOutbox(conn transport.Conn) *outbox {
	o := &outbox{queue: make(chan []byte, maxUnwritten), written: make(chan struct{}, maxUnwritten)}
	go func() {
		for body := range o.queue {
			_ = conn.Send(body) // the reader of the same connection gets the error too
			o.written <- struct{}{}
		}
	}()
	return o
}

// send writes a message, in time when the connection takes it, otherwise later.
func (o *outbox) send(body []byte) {
	stuck := o.stuck()
	if o.unwritten == maxUnwritten {
		return
	}
	o.queue <- bytes.Clone(body)
	o.unwritten++
	if stuck {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-o.written:
		o.unwritten--
	case <-timer.C:
	}
}

// stuck reports whether the connection has not taken all messages.
func (o *outbox) stuck() bool {
	for o.unwritten > 0 {
		select {
		case <-o.written:
			o.unwritten--
		default:
			return true
		}
	}
	return false
}

// close ends the goroutine, once it has written everything or the connection is closed.
func (o *outbox) close() { close(o.queue) }
