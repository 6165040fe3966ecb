package transport

import (
	"net"
	"net/netip"
	"sync"
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
		o := newOutbox(conn)
		o.release()
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
		<-o.idle
		if conn.writes != 2 || string(got[100:total]) != "end" {
			t.Errorf("%d writes, the last bytes are %q; want 2 and %q", conn.writes, got[100:total], "end")
		}
	})
}
