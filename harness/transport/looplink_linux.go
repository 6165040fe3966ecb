package transport

import (
	"io"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport/batch"
	"imcheck/protocol/wire"
)

// loopLink is a server's end of one TCP or WebSocket connection that a loop reads and writes.
// It does what a streamLink does, but takes no goroutine and, while nothing is read or
// written, no buffer.
type loopLink struct {
	loop   *streamLoop
	remote netip.AddrPort
	out    outbox

	// Of the loop.
	decoder     streamDecoder
	fd, slot    int32
	state       loopState
	timed       bool // a member of the loop's timed
	inUnwritten bool // a member of the loop's unwritten
	blocked     bool // the socket has no room
	resets      bool // it ends with a reset in place of a FIN
	left        int32
	unsent      []byte // rest of the batch that is being written
	due         int    // bytes that have to be written by the deadline
	deadline    time.Time

	scheduled bool // a member of the loop's scheduled, with the lock of the loop

	mu     sync.Mutex
	closed bool // by Close, or because reading has ended
}

// loopState is the stage of a link's life.
type loopState uint8

const (
	reading   loopState = iota
	finishing           // its end was reported, and what is queued is being written
	lingering           // the FIN is sent, and what arrives is discarded
	gone                // the socket is closed
)

func newLoopLink(l *streamLoop, s acceptedStream) *loopLink {
	k := &loopLink{loop: l, remote: s.remote, fd: int32(s.fd)}
	k.out = outbox{writer: (*loopOutbox)(k), total: &l.listener.waiting, held: true}
	return k
}

func (k *loopLink) limit() int {
	return k.loop.listener.options.limit(k.Transport().MaxMessage())
}

func (k *loopLink) Transport() wire.Transport { return k.loop.listener.protocol.transport }

func (k *loopLink) RemoteAddr() netip.AddrPort { return k.remote }

func (k *loopLink) Send(body []byte) {
	k.out.add(func(b []byte) []byte { return k.loop.listener.protocol.frame(b, body) })
}

// Close has the loop end the link.
func (k *loopLink) Close() { k.close(k.loop.listener.protocol.goodbye) }

// GoAway is Close of a server that stops.
func (k *loopLink) GoAway() { k.close(k.loop.listener.protocol.goingAway) }

func (k *loopLink) close(last []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.closed {
		k.closed = true
		k.out.finish(last)
		k.schedule()
	}
}

func (k *loopLink) isClosed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.closed
}

// schedule has the loop look at the link.
func (k *loopLink) schedule() {
	l := k.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if !k.scheduled {
		k.scheduled = true
		l.scheduled = append(l.scheduled, k)
		l.rouse()
	}
}

// loopOutbox is a loopLink as the writer of its outbox.
type loopOutbox loopLink

func (w *loopOutbox) start() { (*loopLink)(w).schedule() }

func (w *loopOutbox) reset() { (*loopLink)(w).schedule() }

func (w *loopOutbox) idle() {} // the loop looks after every write

func (w *loopOutbox) buffer() []byte {
	l := w.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.spare)
	if n == 0 {
		return make([]byte, 0, 512)
	}
	b := l.spare[n-1]
	l.spare = l.spare[:n-1]
	return b
}

func (w *loopOutbox) unused(b []byte) []byte {
	w.loop.giveBack(b)
	return nil
}

// What follows is called by the loop.

// received handles the outcome of a read. Messages are delivered and ends are reported after
// those of the other links.
func (k *loopLink) received(o *batch.Operation[*loopLink]) {
	var reason error
	switch {
	case o.Err == unix.EAGAIN:
		return
	case o.Err != nil:
		reason = closeError(os.NewSyscallError("read", o.Err), false)
	case o.N == 0:
		reason = closeError(io.EOF, false)
	case k.state == reading:
		reason = k.decoder.decode(o.Bytes[:o.N], k)
	default:
		k.left -= int32(o.N)
	}
	switch {
	case k.state == reading && reason != nil:
		k.loop.ends = append(k.loop.ends, loopEnd{k, reason})
	case k.state == lingering && (reason != nil || k.left <= 0):
		k.loop.release(k)
	}
}

func (k *loopLink) deliver(body []byte) bool {
	if k.isClosed() {
		return false
	}
	k.loop.arrived = append(k.loop.arrived, Arrival{Transport: k.Transport(), Remote: k.remote, Body: body, link: k})
	return true
}

