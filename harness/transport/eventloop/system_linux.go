package eventloop

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// destination is an address on which a transport of the target listens.
type destination struct {
	host    string // name of the server in requests
	at      netip.AddrPort
	address unix.Sockaddr
	raw     unix.RawSockaddrInet4 // for datagrams of IPv4
	family  int
	err     error // reason that it could not be resolved
}

func resolve(t wire.Transport, address string) *destination {
	if address == "" {
		return &destination{err: fmt.Errorf("no address for %s", t)}
	}
	// The addresses of UDP are resolved like those of TCP.
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return &destination{host: address, err: err}
	}
	at := resolved.AddrPort()
	if !at.Addr().IsValid() { // ":7901" is this machine
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
	}
	return newDestination(transport.Node{Host: address, At: at})
}

func newDestination(n transport.Node) *destination {
	at := netip.AddrPortFrom(n.At.Addr().Unmap(), n.At.Port())
	return &destination{host: n.Host, at: at, address: sockaddr(at), raw: rawAddress(at), family: familyOf(at.Addr())}
}

func familyOf(a netip.Addr) int {
	if a.Is6() {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// String returns the address, for errors.
func (d *destination) String() string {
	if d.at.IsValid() {
		return d.at.String()
	}
	return d.host
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	six := &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
	if zone := a.Addr().Zone(); zone != "" {
		if i, err := net.InterfaceByName(zone); err == nil {
			six.ZoneId = uint32(i.Index)
		}
	}
	return six
}

// makeSocket returns a non-blocking socket, bound to source unless that is nil.
func makeSocket(family, kind int, source unix.Sockaddr) (fd int, err error) {
	fd, err = unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("make a socket: %w", err)
	}
	if source == nil {
		return fd, nil
	}
	// The port is chosen on connecting, so that one can serve many destinations.
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err := unix.Bind(fd, source); err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("bind to the source address: %w", err)
	}
	return fd, nil
}

// epollWait waits with a resolution of nanoseconds if the system can, else milliseconds.
func epollWait(epoll int, events []unix.EpollEvent, limit time.Duration) (n int, err error) {
	var timeout *unix.KernelTimespec // of 64 bits, where a Timespec has 32 as well
	if limit >= 0 {
		timeout = &unix.KernelTimespec{Sec: int64(limit / time.Second), Nsec: int64(limit % time.Second)}
	}
	r, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(unsafe.Pointer(timeout)), 0, 0)
	runtime.KeepAlive(timeout)
	switch errno {
	case 0:
		return int(r), nil
	case unix.EINTR:
		return 0, nil
	case unix.ENOSYS: // before Linux 5.11
		return epollWaitMilliseconds(epoll, events, limit)
	}
	return 0, errno
}

func epollWaitMilliseconds(epoll int, events []unix.EpollEvent, limit time.Duration) (n int, err error) {
	ms := -1
	if limit >= 0 {
		ms = int(min((limit+time.Millisecond-1)/time.Millisecond, 1<<30))
	}
	if n, err = unix.EpollWait(epoll, events, ms); err == unix.EINTR {
		return 0, nil
	}
	return n, err
}

// sleep stops the loop's thread, for a millisecond or so at most; a signal ends it.
//
// Go's scheduler does not hear of it. It would take the processor away from a goroutine that
// has been in and out of system calls for 10 ms, and from then on look for that every 20 µs,
// and wake up a thread for the processor each time: that cost more than all that the loop
// does. When the scheduler does want the processor it sends a signal.
func sleep(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
	runtime.KeepAlive(&t)
}
