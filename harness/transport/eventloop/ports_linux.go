package eventloop

import (
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport"
)

// portWindow is how many local ports the system chooses from for one stream.
const portWindow = 64

// ports spreads streams over the local ports. Left to itself the system looks
// through half of all ports for a free one, and through all of them again for
// every further connection once that half is used up: milliseconds each, in
// which nothing else happens.
type ports struct {
	first   int
	windows int
	next    int // window
}

func newPorts() ports {
	first, last := transport.EphemeralPorts()
	windows := max(1, (int(last)-int(first)+1)/portWindow)
	return ports{first: int(first), windows: windows, next: rand.IntN(windows)}
}

// connect connects a stream from the next window that has a free port. Before
// Linux 6.3 there is no such choice, and the system makes it.
func (p *ports) connect(fd int, to unix.Sockaddr) error {
	for range p.windows {
		first := p.first + p.next*portWindow
		p.next = (p.next + 1) % p.windows
		if unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_LOCAL_PORT_RANGE, (first+portWindow-1)<<16|first) != nil {
			break
		}
		if err := unix.Connect(fd, to); err != unix.EADDRNOTAVAIL {
			return err
		}
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_LOCAL_PORT_RANGE, 0) // any: the windows do not have the last few
	return unix.Connect(fd, to)
}
