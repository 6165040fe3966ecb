package impair

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// How long a closed stream waits for a peer that does not read, from when its FIN
// or its reset is due.
const (
	flushTime = 10 * time.Second
	resetTime = 100 * time.Millisecond
)

// streamSender is the sending side of a stream. A goroutine lets the bytes out
// when their time has come; it ends after Close, when the last of them is out.
type streamSender struct {
	socket   net.Conn
	closings *closings

	mu       sync.Mutex
	schedule *bytestream
	writing  int       // bytes that the goroutine is writing
	failure  error     // of a write of the goroutine
	finished bool      // CloseWrite was called
	closed   bool      // Close was called
	reset    bool      // Close is, or was, a reset
	deadline time.Time // of writes
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

// offer takes as many bytes as there is room for. When changed is not nil there
// is none for the rest until it is closed; at until the deadline is over.
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
		s.schedule.add(now, b[:n])
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
	_ = s.socket.SetWriteDeadline(due.Add(bound)) // fails only on a socket that is gone
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

// run lets out what is due, one item after the other, up to Close.
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
				_ = half.CloseWrite() // fails only on a stream that is gone
			}
		default:
			_, err := s.socket.Write(next.data)
			s.wrote(err)
		}
	}
}

// take returns the first item that is due; after an error no bytes any more. When
// ok is false there is none before until, if that is not zero, unless changed is
// closed.
func (s *streamSender) take(now time.Time) (next item, ok bool, until time.Time, changed <-chan struct{}) {
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
	return item{}, false, until, s.changed
}

// wrote makes room, and keeps the first error.
func (s *streamSender) wrote(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = 0
	if err != nil && s.failure == nil {
		s.failure = err
	}
	s.notify()
}

// closeSocket sends the reset, if there is to be one: also when bytes are lost
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
