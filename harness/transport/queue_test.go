package transport

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// stuckSocket takes datagrams only once it is released.
type stuckSocket struct {
	net.PacketConn // not used
	released       chan struct{}
	mu             sync.Mutex
	written        int // bytes
}

func (s *stuckSocket) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	<-s.released
	return 0, netip.AddrPort{}, net.ErrClosed
}

func (s *stuckSocket) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	<-s.released
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written += len(b)
	return len(b), nil
}

// What a socket does not take is dropped beyond a bound, and a sender never
// waits for it.
func TestDatagramQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		socket := &stuckSocket{released: make(chan struct{})}
		u := &udpListener{socket: socket}
		to := netip.MustParseAddrPort("127.0.0.1:7901")
		body := make([]byte, 1000)
		u.send(to, body)
		synctest.Wait() // the first one is being written
		for range 3 * maxDatagramQueue / len(body) {
			u.send(to, body)
		}
		close(socket.released)
		synctest.Wait()
		most := maxDatagramQueue/len(body)*len(body) + len(body)
		if socket.written != most {
			t.Errorf("%d bytes were written, want %d", socket.written, most)
		}
		u.send(to, body)
		synctest.Wait()
		if socket.written != most+len(body) {
			t.Error("nothing is sent any more")
		}
	})
}

// countingConn counts writes; each waits for a permit.
type countingConn struct {
	net.Conn
	permits chan struct{}
	writes  int
}

func (c *countingConn) Write(b []byte) (int, error) {
	<-c.permits
	c.writes++
	return c.Conn.Write(b)
}

// Messages that come while a write is under way go out together.
func TestOutboxWritesInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		conn := &countingConn{Conn: near, permits: make(chan struct{}, 10)}
		var waiting atomic.Int64
		o := newOutbox(conn, &waiting)
		o.release("")
		for range 100 {
			o.add(func(b []byte) []byte { return append(b, 'x') })
			synctest.Wait()
		}
		o.finish([]byte("end"))
		conn.permits <- struct{}{}
		conn.permits <- struct{}{}
		got := make([]byte, 200)
		total := 0
		for total < 103 {
			n, err := far.Read(got[total:])
			if err != nil {
				t.Fatal(err)
			}
			total += n
		}
		<-o.ended
		if waiting.Load() != 0 {
			t.Errorf("%d bytes still count as waiting", waiting.Load())
		}
		if conn.writes != 2 || string(got[100:total]) != "end" {
			t.Errorf("%d writes, the last bytes are %q; want 2 and %q", conn.writes, got[100:total], "end")
		}
	})
}

// stuckConn is a connection that nobody reads; it is noted when it is aborted.
type stuckConn struct {
	net.Conn
	closed bool
}

func (c *stuckConn) Close() error {
	c.closed = true
	return c.Conn.Close()
}

// Where too much waits on all links, those that have more than their share are
// aborted when more is to be sent, and the others go on.
func TestOutboxesAreBoundedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total atomic.Int64
		stuck := func() (*connOutbox, *stuckConn) {
			near, far := net.Pipe()
			t.Cleanup(func() { _ = far.Close() })
			conn := &stuckConn{Conn: near}
			o := newOutbox(conn, &total)
			o.release("")
			return o, conn
		}
		send := func(o *connOutbox, bytes int) {
			o.add(func(b []byte) []byte { return append(b, make([]byte, bytes)...) })
		}
		const others = MaxOutboxes - MaxOutbox
		total.Store(others)
		large, largeConn := stuck()
		small, smallConn := stuck()
		send(large, MaxOutbox-1)
		send(small, 1)
		if largeConn.closed || total.Load() != MaxOutboxes {
			t.Fatalf("aborted %v with %d bytes in all, want %d", largeConn.closed, total.Load(), MaxOutboxes)
		}
		send(small, outboxShare-1)
		if smallConn.closed || total.Load() != MaxOutboxes+outboxShare-1 {
			t.Errorf("a link within its share: aborted %v, %d bytes in all", smallConn.closed, total.Load())
		}
		send(large, 1)
		synctest.Wait()
		if !largeConn.closed || total.Load() != others+outboxShare {
			t.Errorf("a link over its share: aborted %v, %d bytes in all", largeConn.closed, total.Load())
		}
		send(small, 1) // there is room again
		if smallConn.closed {
			t.Error("the other link is aborted as well")
		}
		small.drop()
		_ = smallConn.Close()
		synctest.Wait()
		if total.Load() != others {
			t.Errorf("%d bytes in all after the end, want %d", total.Load(), others)
		}
	})
}
