package batch

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// batchSize is the number of operations of a ring.
const batchSize = 128

// withAndWithoutRing runs a test in both ways; where the system has no ring,
// only in the other one.
func withAndWithoutRing(t *testing.T, test func(t *testing.T, b *Streams[int])) {
	t.Run("with a ring", func(t *testing.T) {
		r, err := newRing[int](batchSize)
		if err != nil {
			t.Skip(err)
		}
		b := &Streams[int]{ring: r}
		t.Cleanup(b.Close)
		test(t, b)
		if b.ring == nil {
			t.Error("the ring was given up")
		}
	})
	t.Run("without one", func(t *testing.T) { test(t, &Streams[int]{}) })
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
	withAndWithoutRing(t, func(t *testing.T, b *Streams[int]) {
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
			Operation[int]
			n   int
			err error
		}{
			{Operation[int]{FD: int32(good), Bytes: make([]byte, 10)}, 5, nil},
			{Operation[int]{FD: int32(silent), Bytes: make([]byte, 10)}, 0, unix.EAGAIN},
			{Operation[int]{FD: int32(ended), Bytes: make([]byte, 10)}, 0, nil},
			{Operation[int]{FD: int32(silent), Sends: true, Bytes: []byte("three")}, 5, nil},
			{Operation[int]{FD: -1, Bytes: make([]byte, 10)}, 0, unix.EBADF},
			{Operation[int]{FD: int32(deaf), Sends: true, Bytes: []byte("x")}, 0, unix.EPIPE},
			{Operation[int]{FD: int32(full), Sends: true, Bytes: []byte("x")}, 0, unix.EAGAIN},
			{Operation[int]{FD: int32(good), Sends: true, Bytes: []byte("answer")}, 6, nil},
		}
		var operations []Operation[int]
		for _, c := range cases {
			operations = append(operations, c.Operation)
		}
		if len(operations) < ringWorth {
			t.Fatal("these are too few for the ring")
		}
		b.Run(operations)
		for i, c := range cases {
			if got := operations[i]; got.N != c.n || got.Err != c.err {
				t.Errorf("operation %d gave %d, %v; want %d, %v", i, got.N, got.Err, c.n, c.err)
			}
		}
		if got := operations[0].Bytes[:5]; string(got) != "hello" {
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
	withAndWithoutRing(t, func(t *testing.T, b *Streams[int]) {
		here, there := pair(t)
		for size := range batchSize + 1 {
			operations := make([]Operation[int], size)
			var want []byte
			for i := range operations {
				operations[i] = Operation[int]{FD: int32(here), Sends: true, Bytes: []byte{byte(i), byte(size)}}
				want = append(want, byte(i), byte(size))
			}
			b.Run(operations)
			for i, o := range operations {
				if o.N != 2 || o.Err != nil {
					t.Fatalf("write %d of %d gave %d, %v", i, size, o.N, o.Err)
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
	r, err := newRing[int](batchSize)
	if err != nil {
		t.Skip(err)
	}
	_ = unix.Close(r.fd)
	r.fd = -1
	b := &Streams[int]{ring: r}
	here, there := pair(t)
	var operations []Operation[int]
	for range ringWorth {
		operations = append(operations, Operation[int]{FD: int32(here), Sends: true, Bytes: []byte("x")})
	}
	operations = append(operations, Operation[int]{FD: int32(there), Bytes: make([]byte, 2*ringWorth)})
	b.Run(operations)
	if o := operations[ringWorth]; o.Err != nil || string(o.Bytes[:o.N]) != strings.Repeat("x", ringWorth) || b.ring != nil {
		t.Errorf("received %q, %v; the ring is %v", o.Bytes[:o.N], o.Err, b.ring)
	}
}