// settle hands over what has arrived on all links.
func (k *loopLink) settle() { k.loop.handOver() }

// obey does what others want of the link: it ends it, and has it written to.
func (k *loopLink) obey() {
	switch {
	case k.state == gone:
		return
	case k.out.err() != nil:
		k.end(nil)
		_ = abortFD(k.fd)
		k.loop.release(k)
		return
	case k.state == reading && k.isClosed():
		k.end(nil)
	}
	if !k.blocked {
		k.loop.toWrite(k)
	}
}

// end reports the end of the link, unless that was done, and finishes it. The reason is not
// used if this end has closed the link.
func (k *loopLink) end(reason error) {
	if k.state != reading {
		return
	}
	k.mu.Lock()
	byRules := k.closed
	k.closed = true
	k.mu.Unlock()
	if byRules {
		reason = &CloseError{Reason: ByUs}
	}
	if failure := k.out.err(); failure != nil {
		reason = &CloseError{Reason: ByUs, Err: failure}
	}
	k.loop.handler.Closed(k, reason)
	k.resets = k.loop.listener.options.Quirks.ResetOnViolation && isViolation(reason)
	k.state, k.decoder = finishing, nil
	if k.blocked {
		k.loop.want(k, unix.EPOLLOUT)
	}
	k.out.finish(nil)
	k.loop.toWrite(k)
}

// hasUnsent reports whether there is something to write now, and takes it from the outbox. If
// there is nothing any more it goes on to the next stage of an end.
func (k *loopLink) hasUnsent() bool {
	if k.state == gone || k.blocked {
		return false
	}
	if len(k.unsent) == 0 {
		k.loop.giveBack(k.unsent)
		k.unsent = k.out.nextBatch(nil)
		k.due = len(k.unsent)
	}
	if k.unsent == nil {
		k.finish()
		return false
	}
	return true
}

// wrote handles the outcome of a write.
func (k *loopLink) wrote(n int, err error) {
	switch {
	case err != nil && err != unix.EAGAIN:
		k.out.fail(os.NewSyscallError("write", err))
		k.unsent = k.unsent[:0]
	case err == nil:
		k.unsent = k.unsent[:copy(k.unsent, k.unsent[n:])]
	}
	if len(k.unsent) == 0 {
		k.unblock()
		k.loop.toWrite(k) // there may be more by now
		return
	}
	if k.due -= n; k.due <= 0 || k.deadline.IsZero() {
		k.due = len(k.unsent)
		k.setDeadline(WriteTimeout)
	}
	k.blocked = true
	events := uint32(unix.EPOLLOUT)
	if k.state == reading {
		events |= unix.EPOLLIN | unix.EPOLLRDHUP
	}
	k.loop.want(k, events)
}

// unblock ends the wait for a socket that had no room.
func (k *loopLink) unblock() {
	if !k.deadline.IsZero() {
		k.deadline = time.Time{}
		k.loop.want(k, unix.EPOLLIN|unix.EPOLLRDHUP)
	}
}

// finish sends the FIN of a link that has ended, once everything is written.
func (k *loopLink) finish() {
	if k.state != finishing {
		return
	}
	if k.resets {
		_ = abortFD(k.fd)
		k.loop.release(k)
		return
	}
	_ = unix.Shutdown(int(k.fd), unix.SHUT_WR)
	k.state, k.left = lingering, lingerBytes
	k.setDeadline(lingerTime)
}

// drop closes the socket at once, and reports the end of a link that has not ended.
func (k *loopLink) drop() {
	k.out.drop()
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.end(nil)
	k.loop.release(k)
}

// lapse handles a deadline that is over.
func (k *loopLink) lapse() {
	k.deadline = time.Time{}
	if k.state == lingering {
		k.loop.release(k)
		return
	}
	k.out.fail(os.ErrDeadlineExceeded) // the loop will be told
}

func (k *loopLink) setDeadline(after time.Duration) {
	k.deadline = time.Now().Add(after)
	if !k.timed {
		k.timed = true
		k.loop.timed = append(k.loop.timed, k)
	}
}

// abortFD has the close of a socket send a reset.
func abortFD(fd int32) error {
	return unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}
