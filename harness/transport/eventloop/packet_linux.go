package eventloop

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport"
	"imcheck/harness/transport/batch"
)

// packet is a UDP connection with a socket of its own.
type packet struct {
	loop *Loop
	tag  uint64
	fd   int32
	slot int32
	over bool // its end was reported
	done bool // Close was called
}

// startPacket opens a connection, which takes no handshake.
func (l *Loop) startPacket(r request, to *destination) error {
	began := time.Now()
	fd, err := makeSocket(to.family, unix.SOCK_DGRAM, l.source(r.seat, to.family))
	if err != nil {
		return err
	}
	if err := unix.Connect(fd, to.address); err != nil {
		_ = unix.Close(fd)
		return os.NewSyscallError("connect", err)
	}
	p := &packet{loop: l, tag: r.tag, fd: int32(fd)}
	if p.slot, _, err = l.register(fd, unix.EPOLLIN, p); err != nil {
		_ = unix.Close(fd)
		return os.NewSyscallError("epoll_ctl", err)
	}
	l.outcomes = append(l.outcomes, func() { l.handler.Opened(p.tag, p, began) })
	return nil
}

// ready receives one datagram. One client's socket seldom has a second one, for which it
// is called again, as its events are level-triggered.
func (p *packet) ready(uint32) {
	if p.over {
		return
	}
	n, err := batch.Receive(int(p.fd), p.loop.in)
	switch {
	case err == unix.EAGAIN:
	case err != nil:
		p.end(transport.EndOf(os.NewSyscallError("read", err)))
	case n > p.loop.config.MaxDatagram:
		p.end(tooLong(p.loop.config.MaxDatagram))
	default:
		p.loop.received++
		p.loop.handler.Message(p.tag, p.loop.in[:n])
	}
}

func tooLong(limit int) error {
	return &transport.CloseError{Reason: transport.Broken, Err: fmt.Errorf("a datagram is over the limit of %d bytes", limit)}
}

func (p *packet) end(err error) {
	p.over = true
	p.loop.handler.Ended(p.tag, err)
}

// Send writes at once, as there is nothing to batch. A datagram for which the socket has
// no room is lost, as any may be.
func (p *packet) Send(body []byte) error {
	if p.over || p.done {
		return &transport.CloseError{Reason: transport.ByUs, Err: errUsed}
	}
	if _, err := batch.Send(int(p.fd), body); err != nil && err != unix.EAGAIN {
		return transport.EndOf(os.NewSyscallError("write", err))
	}
	return nil
}

// Mute does nothing: datagrams have no answers that nobody sends.
func (p *packet) Mute() {}

// Close closes the socket.
func (p *packet) Close() error {
	if !p.done {
		p.abort()
	}
	return nil
}

func (p *packet) abort() {
	p.done, p.over = true, true
	_ = unix.Close(int(p.fd))
	p.loop.release(p.slot)
}
