package eventloop

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/bounds"
)

// A turn is the reading of one Poll. However much comes, it ends: a connection
// that has more to read queues up again behind the others, and what the caller
// has to do by the clock is done in between.

// timeLeft reports whether the turn may go on with what can wait.
func (l *Loop) timeLeft() bool { return time.Since(l.turn) < bounds.TurnTime }

// await queues a stream for its turn to be read from.
func (s *stream) await() {
	if !s.queued {
		s.queued = true
		s.loop.readable = append(s.loop.readable, s)
	}
}

// read reads from streams that are queued, one batch of them. What came on one may
// have closed another in the meantime: its descriptor may be another file's.
func (l *Loop) read() {
	if len(l.readable) == 0 {
		return
	}
	b := &l.batches
	batched := min(len(l.readable), batchSize)
	for _, s := range l.readable[:batched] {
		s.queued = false
		if s.paused = s.behind(); s.reads() && !s.paused {
			part := b.buffer[len(b.reads)*partSize:][:partSize]
			b.reads = append(b.reads, operation{stream: s, fd: s.fd, bytes: part})
		}
	}
	l.readable = slices.Delete(l.readable, 0, batched)
	b.run(b.reads)
	for i := range b.reads {
		b.reads[i].stream.received(&b.reads[i])
	}
	clear(b.reads)
	b.reads = b.reads[:0]
}

// behind reports whether so much waits to be written that what is read, which may
// have to be answered, can wait as well.
func (s *stream) behind() bool {
	return s.blocked && len(s.out) > s.loop.config.MaxUnwritten/bounds.UnwrittenShare
}

// resume queues a stream again that had to wait for its own writes.
func (s *stream) resume() {
	if s.paused && !s.behind() {
		s.paused = false
		s.await()
	}
}

// received goes on after a read as a part of a batch, with one larger read where
// there is more and time for it.
func (s *stream) received(o *operation) {
	switch {
	case !s.reads(): // what came on another stream has closed this one
	case !s.came(o.bytes, o.n, o.err):
	case s.loop.timeLeft():
		in := s.loop.in[:bounds.TurnBytes]
		n, err := receive(int(s.fd), in)
		if s.came(in, n, err) {
			s.await()
		}
	default:
		s.await()
	}
}

// came handles the outcome of a read and reports whether there is more to read. A
// read that does not fill its buffer has emptied the socket, unless the stream has
// ended: then the end is still to be read.
func (s *stream) came(in []byte, n int, err error) (more bool) {
	s.handle(in, n, err)
	return err == nil && s.reads() && (n == len(in) || s.drains)
}

// await queues a socket for its turn to be received from.
func (k *sharedSocket) await() {
	if !k.queued {
		k.queued = true
		l := k.sharing.loop
		l.filled = append(l.filled, k)
	}
}

// receive takes one batch of datagrams from each shared socket that is queued, as
// long as there is time, but from one at least.
func (l *Loop) receive() {
	served := 0
	for waiting := len(l.filled); served < waiting; {
		k := l.filled[served]
		k.queued = false
		if k.receive() == datagramBatch {
			k.await()
		}
		if served++; !l.timeLeft() {
			break
		}
	}
	l.filled = slices.Delete(l.filled, 0, served)
}

// The events after which there is no more to come than what has come.
const endEvents = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
