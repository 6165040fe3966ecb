package eventloop

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// What waits for a peer that does not read is bounded, and then the connection is
// reset: the peer gets what the system had taken, and no orderly end.
func TestAPeerThatDoesNotReadIsEndedByTheBound(t *testing.T) {
	proceed, seen := make(chan struct{}), make(chan error, 1)
	address := rawServer(t, func(c *net.TCPConn) {
		<-proceed
		_, err := io.Copy(io.Discard, c)
		seen <- err
	})
	w := newWorld(t, at(wire.TCP, address))
	c := w.dial(wire.TCP, 0)
	s := c.(*stream)
	body := []byte(strings.Repeat("y", 1000))
	var err error
	for most := 0; err == nil; {
		if err = c.Send(body); err == nil && s.blocked {
			most = max(most, len(s.out))
		}
		if w.Flush(); most > bounds.Unwritten+wire.FrameHeader {
			t.Fatalf("%d bytes wait, want %d at most", most, bounds.Unwritten)
		}
	}
	ended, ok := errors.AsType[*transport.CloseError](err)
	if !ok || ended.Reason != transport.Timeout || !errors.Is(err, transport.ErrOutboxFull) || s.out != nil {
		t.Errorf("it ended by %v with %d bytes waiting, want a timeout and none", err, len(s.out))
	}
	if c.Send(body) == nil {
		t.Error("a connection that ended can be sent on")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if close(proceed); <-seen == nil {
		t.Error("the peer saw an orderly end, want a reset")
	}
	if len(w.ends) != 0 {
		t.Errorf("ends are %v, want none beside the error of Send", w.ends)
	}
}

// A burst that is larger than the bound does not end a connection whose
// peer reads.
func TestABurstIsWritten(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, _ *peer) {
		c := w.dial(kind, 0)
		body := []byte(strings.Repeat("y", 1000))
		for range 2 * bounds.Unwritten / len(body) {
			if err := c.Send(body); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		w.until("all echoes", func() bool { return len(w.messages[0]) == 2*bounds.Unwritten/len(body) })
	})
}

// Pongs count as well.
func TestPingsFromAPeerThatDoesNotRead(t *testing.T) {
	proceed := make(chan struct{})
	address := rawServer(t, func(c *net.TCPConn) {
		acceptUpgrade(c)
		<-proceed
	})
	defer close(proceed)
	w := newWorld(t, at(wire.WS, address))
	s := w.dial(wire.WS, 0).(*stream)
	s.blocked = true // as if the socket took no more
	s.prepare()
	payload := make([]byte, 125)
	for pings := 0; w.ends[0] == nil; pings++ {
		if s.control(websocket.OpPing, payload); pings > bounds.Unwritten/len(payload) {
			t.Fatalf("%d pongs wait", pings)
		}
	}
	if ended := w.ends[0]; ended.Reason != transport.Timeout || !errors.Is(ended, transport.ErrOutboxFull) {
		t.Errorf("it ended by %v", ended)
	}
}

// A stream whose writes are blocked again and again is watched once.
func TestAStreamIsWatchedOnce(t *testing.T) {
	w := newWorld(t, at(wire.TCP, silentServer(t)))
	s := w.dial(wire.TCP, 0).(*stream)
	w.watched, s.inWatched = nil, false // the handshake is over
	for range 10 {
		s.out, s.blocked = []byte("xx"), false
		s.wrote(1, nil)
	}
	if len(w.watched) != 1 || !s.blocked {
		t.Errorf("it is watched %d times, want once", len(w.watched))
	}
	s.deadline = time.Now().Add(-1)
	w.checked = time.Time{}
	w.watch()
	if len(w.watched) != 0 || s.inWatched || w.ends[0] == nil {
		t.Errorf("after its deadline it is watched %d times, end %v", len(w.watched), w.ends[0])
	}
}
