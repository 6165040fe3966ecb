package engine

import (
	"errors"
	"sync"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
)

const (
	// farewellTime bounds what Close of a link still writes.
	farewellTime = time.Second
	// keepSize is the largest write buffer in bytes that is kept while nothing waits.
	keepSize = 1 << 10
)

// portableLink is a connection of the portable engine, which belongs to the worker
// from opened on. On a stream a goroutine of its own writes, which is there only
// while something waits: a peer that does not read holds up nobody else.
//
// The reader leaves the connection open when it ends: a worker that wrote to it
// before it heard of the end would take the closed socket for the reason.
type portableLink struct {
	transport.Conn
	engine *portable
	id     ConnectionID
	// handling has an element for each arrival that is not handled yet, room one when
	// the reader is to look again whether the writer has caught up.
	handling, room chan struct{}

	mu       sync.Mutex
	waiting  []byte // messages, one after the other
	ends     []int  // end of each of them in waiting
	inFlight int    // bytes that the writer has taken and not finished
	began    time.Time
	writing  bool // the writer is there
	closing  bool // Close was called
	failure  error
}

func newPortableLink(conn transport.Conn, p *portable, id ConnectionID) *portableLink {
	return &portableLink{
		Conn: conn, engine: p, id: id,
		handling: make(chan struct{}, bounds.ConnectionArrivals), room: make(chan struct{}, 1),
	}
}

// deliver hands what the reader has read to the worker, once earlier arrivals are
// handled and what they caused is written: a peer that sends without end waits for
// itself. The end of the connection waits for no writer. false when the engine is
// being closed.
func (l *portableLink) deliver(a Arrival) bool {
	for a.Kind != Ended && l.writerIsSlow() {
		select {
		case <-l.room:
		case <-l.engine.ctx.Done():
			return false
		}
	}
	select {
	case l.handling <- struct{}{}:
	case <-l.engine.ctx.Done():
		return false
	}
	a.handled = l.handling
	return l.engine.deliver(a)
}

// writerIsSlow reports whether the reader is to wait for the writer.
func (l *portableLink) writerIsSlow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writing && !l.closing && l.failure == nil && len(l.waiting)+l.inFlight > l.engine.unwritten/bounds.UnwrittenShare
}

// makeRoom has the reader look again.
func (l *portableLink) makeRoom() {
	select {
	case l.room <- struct{}{}:
	default: // it is to look anyway
	}
}

// Send queues a message on a stream. A datagram waits for no peer.
func (l *portableLink) Send(body []byte) error {
	if !l.Transport().Connected() {
		return l.Conn.Send(body)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil && l.full(len(body)) {
		l.failure = &transport.CloseError{Reason: transport.Timeout, Err: transport.ErrOutboxFull}
		_ = l.Conn.Abort()
		l.makeRoom()
	}
	if l.failure != nil {
		return l.failure
	}
	l.waiting = append(l.waiting, body...)
	l.ends = append(l.ends, len(l.waiting))
	if !l.writing {
		l.writing, l.began = true, time.Now()
		l.engine.running.Go(l.write)
	}
	return nil
}

// Mute implements Link.
func (l *portableLink) Mute() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting, l.ends = nil, nil
	if stream, ok := l.Conn.(transport.MutableConn); ok {
		stream.Mute()
	}
}

// full reports whether a message is more than may wait. A writer that has only just
// begun a write may not have had the processor yet.
func (l *portableLink) full(size int) bool {
	waits, bound := len(l.waiting)+l.inFlight, l.engine.unwritten
	switch {
	case waits == 0 || waits+size <= bound:
		return false
	case waits+size > bounds.WriterBacklog*bound:
		return true
	}
	return time.Since(l.began) >= bounds.WriterDelay
}

// write writes what waits until nothing does.
func (l *portableLink) write() {
	var batch []byte
	var ends []int
	for {
		if batch, ends = l.next(batch, ends); len(ends) == 0 {
			return
		}
		start := 0
		for _, end := range ends {
			if err := l.Conn.Send(batch[start:end]); err != nil {
				l.fail(err)
				return
			}
			l.wrote(end - start)
			start = end
		}
	}
}

// next takes everything that waits, and leaves the buffers to be filled next.
// Without ends the writer is over.
func (l *portableLink) next(batch []byte, ends []int) ([]byte, []int) {
	l.mu.Lock()
	if len(l.ends) == 0 || l.failure != nil {
		l.stop()
		closing := l.closing
		l.mu.Unlock()
		if closing {
			l.finish()
		}
		return nil, nil
	}
	defer l.mu.Unlock()
	l.waiting, batch = batch[:0], l.waiting
	l.ends, ends = ends[:0], l.ends
	l.inFlight, l.began = len(batch), time.Now()
	return batch, ends
}

// wrote notes that a message has been written.
func (l *portableLink) wrote(size int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight -= size
	l.began = time.Now()
	l.makeRoom()
}

// stop ends the writer, with mu held.
func (l *portableLink) stop() {
	l.writing, l.inFlight = false, 0
	l.makeRoom()
	if cap(l.waiting) > keepSize || l.failure != nil {
		l.waiting, l.ends = nil, nil
	}
}

// fail ends the writer after a failed write, and reports it to the worker where the
// reader of the same connection may not notice.
func (l *portableLink) fail(err error) {
	l.mu.Lock()
	tell := l.failure == nil && !l.closing
	if l.failure == nil {
		l.failure = err
	}
	l.stop()
	closing := l.closing
	l.mu.Unlock()
	if closing {
		l.finish()
		return
	}
	closed, ok := errors.AsType[*transport.CloseError](err)
	if tell && (!ok || closed.Reason == transport.Timeout || closed.Reason == transport.Broken) {
		l.engine.deliver(Arrival{Kind: Ended, ID: l.id, At: time.Since(l.engine.config.Start), Err: err})
	}
}

// Close ends the connection in the transport's orderly way once what waits is
// written, without waiting for it.
func (l *portableLink) Close() error {
	if !l.Transport().Connected() {
		l.finish()
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return nil
	}
	l.closing = true
	l.makeRoom()
	if l.writing {
		time.AfterFunc(farewellTime, func() { _ = l.Conn.Abort() })
	} else {
		l.engine.running.Go(l.finish)
	}
	return nil
}

// finish closes the connection, and takes it off the engine's list.
func (l *portableLink) finish() {
	_ = l.Conn.Close() // the peer may be gone
	l.engine.mu.Lock()
	defer l.engine.mu.Unlock()
	delete(l.engine.links, l)
}

// isClosing reports whether Close was called.
func (l *portableLink) isClosing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}
