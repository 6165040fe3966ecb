package eventloop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport"
	"imcheck/harness/transport/batch"
	"imcheck/protocol/wire"
)

const (
	// keepSize is the capacity in bytes up to which a write buffer is reused.
	keepSize = 4 << 10
	// keepBuffers is the largest number of unused buffers.
	keepBuffers = 4 * eventBatch
)

// Send queues one message, see Conn.
func (s *stream) Send(body []byte) error {
	if s.state != open {
		return &transport.CloseError{Reason: transport.ByUs, Err: errUsed}
	}
	if s.muted {
		return nil
	}
	if s.full(len(body)) {
		err := &transport.CloseError{Reason: transport.Timeout, Err: transport.ErrOutboxFull}
		s.giveUp()
		return err
	}
	s.prepare()
	if s.ws != nil {
		s.push(s.ws.deflate.Frame(body).Append(s.frames()))
	} else {
		s.push(wire.AppendFrame(s.frames(), body))
	}
	return nil
}

// Mute has nothing more be written, see Conn.
func (s *stream) Mute() {
	s.muted = true
	if s.state == open {
		s.deadline = time.Time{}
	}
	s.dropOut()
	s.resume()
}

// frames returns what the next frame is appended to, for push.
func (s *stream) frames() []byte {
	if s.tls != nil {
		return s.loop.secure.frame[:0]
	}
	return s.out
}

// push queues the bytes of frames, with a frame appended.
func (s *stream) push(b []byte) {
	if s.tls != nil {
		s.encrypt(b)
		return
	}
	s.out = b
}

// full reports whether a message of size bytes exceeds the write queue. It first writes
// what has only been queued since the last Flush.
func (s *stream) full(size int) bool {
	limit := s.loop.config.MaxUnwritten
	if len(s.out)+size > limit && !s.blocked {
		s.flush()
	}
	return s.out != nil && len(s.out)+size > limit
}

// giveUp ends a stream whose peer does not read. Closing it will send a reset, as what
// the system has buffered would wait for that peer too.
func (s *stream) giveUp() {
	s.state, s.deadline = over, time.Time{}
	s.dropOut()
	_ = unix.SetsockoptLinger(int(s.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

// prepare makes out ready for appending, and registers the stream for the next Flush.
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
	if !s.inUnwritten {
		s.inUnwritten = true
		l.unwritten = append(l.unwritten, s)
	}
}

// writes reports whether something is queued and can still be written.
func (s *stream) writes() bool {
	return s.out != nil && s.state != closed && s.state != over && !s.muted
}

// flush writes what is queued, without waiting for the next Flush.
func (s *stream) flush() {
	if s.writes() {
		s.wrote(batch.Send(int(s.fd), s.out))
	}
}

// wrote handles the outcome of a write of what is queued. If the socket accepted only a
// part, the rest waits until the peer reads.
func (s *stream) wrote(n int, err error) {
	defer s.resume()
	if err != nil && err != unix.EAGAIN {
		s.failed(os.NewSyscallError("write", err))
		return
	}
	if n == len(s.out) {
		s.out = s.out[:0]
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

// failed records that a write failed. What the peer sent before it ended the stream is
// read first, as it may have the better reason, such as a kick-out.
func (s *stream) failed(err error) {
	s.dropOut()
	if s.state == closing {
		s.free(false)
		return
	}
	if s.failure == nil {
		s.failure = err
		s.draining = true
		s.await()
	}
}

// dropOut frees the write buffer.
func (s *stream) dropOut() {
	if s.out == nil {
		return
	}
	s.cut = s.cut || len(s.out) > 0
	if l := s.loop; cap(s.out) <= keepSize && len(l.spare) < keepBuffers {
		l.spare = append(l.spare, s.out[:0])
	}
	s.out, s.blocked = nil, false
}
