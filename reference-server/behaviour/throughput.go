package behaviour

import (
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// maxWaiting bounds the messages that wait; a further one is dropped, as a datagram is that
// nobody reads.
const maxWaiting = 1 << 17

// Throughput hands what happens on links to a handler, and data no faster than so many
// messages a second: more waits in a queue, so that answers become later and later. It is
// a server whose capacity is known. Everything but data passes at once.
type Throughput struct {
	transport.Handler
	every time.Duration
	queue chan waiting
	done  chan struct{}
	ended sync.WaitGroup
}

// waiting is a message in the queue.
type waiting struct {
	link transport.Link
	body []byte
}

// NewThroughput limits what a handler is given to so many messages a second, which has to be
// over 0. Close ends it.
func NewThroughput(of transport.Handler, perSecond int) *Throughput {
	t := &Throughput{Handler: of, every: time.Second / time.Duration(perSecond), queue: make(chan waiting, maxWaiting), done: make(chan struct{})}
	t.ended.Go(t.work)
	return t
}

// Message implements transport.Handler.
func (t *Throughput) Message(l transport.Link, body []byte) {
	if in := server.Read(body); in.Bad || in.Message.Type != wire.TypeData {
		t.Handler.Message(l, body)
		return
	}
	select {
	case t.queue <- waiting{l, append([]byte(nil), body...)}: // it is valid during the call only
	default:
	}
}

// work hands one message after the other on. The time of the next one counts from that of
// the one before, so that a late timer costs nothing, unless nothing waited.
func (t *Throughput) work() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	free := time.Now() // for the next message
	for {
		idle := len(t.queue) == 0
		select {
		case <-t.done:
			return
		case m := <-t.queue:
			if now := time.Now(); idle && now.After(free) {
				free = now
			}
			free = free.Add(t.every)
			timer.Reset(time.Until(free))
			select {
			case <-t.done:
				return
			case <-timer.C:
			}
			t.Handler.Message(m.link, m.body)
		}
	}
}

// Close ends it; what waits is dropped.
func (t *Throughput) Close() {
	close(t.done)
	t.ended.Wait()
}
