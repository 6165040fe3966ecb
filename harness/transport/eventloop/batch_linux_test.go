package eventloop

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"imcheck/protocol/wire"
)

// withAndWithoutRing runs a test in both ways; where the system has no ring,
// only in the other one.
func withAndWithoutRing(t *testing.T, test func(t *testing.T, b *batches)) {
	t.Run("with a ring", func(t *testing.T) {
		r, err := newRing(batchSize)
		if err != nil {
			t.Skip(err)
		}
		b := &batches{ring: r}
		t.Cleanup(b.close)
		test(t, b)
		if b.ring == nil {
			t.Error("the ring was given up")
		}
	})
	t.Run("without one", func(t *testing.T) { test(t, &batches{}) })
}

// pair is a connected pair of stream sockets that do not block.
func pair(t *testing.T) (here, there int) {
	t.Helper()
	both, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.Close(both[0])
		_ = unix.Close(both[1])
	})
	return both[0], both[1]
}

// Each operation has an outcome of its own, whatever became of the others.
func TestOutcomesInABatch(t *testing.T) {
	withAndWithoutRing(t, func(t *testing.T, b *batches) {
		good, peer := pair(t)
		if _, err := unix.Write(peer, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		silent, _ := pair(t)
		ended, endedPeer := pair(t)
		_ = unix.Shutdown(endedPeer, unix.SHUT_WR)
		deaf, deafPeer := pair(t)
		_ = unix.Shutdown(deafPeer, unix.SHUT_RD)
		full, _ := pair(t)
		for _, err := unix.Write(full, make([]byte, 4096)); err == nil; _, err = unix.Write(full, make([]byte, 4096)) {
		}
		cases := []struct {
			operation
			n   int
			err error
		}{
			{operation{fd: int32(good), bytes: make([]byte, 10)}, 5, nil},
			{operation{fd: int32(silent), bytes: make([]byte, 10)}, 0, unix.EAGAIN},
			{operation{fd: int32(ended), bytes: make([]byte, 10)}, 0, nil},
			{operation{fd: int32(silent), sends: true, bytes: []byte("three")}, 5, nil},
			{operation{fd: -1, bytes: make([]byte, 10)}, 0, unix.EBADF},
			{operation{fd: int32(deaf), sends: true, bytes: []byte("x")}, 0, unix.EPIPE},
			{operation{fd: int32(full), sends: true, bytes: []byte("x")}, 0, unix.EAGAIN},
			{operation{fd: int32(good), sends: true, bytes: []byte("answer")}, 6, nil},
		}
		var operations []operation
		for _, c := range cases {
			operations = append(operations, c.operation)
		}
		if len(operations) < ringWorth {
			t.Fatal("these are too few for the ring")
		}
		b.run(operations)
		for i, c := range cases {
			if got := operations[i]; got.n != c.n || got.err != c.err {
				t.Errorf("operation %d gave %d, %v; want %d, %v", i, got.n, got.err, c.n, c.err)
			}
		}
		if got := operations[0].bytes[:5]; string(got) != "hello" {
			t.Errorf("received %q", got)
		}
		got := make([]byte, 10)
		if n, err := unix.Read(peer, got); err != nil || string(got[:n]) != "answer" {
			t.Errorf("the peer received %q, %v", got[:max(0, n)], err)
		}
	})
}

// Batches of every size, so that the places in the ring are used again and again.
func TestBatchesOfEverySize(t *testing.T) {
	withAndWithoutRing(t, func(t *testing.T, b *batches) {
		here, there := pair(t)
		for size := range batchSize + 1 {
			operations := make([]operation, size)
			var want []byte
			for i := range operations {
				operations[i] = operation{fd: int32(here), sends: true, bytes: []byte{byte(i), byte(size)}}
				want = append(want, byte(i), byte(size))
			}
			b.run(operations)
			for i, o := range operations {
				if o.n != 2 || o.err != nil {
					t.Fatalf("write %d of %d gave %d, %v", i, size, o.n, o.err)
				}
			}
			got := make([]byte, len(want)+1)
			if n, err := unix.Read(there, got); size > 0 && (err != nil || !bytes.Equal(got[:n], want)) {
				t.Fatalf("of %d writes came %v, %v", size, got[:max(0, n)], err)
			}
		}
	})
}

// A ring that fails is given up, and what it did not take is done without it.
func TestARingThatFails(t *testing.T) {
	r, err := newRing(batchSize)
	if err != nil {
		t.Skip(err)
	}
	_ = unix.Close(r.fd)
	r.fd = -1
	b := &batches{ring: r}
	here, there := pair(t)
	var operations []operation
	for range ringWorth {
		operations = append(operations, operation{fd: int32(here), sends: true, bytes: []byte("x")})
	}
	operations = append(operations, operation{fd: int32(there), bytes: make([]byte, 2*ringWorth)})
	b.run(operations)
	if o := operations[ringWorth]; o.err != nil || string(o.bytes[:o.n]) != strings.Repeat("x", ringWorth) || b.ring != nil {
		t.Errorf("received %q, %v; the ring is %v", o.bytes[:o.n], o.err, b.ring)
	}
}

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
