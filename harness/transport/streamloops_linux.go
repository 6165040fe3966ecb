package transport

import (
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxLoops is the largest number of loops of a listener.
const maxLoops = 4

// linuxLoops are the streamLoops of a listener on this machine, for connections without TLS. A
// loop has two processors: with two loops on two of them a message took a fifth more, as each
// has fewer to read and to write at once.
type linuxLoops struct {
	file   *os.File        // a copy of the listening socket: that of package net does not let us accept
	socket syscall.RawConn // of file
	loops  []*streamLoop
	next   int // loop of the next link

	delivering atomic.Int32 // loops that deliver messages, and wake the others after that

	// The call of accept in progress.
	try  func(fd uintptr) (done bool)
	fd   int
	from unix.Sockaddr
	err  error
}

// newStreamLoops returns nil for a listener whose links need a goroutine each.
func newStreamLoops(s *streamListener, h Handler) streamLoops {
	inner, ok := s.inner.(*net.TCPListener)
	if !ok || s.options.TLS != nil {
		return nil
	}
	file, err := copyOf(inner)
	if err != nil {
		return nil
	}
	all := &linuxLoops{file: file}
	all.try = all.tryAccept
	if all.socket, err = file.SyscallConn(); err != nil {
		_ = file.Close()
		return nil
	}
	for range min(max(1, runtime.GOMAXPROCS(0)/2), maxLoops) {
		loop, err := newStreamLoop(all, s, h)
		if err != nil {
			for _, made := range all.loops {
				made.free()
			}
			_ = file.Close()
			return nil
		}
		all.loops = append(all.loops, loop)
	}
	_ = all.socket.Control(setAccepted)
	for _, loop := range all.loops {
		s.running.Go(loop.run)
	}
	return all
}

// copyOf returns a listening socket that can be waited for by reading.
func copyOf(l *net.TCPListener) (file *os.File, err error) {
	socket, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	if failed := socket.Control(func(original uintptr) {
		fd, err = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0)
	}); failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "listener"), nil // it does not block, as the original
}

// setAccepted sets what the connections inherit that a listening socket accepts: that which
// package net sets.
func setAccepted(fd uintptr) {
	const idle, interval, count = 15, 15, 9 // seconds, seconds, probes
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, idle)
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, interval)
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPCNT, count)
}

// accept waits for a connection and gives it to a loop.
func (a *linuxLoops) accept() error {
	if err := a.socket.Read(a.try); err != nil {
		return err // the listener is closed
	}
	if a.err != nil {
		return a.err
	}
	a.next = (a.next + 1) % len(a.loops)
	if !a.loops[a.next].add(acceptedStream{a.fd, remoteOf(a.from)}) {
		_ = unix.Close(a.fd)
	}
	return nil
}

func (a *linuxLoops) tryAccept(fd uintptr) (done bool) {
	for {
		a.fd, a.from, a.err = unix.Accept4(int(fd), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if a.err != unix.EINTR {
			return a.err != unix.EAGAIN
		}
	}
}

// remoteOf returns the address of a peer.
func remoteOf(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		address := netip.AddrFrom16(a.Addr)
		if a.ZoneId != 0 {
			address = address.WithZone(zoneOf(a.ZoneId))
		}
		return unmapped(netip.AddrPortFrom(address, uint16(a.Port)))
	}
	return netip.AddrPort{}
}

// stop has the loops end once their last link has.
func (a *linuxLoops) stop() {
	_ = a.file.Close()
	for _, loop := range a.loops {
		loop.tell(func() { loop.stopping = true })
	}
}

// drop has the loops drop every link.
func (a *linuxLoops) drop() {
	for _, loop := range a.loops {
		loop.tell(func() { loop.dropping = true })
	}
}
