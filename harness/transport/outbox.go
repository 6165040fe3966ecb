package transport

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// outbox is the write queue of one server link. A goroutine exists only while there is
// something to write, and everything that is queued is written at once.
type outbox struct {
	conn  net.Conn
	total *atomic.Int64 // bytes queued on all links of the listener
	idle  chan struct{} // closed once the outbox is closed and nothing is being written

	mu       sync.Mutex
	pending  []byte
	inFlight int  // bytes of the write in progress
	counted  int  // bytes of both that total includes
	held     bool // a handshake is in progress: nothing is written yet
	writing  bool // the goroutine is running
	closed   bool // nothing more is queued
	failure  error
}

func newOutbox(conn net.Conn, total *atomic.Int64) *outbox {
	return &outbox{conn: conn, total: total, idle: make(chan struct{}), held: true}
}

// release ends the hold of the handshake.
func (o *outbox) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = false
	o.start()
}

// add queues what frame appends. If that exceeds MaxOutbox, or a link's share while too
// much is queued on all of them, the peer does not read and the connection is aborted.
func (o *outbox) add(frame func(b []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	defer o.count()
	o.pending = frame(o.pending)
	o.count()
	if o.counted > MaxOutbox || o.counted > outboxShare && o.total.Load() > MaxOutboxes {
		o.abandon(ErrOutboxFull)
		_ = abort(o.conn)
		return
	}
	o.start()
}

// finish closes the outbox after a last frame, which may be nil. Before the release
// nothing is sent, as the peer would not understand a frame.
func (o *outbox) finish(last []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.count()
	switch {
	case o.closed:
	case o.held:
		o.abandon(nil)
	default:
		o.closed = true
		o.pending = append(o.pending, last...)
		o.start()
		o.noteIdle()
	}
}

// drop discards the queue and closes the outbox.
func (o *outbox) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.count()
	if !o.closed {
		o.abandon(nil)
	}
}

// err returns why the outbox gave the connection up, or nil if it did not.
func (o *outbox) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failure
}

// The functions below are called with mu held.

// count brings the total up to date.
func (o *outbox) count() {
	waiting := len(o.pending) + o.inFlight
	o.total.Add(int64(waiting - o.counted))
	o.counted = waiting
}

func (o *outbox) start() {
	if !o.writing && !o.held && len(o.pending) > 0 {
		o.writing = true
		go o.drain()
	}
}

func (o *outbox) abandon(failure error) {
	o.closed, o.pending, o.failure = true, nil, failure
	o.noteIdle()
}

// noteIdle closes idle if both its conditions are true. A closed outbox starts no
// goroutine, so that this happens once only.
func (o *outbox) noteIdle() {
	if o.closed && !o.writing {
		close(o.idle)
	}
}

// drain writes batch after batch until the queue is empty.
func (o *outbox) drain() {
	var spare []byte
	for {
		batch := o.nextBatch(spare)
		if batch == nil {
			return
		}
		err := o.conn.SetWriteDeadline(time.Now().Add(WriteTimeout))
		if err == nil {
			_, err = o.conn.Write(batch)
		}
		if err != nil {
			o.fail(err)
		}
		spare = batch
	}
}

// nextBatch takes the whole queue, and leaves spare to be filled next. It returns nil
// to end the goroutine.
func (o *outbox) nextBatch(spare []byte) []byte {
	if cap(spare) > keepSize {
		spare = nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.count()
	o.inFlight = len(o.pending)
	if o.inFlight == 0 {
		if cap(o.pending) > keepSize {
			o.pending = nil
		}
		o.writing = false
		o.noteIdle()
		return nil
	}
	batch := o.pending
	o.pending = spare[:0]
	return batch
}

// fail gives up after a failed write. A peer that did not read within WriteTimeout is
// aborted; any other failure the reader meets itself, after it has delivered what the
// peer had sent before.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.count()
	o.pending = nil
	if o.closed = true; errors.Is(err, os.ErrDeadlineExceeded) {
		o.failure = ErrOutboxFull
		_ = abort(o.conn)
	}
}
