package eventloop

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"imcheck/protocol/wire"
)

// More connections than a batch has room for have something to write at once.
func TestMoreStreamsThanABatch(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, _ *peer) {
		const n = 2*batchSize + 1
		for i := range n {
			w.Open(kind, uint64(i), i)
		}
		w.until("all connections", func() bool { return len(w.conns) == n })
		for tag, c := range w.conns {
			if err := c.Send(fmt.Append(nil, tag)); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		w.until("all echoes", func() bool { return len(w.messages) == n })
		for tag, got := range w.messages {
			if want := fmt.Sprint(tag); len(got) != 1 || got[0] != want {
				t.Errorf("connection %d got %q", tag, got)
			}
		}
	})
}

// What comes may be as long as the room that a batch has for it, or about that.
func TestMessagesAsLongAsAPart(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, _ *peer) {
		c := w.dial(kind, 0)
		for length := partSize - 8; length <= partSize+1; length++ {
			clear(w.messages)
			w.say(c, strings.Repeat("z", length))
			w.until("the echo", func() bool { return len(w.messages[0]) > 0 })
			if got := w.messages[0]; len(got) != 1 || len(got[0]) != length {
				t.Errorf("%d messages for one of %d bytes", len(got), length)
			}
		}
	})
}

// A message may close a connection that has ended, which was read along with it:
// nothing more is reported of that one.
func TestAConnectionIsClosedAmongReads(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, _ *peer) {
		speaks, ends := w.dial(kind, 0).(*stream), w.dial(kind, 1).(*stream)
		w.onMessage = func(uint64, []byte) { _ = ends.Close() }
		w.say(speaks, "hello")
		if err := unix.Shutdown(int(ends.fd), unix.SHUT_RD); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*stream{speaks, ends} {
			poll := []unix.PollFd{{Fd: s.fd, Events: unix.POLLIN}}
			if n, err := unix.Poll(poll, int(patience.Milliseconds())); n != 1 {
				t.Fatalf("waiting for what is to be read: %d, %v", n, err)
			}
			w.readable = append(w.readable, s) // as a Poll that finds both does
		}
		w.read()
		if len(w.messages[0]) != 1 || len(w.ends) != 0 {
			t.Errorf("messages %v, ends %v; want the message alone", w.messages, w.ends)
		}
	})
}

// What is queued is written once, even if something was written ahead of it.
func TestNothingIsWrittenTwice(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, _ *peer) {
		s := w.dial(kind, 0).(*stream)
		if err := s.Send([]byte("a")); err != nil {
			t.Fatal(err)
		}
		s.flush()
		w.say(s, "b")
		w.say(s, "c")
		w.until("the last echo", func() bool { return strings.HasSuffix(strings.Join(w.messages[0], ""), "c") })
		if got := strings.Join(w.messages[0], ""); got != "abc" {
			t.Errorf("the echoes are %q", got)
		}
	})
}

// A handler may flush what it sends while other messages of a batch wait.
func TestFlushFromAMessage(t *testing.T) {
	onTransports(t, streams, func(w *world, kind wire.Transport, _ *peer) {
		conns := []Conn{w.dial(kind, 0), w.dial(kind, 1), w.dial(kind, 2)}
		w.onMessage = func(tag uint64, _ []byte) {
			if len(w.messages[tag]) == 1 {
				w.say(conns[tag], "again")
			}
		}
		for _, c := range conns {
			if err := c.Send([]byte("once")); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		w.until("two echoes for each", func() bool {
			return len(w.messages[0]) == 2 && len(w.messages[1]) == 2 && len(w.messages[2]) == 2
		})
		if len(w.ends) != 0 {
			t.Errorf("ends %v", w.ends)
		}
	})
}
