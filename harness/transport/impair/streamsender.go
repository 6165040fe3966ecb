package impair

import (
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// The time for which a closed stream waits for a peer that does not read, once its FIN or
// its reset is due.
const (
	flushTime = 10 * time.Second
	resetTime = 100 * time.Millisecond
)

// streamSender is the sending side of a stream. A goroutine sends bytes when they are
// due; it ends after Close, once all are sent.
type streamSender struct {
	socket   net.Conn
	closings *closings

	mu       sync.Mutex
	schedule *bytestream[[]byte]
	writing  int       // bytes that the goroutine is writing
	failure  error     // failed write by the goroutine
	finished bool      // CloseWrite was called
	closed   bool      // Close was called
	reset    bool      // Close is, or was, a reset
	deadline time.Time // for writes
	changed  chan struct{}
}

func (s *streamSender) start() {
	s.changed = make(chan struct{})
	go s.run()
}

// notify is called with mu held.
func (s *streamSender) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *streamSender) write(b []byte) (written int, err error) {
	for {
		n, changed, until, err := s.offer(b[written:], time.Now())
		if written += n; err != nil || changed == nil {
			return written, err
		}
		wait(until, changed)
	}
}

// offer takes as many bytes as there is room for. If changed is not nil the rest has to
// wait until it is closed, or fail at until, the deadline.
func (s *streamSender) offer(b []byte, now time.Time) (n int, changed <-chan struct{}, until time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, nil, until, net.ErrClosed
	case passed(s.deadline, now):
		return 0, nil, until, os.ErrDeadlineExceeded
	case s.failure != nil:
		return 0, nil, until, s.failure
	case s.finished:
		return 0, nil, until, os.NewSyscallError("write", syscall.EPIPE)
	}
	if n = min(len(b), window-s.schedule.waiting()-s.writing); n > 0 {
		s.schedule.add(now, slices.Clone(b[:n]))
		s.notify()
	}
	if n == len(b) {
		return n, nil, until, nil
	}
	return n, s.changed, s.deadline, nil
}

// finish sends a FIN.
func (s *streamSender) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	if !s.finished {
		s.finished = true
		s.schedule.addEvent(time.Now(), closeSide)
		s.notify()
	}
	return nil
}

// close sends a FIN, or a reset when there is unread data.
func (s *streamSender) close(unread bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	bound := flushTime
	if s.reset {
		bound = resetTime
	}
	s.closed, s.reset = true, s.reset || unread
	s.closings.begin()
	due := s.schedule.addEvent(time.Now(), closeBoth)
	_ = s.socket.SetWriteDeadline(due.Add(bound)) // fails only on a closed socket
	s.notify()
	return nil
}

func (s *streamSender) setLinger(seconds int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.reset = seconds == 0
	return nil
}

func (s *streamSender) setDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.deadline = t
	s.notify()
	return nil
}

// run sends what is due, one item after the other, until Close.
func (s *streamSender) run() {
	for {
		next, ok, until, changed := s.take(time.Now())
		switch {
		case !ok:
			wait(until, changed)
		case next.event == closeBoth:
			s.closeSocket()
			return
		case next.event == closeSide:
			if half, ok := s.socket.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // fails only on a closed stream
			}
		default:
			_, err := s.socket.Write(next.data)
			s.wrote(err)
		}
	}
}

// take removes the first item that is due; after an error it skips bytes. If ok is false
// there is none yet: wait until changed is closed, or for until unless that is zero.
func (s *streamSender) take(now time.Time) (next item[[]byte], ok bool, until time.Time, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if next, ok = s.schedule.take(now); !ok {
			break
		}
		if s.failure == nil || next.event != none {
			s.writing = len(next.data)
			return next, true, until, nil
		}
	}
	until, _ = s.schedule.next()
	return item[[]byte]{}, false, until, s.changed
}

// wrote makes room after a write, and keeps the first error.
func (s *streamSender) wrote(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = 0
	if err != nil && s.failure == nil {
		s.failure = err
	}
	s.notify()
}

// closeSocket closes the socket, with a reset if one was requested, or if bytes are lost
// because the peer did not read them.
func (s *streamSender) closeSocket() {
	s.mu.Lock()
	reset := s.reset || s.failure != nil
	s.mu.Unlock()
	if lingering, ok := s.socket.(interface{ SetLinger(seconds int) error }); ok && reset {
		_ = lingering.SetLinger(0)
	}
	_ = s.socket.Close()
	s.closings.end()
}
