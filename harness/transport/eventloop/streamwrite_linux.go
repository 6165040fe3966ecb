package eventloop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

const (
	// keepSize is the largest write buffer in bytes that is kept for the next use.
	keepSize = 4 << 10
	// keepBuffers is how many are kept.
	keepBuffers = 4 * eventBatch
)

// Send is that of Conn.
func (s *stream) Send(body []byte) error {
	if s.state != open {
		return &transport.CloseError{Reason: transport.ByUs, Err: errUsed}
	}
	if s.full(len(body)) {
		err := &transport.CloseError{Reason: transport.Timeout, Err: transport.ErrOutboxFull}
		s.giveUp()
		return err
	}
	s.prepare()
	if s.ws != nil {
		s.out = websocket.Client.Frame(websocket.OpText, body).Append(s.out)
	} else {
		s.out = wire.AppendFrame(s.out, body)
	}
	return nil
}

// full reports whether so many bytes more are too many to wait. What has only
// gathered since the last Flush is written first.
func (s *stream) full(size int) bool {
	limit := s.loop.config.MaxUnwritten
	if len(s.out)+size > limit && !s.blocked {
		s.flush()
	}
	return s.out != nil && len(s.out)+size > limit
}

// giveUp ends a stream whose peer does not read. It is reset when it is closed, as
// what the system still holds of it would wait for that peer as well.
func (s *stream) giveUp() {
	s.state, s.deadline = over, time.Time{}
	s.dropOut()
	_ = unix.SetsockoptLinger(int(s.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

// prepare makes out ready to be appended to, and the next Flush write it.
func (s *stream) prepare() {
	if s.out != nil {
		return
	}
	l := s.loop
	if n := len(l.spare); n > 0 {
		s.out, l.spare = l.spare[n-1], l.spare[:n-1]
	} else {
		s.out = make([]byte, 0, 512)
	}
	if !s.listed {
		s.listed = true
		l.unwritten = append(l.unwritten, s)
	}
}

// writes reports whether there is something to write, and still somewhere to.
func (s *stream) writes() bool { return s.out != nil && s.state != closed && s.state != over }

// flush writes what is queued, ahead of the next Flush.
func (s *stream) flush() {
	if s.writes() {
		s.wrote(send(int(s.fd), s.out))
	}
}

// wrote goes on after a write of what is queued. When the socket took only a
// part of it, the rest waits until the peer reads.
func (s *stream) wrote(n int, err error) {
	defer s.resume()
	if err != nil && err != unix.EAGAIN {
		s.failed(os.NewSyscallError("write", err))
		return
	}
	if n == len(s.out) {
		s.dropOut()
		if s.state == closing {
			s.free(false)
		} else if s.state == open {
			s.deadline = time.Time{}
		}
		return
	}
	s.out = s.out[:copy(s.out, s.out[n:])]
	if !s.blocked {
		s.blocked = true
		if s.state == open {
			s.setDeadline(time.Now().Add(transport.WriteTimeout))
		}
	} else if n > 0 && s.state == open {
		s.deadline = time.Now().Add(transport.WriteTimeout)
	}
}

// failed notes that a write failed. What the peer sent before it ended the
// stream comes first: a kick-out, perhaps, which is the better reason.
func (s *stream) failed(err error) {
	s.dropOut()
	if s.state == closing {
		s.free(false)
		return
	}
	if s.failure == nil {
		s.failure = err
		s.drains = true
		s.await()
	}
}

// dropOut gives the write buffer back.
func (s *stream) dropOut() {
	if s.out == nil {
		return
	}
	if l := s.loop; cap(s.out) <= keepSize && len(l.spare) < keepBuffers {
		l.spare = append(l.spare, s.out[:0])
	}
	s.out, s.blocked = nil, false
}
