package eventloop

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/bounds"
	"imcheck/harness/transport/batch"
)

// A turn is the reading of one Poll. It ends however much arrives: a connection with
// more to read queues up again after the others, so that the caller can do what is due
// in between.

// timeLeft reports whether the turn has time for what could wait.
func (l *Loop) timeLeft() bool { return time.Since(l.turn) < bounds.TurnTime }

// Arrived returns the time at which the message that the handler is being given arrived: for
// datagrams of shared sockets by the stamp of the system, so that it does not depend on how
// soon the loop reads them; for others it is now.
func (l *Loop) Arrived() time.Time {
	if l.arrived.IsZero() {
		return time.Now()
	}
	return l.arrived
}

// Took tells the loop how long the server took to answer a message. It may wait for further
// ones for a small share of that before it reads, and so wakes up less often.
func (l *Loop) Took(took time.Duration) { l.coalescing.answered(took) }

// arrival converts a stamp of the wall clock to a time of the monotonic one. It is not
// before the last look at the sockets, so that a wall clock that is set does no harm.
func arrival(now, earliest time.Time, stamp int64) time.Time {
	if stamp == 0 {
		return now
	}
	age := min(max(time.Duration(now.UnixNano()-stamp), 0), max(now.Sub(earliest), 0))
	return now.Add(-age)
}

// await queues a stream for reading.
func (s *stream) await() {
	if !s.inReadable {
		s.inReadable = true
		s.loop.readable = append(s.loop.readable, s)
	}
}

// read reads from one batch of the queued streams. A message on one may have closed
// another in the meantime, whose descriptor may have been reused.
func (l *Loop) read() {
	if len(l.readable) == 0 {
		return
	}
	b := &l.batches
	batched := min(len(l.readable), batchSize)
	for _, s := range l.readable[:batched] {
		s.inReadable = false
		if s.paused = s.backlogged(); s.reads() && !s.paused {
			part := b.buffer[len(b.reads)*partSize:][:partSize]
			b.reads = append(b.reads, operation{Stream: s, FD: s.fd, Bytes: part})
		}
	}
	l.readable = slices.Delete(l.readable, 0, batched)
	b.Run(b.reads)
	for i := range b.reads {
		b.reads[i].Stream.received(&b.reads[i])
	}
	clear(b.reads)
	b.reads = b.reads[:0]
}

// backlogged reports whether so much waits to be written that reading, which can cause
// answers, has to wait (back-pressure).
func (s *stream) backlogged() bool {
	return s.blocked && len(s.out) > s.loop.config.MaxUnwritten/bounds.UnwrittenShare || s.tls != nil && s.tls.Full()
}

// resume queues a stream that had to wait for its own writes.
func (s *stream) resume() {
	if s.paused && !s.backlogged() {
		s.paused = false
		s.await()
	}
}

// received handles the outcome of a read of a batch, and makes one larger read if there
// is more, and time for it.
func (s *stream) received(o *operation) {
	switch {
	case !s.reads(): // a message on another stream has closed this one
	case !s.handleRead(o.Bytes, o.N, o.Err):
	case s.loop.timeLeft():
		in := s.loop.in[:bounds.TurnBytes]
		n, err := batch.Receive(int(s.fd), in)
		if s.handleRead(in, n, err) {
			s.await()
		}
	default:
		s.await()
	}
}

// handleRead handles the outcome of a read and reports whether there is more to read. A
// read that does not fill its buffer has emptied the socket, except for the end of the
// stream.
func (s *stream) handleRead(in []byte, n int, err error) (more bool) {
	s.handle(in, n, err)
	return err == nil && s.reads() && (n == len(in) || s.draining)
}

// await queues a socket for receiving.
func (k *sharedSocket) await() {
	if !k.queued {
		k.queued = true
		l := k.sharing.loop
		l.filled = append(l.filled, k)
	}
}

// receive receives one batch of datagrams from each queued shared socket while there is
// time, and from one at least.
func (l *Loop) receive() {
	served := 0
	for waiting := len(l.filled); served < waiting; {
		k := l.filled[served]
		k.queued = false
		if k.receive() == batch.MaxDatagrams {
			k.await()
		}
		if served++; !l.timeLeft() {
			break
		}
	}
	l.filled = slices.Delete(l.filled, 0, served)
}

// endEvents are the events after which nothing more arrives.
const endEvents = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
