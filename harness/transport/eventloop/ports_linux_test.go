package eventloop

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"imcheck/protocol/wire"
)

func localPort(t *testing.T, c Conn) int {
	t.Helper()
	address, err := unix.Getsockname(int(c.(*stream).fd))
	if err != nil {
		t.Fatal(err)
	}
	return address.(*unix.SockaddrInet4).Port
}

// Streams take their ports from one window after the other, and when all are
// full from wherever the system finds one.
func TestPortWindows(t *testing.T) {
	p := newPeer(t, wire.TCP)
	w := newWorld(t, at(wire.TCP, p.address))
	l, err := net.Listen("tcp", "127.0.0.1:0") // the windows begin at a port that is in use
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	first := min(l.Addr().(*net.TCPAddr).Port, 65535-2*portWindow)
	w.ports = ports{first: first, windows: 2}
	const n = 2*portWindow + 10
	inside := 0
	for i := range n {
		port := localPort(t, w.dial(wire.TCP, i))
		if port >= first && port < first+2*portWindow {
			inside++
		}
		if i == 0 && (port < first || port >= first+portWindow) {
			t.Errorf("the first connection is from port %d, want %d to %d", port, first, first+portWindow-1)
		}
	}
	if inside == 0 || inside > 2*portWindow {
		t.Errorf("%d of %d connections are from the windows", inside, n)
	}
}
