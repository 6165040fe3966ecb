package eventloop

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/batch"
	"imcheck/harness/transport/tlsstream"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// watchEvery is the interval at which deadlines are checked.
const watchEvery = 100 * time.Millisecond

// streamState is the state of a stream.
type streamState uint8

const (
	connecting streamState = iota // the system connects
	securing                      // TLS: the handshake is not over
	upgrading                     // WebSocket: the answer to the upgrade is incomplete
	open
	over    // its end was reported; Close has not been called
	closing // Close was called; something is still queued
	closed
)

// stream is a TCP or WebSocket connection.
type stream struct {
	loop  *Loop
	tag   uint64
	tls   *tlsstream.Stream // nil without TLS
	fd    int32
	slot  int32
	seat  int32
	on    wire.Transport
	state streamState
	to    *destination

	// Membership in lists and counts of the loop.
	inUnwritten bool
	inReadable  bool
	inWatched   bool
	inClosing   bool

	// Reading.
	paused   bool          // until what it has queued is written
	muted    bool          // nothing is written any more
	draining bool          // the peer sends nothing more: read to the end
	ended    bool          // the end has been read, and TLS has been told
	split    wire.Splitter // TCP
	ws       *webSocket    // WebSocket

	// Writing.
	out     []byte // framed, not written yet; nil if empty
	blocked bool   // the socket is full; out waits for it
	cut     bool   // bytes of out were dropped, so that no record could follow
	failure error  // a failed write; reported once everything before it has been read

	// Times.
	began    time.Time
	deadline time.Time // for the state, or for a blocked write; zero for none
}

// webSocket is the state of a WebSocket stream besides that of any stream.
type webSocket struct {
	upgrade  *transport.Upgrade   // nil once it is complete
	deflate  *transport.Deflation // agreed; nil for none
	messages websocket.Reader
}

