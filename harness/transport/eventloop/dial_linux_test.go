package eventloop

import (
	"net"
	"testing"

	"imcheck/harness/bounds"
	"imcheck/protocol/wire"
)

// silentServer accepts connections at the level of TCP, and says nothing.
func silentServer(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// Handshakes that are not answered hold up the other connections of their own
// transport only.
func TestASilentPortHoldsUpNoOtherTransport(t *testing.T) {
	const each = 3 * bounds.DialsAtOnce
	var c Config
	c.Addresses[wire.WS] = silentServer(t)
	c.Addresses[wire.TCP] = newPeer(t, wire.TCP).address
	c.Addresses[wire.UDP] = newPeer(t, wire.UDP).address
	w := newWorld(t, c)
	for i := range each {
		for _, kind := range []wire.Transport{wire.WS, wire.TCP, wire.UDP} {
			w.Open(kind, uint64(kind)<<32|uint64(i), i)
		}
	}
	w.until("all connections by TCP and UDP", func() bool { return len(w.conns) == 2*each })
	w.until("as many handshakes as may be", func() bool { return w.dialing[wire.WS] == bounds.DialsAtOnce })
	if w.dialing[wire.TCP] != 0 || w.dialing[wire.UDP] != 0 || len(w.failures) != 0 {
		t.Errorf("%v are under way, %d failed", w.dialing, len(w.failures))
	}
	queued := map[uint64]bool{}
	w.Queued(func(tag uint64) { queued[tag] = true })
	if len(queued) != each-bounds.DialsAtOnce {
		t.Errorf("%d are queued, want %d", len(queued), each-bounds.DialsAtOnce)
	}
	for i := range each {
		if got, want := queued[uint64(wire.WS)<<32|uint64(i)], i >= bounds.DialsAtOnce; got != want {
			t.Errorf("connection %d is queued: %t, want %t", i, got, want)
		}
	}
}
