package eventloop

import (
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport"
)

// portWindow is the number of local ports from which the system chooses for one stream.
const portWindow = 64

// ports spreads streams over the local ports. By default the system searches half of all
// ports for a free one, and all of them for every further connection once that half is
// used up. That takes milliseconds each, in which the loop is blocked.
type ports struct {
	first   int
	windows int
	next    int // the next window
}

func newPorts() ports {
	first, last := transport.EphemeralPorts()
	windows := max(1, (int(last)-int(first)+1)/portWindow)
	return ports{first: int(first), windows: windows, next: rand.IntN(windows)}
}

// connect connects a stream from the next window with a free port. Before Linux 6.3 the
// system makes that choice.
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
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_LOCAL_PORT_RANGE, 0) // any port: the windows leave the last few out
	return unix.Connect(fd, to)
}