// startStream begins to connect.
func (l *Loop) startStream(r request, to *destination) error {
	fd, err := makeSocket(to.family, unix.SOCK_STREAM, l.source(r.seat, to.family))
	if err != nil {
		return err
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // as net sets it
	s := &stream{loop: l, tag: r.tag, fd: int32(fd), seat: int32(r.seat), on: r.transport, to: to, began: time.Now()}
	s.split.Limit = l.config.MaxMessage[r.transport]
	if err := l.ports.connect(fd, to.address); err != nil && err != unix.EINPROGRESS {
		_ = unix.Close(fd)
		return os.NewSyscallError("connect", err)
	}
	// Edge-triggered, so that the set of events need not change with the state.
	if s.slot, _, err = l.register(fd, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|unix.EPOLLET, s); err != nil {
		_ = unix.Close(fd)
		return os.NewSyscallError("epoll_ctl", err)
	}
	l.dialing[s.on]++
	s.setDeadline(s.began.Add(transport.DialTimeout))
	return nil
}

func (s *stream) ready(events uint32) {
	if s.state == connecting {
		s.connected()
	}
	if events&unix.EPOLLOUT != 0 && s.blocked {
		s.flush()
	}
	if s.reads() && events&(unix.EPOLLIN|endEvents) != 0 {
		s.draining = s.draining || events&endEvents != 0
		s.await()
	}
}

// reads reports whether the stream is still read from.
func (s *stream) reads() bool {
	return (s.state == open || s.state == upgrading || s.state == securing) && !s.ended
}

// connected continues once the system has connected, or failed to.
func (s *stream) connected() {
	code, err := unix.GetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	if err != nil {
		s.fail(os.NewSyscallError("connect", err))
		return
	}
	if s.loop.config.TLS[s.on] != nil {
		s.beginTLS()
		return
	}
	s.established()
}

// established continues once there is a stream of bytes.
func (s *stream) established() {
	if s.on == wire.TCP {
		s.opened()
		return
	}
	upgrade, request := transport.NewUpgrade(s.to.host, s.loop.config.Upgrade)
	s.ws = &webSocket{upgrade: upgrade}
	s.state = upgrading
	if s.prepare(); s.state == upgrading {
		s.push(append(s.frames(), request...))
	}
}

// opened reports that the connection can be used.
func (s *stream) opened() {
	s.state = open
	s.loop.dialing[s.on]--
	s.deadline = time.Time{}
	s.loop.handler.Opened(s.tag, s, s.began)
}

// fail reports that the attempt to connect has failed.
func (s *stream) fail(err error) {
	s.loop.dialing[s.on]--
	s.free(true)
	s.loop.handler.Failed(s.tag, fmt.Errorf("connect to %s by %s: %w", s.to, s.on, err))
}

// handle handles the outcome of a read.
func (s *stream) handle(in []byte, n int, err error) {
	switch {
	case err == unix.EAGAIN:
		if s.failure != nil {
			s.end(transport.EndOf(s.failure))
		}
	case err != nil:
		s.inputEnd(os.NewSyscallError("read", err))
	case n == 0:
		s.inputEnd(io.EOF)
	case s.tls != nil:
		s.receive(in[:n])
	default:
		s.take(in[:n])
	}
}

// inputEnd handles the end of what the socket has to read: io.EOF for the peer's FIN, or
// the error of a read.
func (s *stream) inputEnd(err error) {
	if s.tls != nil {
		s.receiveEnd(err)
		return
	}
	s.readEnd(err)
}

// readEnd handles the end of the bytes of the stream, inside TLS if there is any. After a
// failed write a FIN is the end of what the peer sent before its reset.
func (s *stream) readEnd(err error) {
	if err == io.EOF && s.failure != nil {
		err = s.failure
	}
	ended := transport.EndOf(err)
	if ended.Reason == transport.ByPeer && (s.split.Pending() > 0 || s.ws != nil && s.ws.messages.Pending()) {
		ended.Err = transport.ErrMidMessage
	}
	s.end(ended)
}

// take handles bytes of the stream.
func (s *stream) take(in []byte) {
	if s.state == upgrading {
		rest, complete, err := s.ws.upgrade.Answer(in)
		if err != nil {
			s.fail(err)
			return
		}
		if !complete {
			return
		}
		s.ws.deflate = s.ws.upgrade.Deflation()
		s.ws.messages = s.ws.deflate.Reader(websocket.Rules{MaxMessage: s.loop.config.MaxMessage[s.on], MaxFragments: bounds.Fragments})
		s.ws.upgrade, in = nil, rest
		s.opened()
	}
	for s.state == open {
		opcode, body, ok, err := s.next(&in)
		switch {
		case err != nil:
			s.end(&transport.CloseError{Reason: transport.Broken, Err: err})
			return
		case !ok:
			return
		case opcode == websocket.OpText:
			s.loop.received++
			s.loop.handler.Message(s.tag, body)
		default:
			s.control(opcode, body)
		}
	}
}

// next takes the next message or control frame off the front of *in.
func (s *stream) next(in *[]byte) (opcode websocket.Opcode, body []byte, ok bool, err error) {
	if s.ws != nil {
		return s.ws.messages.Next(in)
	}
	body, ok, err = s.split.Next(in)
	return websocket.OpText, body, ok, err
}

// control handles a control frame. Unlike transport.Conn it does not wait for the FIN
// after a close frame.
func (s *stream) control(opcode websocket.Opcode, payload []byte) {
	switch answer, _ := websocket.Client.Answer(opcode, payload); opcode {
	case websocket.OpPing:
		if s.muted {
			s.loop.handler.Control(s.tag, len(payload))
			return
		}
		if s.full(len(payload)) {
			s.giveUp()
			s.loop.handler.Ended(s.tag, &transport.CloseError{Reason: transport.Timeout, Err: transport.ErrOutboxFull})
			return
		}
		s.prepare()
		s.push(answer.Append(s.frames()))
		s.loop.handler.Control(s.tag, len(payload))
	case websocket.OpPong:
		s.loop.handler.Control(s.tag, len(payload))
	case websocket.OpClose:
		if !s.muted {
			s.prepare()
			s.push(answer.Append(s.frames()))
			s.flush()
		}
		s.end(&transport.CloseError{Reason: transport.ByPeer, Code: websocket.ParseClose(payload)})
	}
}

// end reports the end of the connection, which the handler still has to close.
func (s *stream) end(err error) {
	switch s.state {
	case securing:
		s.failTLS(err)
		return
	case upgrading:
		s.fail(fmt.Errorf("waiting for the answer to the upgrade: %w", err))
		return
	}
	s.state = over
	s.dropOut()
	s.loop.handler.Ended(s.tag, err)
}

// free closes the socket, with a reset if asked to.
func (s *stream) free(reset bool) {
	if reset {
		_ = unix.SetsockoptLinger(int(s.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	} else {
		// The half-close sends the FIN even if received bytes were never read, which would
		// turn a plain close into a reset.
		_ = unix.Shutdown(int(s.fd), unix.SHUT_WR)
	}
	_ = unix.Close(int(s.fd))
	if s.inClosing {
		s.loop.closing--
	}
	s.state, s.deadline = closed, time.Time{}
	s.dropOut()
	s.dropTLS()
	s.loop.release(s.slot)
}

func (s *stream) abort() { s.free(true) }

// Close closes the connection, see Conn.
func (s *stream) Close() error {
	if s.muted && (s.state == open || s.state == over) {
		s.free(true)
		return nil
	}
	switch s.state {
	case open:
		if s.ws != nil {
			s.prepare()
			s.push(websocket.Client.Frame(websocket.OpClose, websocket.ClosePayload(websocket.CloseNormal, "")).Append(s.frames()))
		}
		s.closeTLS()
		s.state = closing
		if s.flush(); s.state == closing && s.out != nil {
			s.setDeadline(time.Now().Add(transport.CloseTimeout))
			s.loop.closing++
			s.inClosing = true
			return nil
		}
	case over:
		s.closeTLS()
	default:
		return nil
	}
	if s.state != closed {
		s.free(false)
	}
	return nil
}

// lapse handles an expired deadline.
func (s *stream) lapse() {
	s.deadline = time.Time{}
	switch s.state {
	case connecting, securing, upgrading:
		s.fail(os.ErrDeadlineExceeded)
	case open:
		s.end(transport.EndOf(os.ErrDeadlineExceeded))
	case closing:
		s.free(true)
	}
}

// setDeadline sets the deadline, and adds the stream to those that watch checks.
func (s *stream) setDeadline(t time.Time) {
	s.deadline = t
	if !s.inWatched {
		s.inWatched = true
		s.loop.watched = append(s.loop.watched, s)
	}
}

// watch checks the deadlines, at most once in watchEvery.
func (l *Loop) watch() {
	batch.CheckDeadlines(&l.watched, &l.checked, watchEvery, func(s *stream) time.Time { return s.deadline }, func(s *stream) {
		s.inWatched = false // lapse may set a deadline again
		if !s.deadline.IsZero() {
			s.lapse()
		}
	})
}

// errUsed is the error of Send after the end of a connection.
var errUsed = errors.New("the connection has ended")
