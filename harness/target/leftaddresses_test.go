package target_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// reusing gives the UDP sockets of a network the lowest port that is free, so that a
// closed one's is the next to be given.
type reusing struct {
	*memory.Network
	taken map[int]bool
}

func (r *reusing) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	conn, err := r.Network.DialPacket(ctx, address)
	port := 1
	for r.taken[port] {
		port++
	}
	r.taken[port] = true
	return &portConn{conn, r, port}, err
}

type portConn struct {
	net.Conn
	from *reusing
	port int
}

func (c *portConn) LocalAddr() net.Addr {
	return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: c.port}
}

func (c *portConn) Close() error {
	delete(c.from.taken, c.port)
	return c.Conn.Close()
}

func TestAnAddressThatWasLeftIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		under := startTarget(t, network)
		ports := &reusing{network, map[int]bool{}}
		under.Network = ports
		dial := func(want int) func() {
			t.Helper()
			conn, err := under.Dial(t.Context(), wire.UDP)
			if err != nil {
				t.Fatal(err)
			}
			if got := conn.Raw().LocalAddr().(*net.UDPAddr).Port; got != want {
				t.Errorf("port %d, want %d", got, want)
			}
			return func() { under.Leave(conn) }
		}
		leave := dial(1)
		leave()
		if err := under.Discover(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		leave = dial(1) // nothing is remembered of a target that was not discovered
		leave()
		left := time.Now()
		dial(2)()
		dial(3)()
		if len(ports.taken) != 0 {
			t.Errorf("still open: %v", ports.taken)
		}
		forgotten := left.Add(under.Modes[wire.UDP].Expiry(wire.UDP) + 2*time.Second)
		time.Sleep(time.Until(forgotten) - 1)
		dial(4)()
		time.Sleep(time.Nanosecond)
		dial(1)()
	})
}

func TestADialEndsWhenEveryAddressWasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under := startTarget(t, memory.New())
		if err := under.Discover(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		ports := &reusing{under.Network.(*memory.Network), map[int]bool{}}
		under.Network = ports
		for range 100 {
			conn, err := under.Dial(t.Context(), wire.UDP)
			if err != nil {
				t.Fatal(err)
			}
			under.Leave(conn)
		}
		if len(ports.taken) != 0 {
			t.Errorf("still open: %v", ports.taken)
		}
	})
}
