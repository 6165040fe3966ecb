package transport

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// outbox is the write queue of one server link. Everything that is queued is written at once,
// by its writer.
type outbox struct {
	writer outboxWriter
	total  *atomic.Int64 // bytes queued on all links of the listener

	mu       sync.Mutex
	pending  []byte
	inFlight int  // bytes of the write in progress
	counted  int  // bytes of both that total includes
	held     bool // a handshake is in progress: nothing is written yet
	writing  bool // the writer has been started and has not run out of batches
	closed   bool // nothing more is queued
	failure  error
}

// outboxWriter writes what is queued in an outbox. Its methods are called with the lock of the
// outbox held, and do not wait.
type outboxWriter interface {
	// start begins to write batches, until nextBatch has no more.
	start()
	// reset drops the connection with a TCP reset.
	reset()
	// idle is called once the outbox is closed and nothing is being written.
	idle()
	// buffer returns an empty buffer, or nil.
	buffer() []byte
	// unused is given a buffer that is not needed for now, and returns it or nil.
	unused(b []byte) []byte
}

// release ends the hold of the handshake. What answers it goes out first; it may be "".
func (o *outbox) release(answer string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.count()
	o.held = false
	if answer != "" && !o.closed {
		o.pending = append([]byte(answer), o.pending...)
	}
	o.begin()
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
	if o.pending == nil {
		o.pending = o.writer.buffer()
	}
	o.pending = frame(o.pending)
	o.count()
	if o.counted > MaxOutbox || o.counted > outboxShare && o.total.Load() > MaxOutboxes {
		o.abandon(ErrOutboxFull)
		o.writer.reset()
		return
	}
	o.begin()
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
		o.begin()
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
	if waiting != o.counted {
		o.total.Add(int64(waiting - o.counted))
		o.counted = waiting
	}
}

func (o *outbox) begin() {
	if !o.writing && !o.held && len(o.pending) > 0 {
		o.writing = true
		o.writer.start()
	}
}

func (o *outbox) abandon(failure error) {
	o.closed, o.pending, o.failure = true, nil, failure
	o.noteIdle()
}

// noteIdle tells the writer if both conditions of idle are true. A closed outbox starts no
// writer, so that this happens once only.
func (o *outbox) noteIdle() {
	if o.closed && !o.writing {
		o.writer.idle()
	}
}

// The functions below are for the writer.

// nextBatch takes the whole queue, and leaves spare to be filled next. It returns nil if
// there is nothing to write.
func (o *outbox) nextBatch(spare []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.count()
	o.inFlight = len(o.pending)
	if o.inFlight == 0 {
		if o.pending != nil {
			o.pending = o.writer.unused(o.pending)
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
		o.writer.reset()
	}
}

// connOutbox is an outbox that is written by a goroutine, which exists only while there is
// something to write.
type connOutbox struct {
	outbox
	conn  net.Conn
	ended chan struct{} // closed once the outbox is closed and nothing is being written
}

func newOutbox(conn net.Conn, total *atomic.Int64) *connOutbox {
	o := &connOutbox{conn: conn, ended: make(chan struct{})}
	o.writer, o.total, o.held = o, total, true
	return o
}

func (o *connOutbox) start() { go o.drain() }

func (o *connOutbox) reset() { _ = abort(o.conn) }

func (o *connOutbox) idle() { close(o.ended) }

func (o *connOutbox) buffer() []byte { return nil }

func (o *connOutbox) unused(b []byte) []byte {
	if cap(b) > keepSize {
		return nil
	}
	return b
}

// drain writes batch after batch until the queue is empty.
func (o *connOutbox) drain() {
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
		spare = o.unused(batch)
	}
}
