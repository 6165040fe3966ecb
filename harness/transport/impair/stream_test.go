package impair_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

func closeWrite(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Errorf("CloseWrite: %v", err)
	}
}

func setLinger(t *testing.T, c net.Conn, seconds int) {
	t.Helper()
	if err := c.(interface{ SetLinger(int) error }).SetLinger(seconds); err != nil {
		t.Errorf("SetLinger: %v", err)
	}
}

func TestStreamDelays(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp out: delay=100ms", "tcp in: delay=1s"))
		start := time.Now()
		write(t, client, "hello")
		took(t, "writing", start, 0)
		read(t, server, "he")
		took(t, "the way out", start, 100*ms)
		read(t, server, "llo")
		write(t, server, "welcome")
		read(t, client, "welcome")
		took(t, "the round trip", start, 1100*ms)
	})
}

// Bytes that follow while others are under way take as long as those.
func TestStreamDelaysInParallel(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp: delay=1s"))
		start := time.Now()
		for range 5 {
			write(t, client, "x")
			time.Sleep(100 * ms)
		}
		for i := range 5 {
			read(t, server, "x")
			took(t, "the byte", start, time.Second+time.Duration(i)*100*ms)
		}
	})
}

func TestStreamCarriesBytesBothWays(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		path := pathOf(t, "tcp: delay=2ms, jitter=2ms, stall=1ms/5ms")
		client, server := streams(t, n, path)
		sent := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // more than a window
		for _, ends := range [][2]net.Conn{{client, server}, {server, client}} {
			go func() {
				_, _ = ends[0].Write(sent)
				closeWriteQuietly(ends[0])
			}()
			got, err := io.ReadAll(ends[1])
			if err != nil || !bytes.Equal(got, sent) {
				t.Fatalf("%d bytes arrived, %v; want %d", len(got), err, len(sent))
			}
		}
		counted := map[impair.Direction]int64{}
		for _, c := range path.Counts() {
			counted[c.Direction] = c.DelayedBytes
		}
		for _, d := range impair.Directions {
			if counted[d] < int64(len(sent))/2 { // a jitter of the whole delay leaves few out
				t.Errorf("%d bytes counted as delayed, %s", counted[d], d)
			}
		}
	})
}

func closeWriteQuietly(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

func TestStreamEndsAfterItsBytes(t *testing.T) {
	tests := map[string]struct {
		end  func(t *testing.T, c net.Conn)
		want error
	}{
		"FIN":        {func(t *testing.T, c net.Conn) { _ = c.Close() }, io.EOF},
		"half-close": {closeWrite, io.EOF},
		"reset":      {func(t *testing.T, c net.Conn) { setLinger(t, c, 0); _ = c.Close() }, syscall.ECONNRESET},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, n transport.Network) {
				client, server := streams(t, n, pathOf(t, "tcp out: delay=100ms", "tcp in: delay=1s"))
				start := time.Now()
				write(t, client, "last")
				test.end(t, client)
				read(t, server, "last")
				readError(t, server, test.want)
				took(t, "the end on its way out", start, 100*ms)

				client, server = streams(t, n, pathOf(t, "tcp out: delay=100ms", "tcp in: delay=1s"))
				start = time.Now()
				write(t, server, "last")
				test.end(t, server)
				read(t, client, "last")
				for range 2 { // it is sticky
					readError(t, client, test.want)
				}
				took(t, "the end on its way in", start, time.Second)
			})
		})
	}
}

func TestStreamEndsOverSockets(t *testing.T) {
	for name, reset := range map[string]bool{"FIN": false, "reset": true} {
		t.Run(name, func(t *testing.T) {
			client, server := streams(t, transport.OS{}, pathOf(t, "tcp: delay=1ms"))
			write(t, client, "last")
			want := io.EOF
			if reset {
				setLinger(t, client, 0)
				want = syscall.ECONNRESET
			}
			_ = client.Close()
			got, err := io.ReadAll(server)
			if err == nil {
				err = io.EOF
			}
			if !errors.Is(err, want) || !reset && string(got) != "last" {
				t.Errorf("read %q, %v; want %v", got, err, want)
			}
		})
	}
}

// Half of a stream goes on after the FIN of the other half.
func TestStreamHalfClose(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp: delay=3ms"))
		closeWrite(t, client)
		readError(t, server, io.EOF)
		write(t, server, "still here")
		read(t, client, "still here")
		if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Write after the half-close: %v", err)
		}
	})
}

func TestStreamLingerIsTakenBack(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp: delay=3ms"))
		setLinger(t, client, 0)
		setLinger(t, client, -1)
		_ = client.Close()
		readError(t, server, io.EOF)
	})
}

// Closing a stream with unread bytes resets it, as on any machine.
func TestStreamCloseWithUnreadBytes(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp: delay=1ms"))
		write(t, server, "unread")
		_ = client.SetReadDeadline(time.Now().Add(time.Minute))
		read(t, client, "un")
		_ = client.Close()
		readError(t, server, syscall.ECONNRESET)
	})
}

func TestStreamReadDeadline(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp in: delay=1s"))
		start := time.Now()
		write(t, server, "late")
		_ = client.SetReadDeadline(start.Add(500 * ms))
		readError(t, client, errTimeout)
		took(t, "the timeout", start, 500*ms)
		readError(t, client, errTimeout) // it has passed for good
		_ = client.SetReadDeadline(time.Time{})
		read(t, client, "late")
		took(t, "the way", start, time.Second)

		// A deadline that is set meanwhile ends a read.
		go func() {
			time.Sleep(300 * ms)
			_ = client.SetDeadline(time.Unix(1, 0))
		}()
		readError(t, client, errTimeout)
		took(t, "the interrupted read", start, 1300*ms)
	})
}

// A writer waits while a window is under way, and for its deadline at most.
func TestStreamWriteDeadline(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp out: delay=1s"))
		start := time.Now()
		_ = client.SetWriteDeadline(start.Add(500 * ms))
		const window = 64 << 10
		if written, err := client.Write(make([]byte, window+1)); written != window || !errors.Is(err, errTimeout) {
			t.Errorf("Write: %d bytes, %v; want %d and a timeout", written, err, window)
		}
		took(t, "the timeout", start, 500*ms)
		_ = client.SetWriteDeadline(time.Time{})
		write(t, client, "more")
		took(t, "the wait for room", start, time.Second)
		if _, err := io.CopyN(io.Discard, server, window); err != nil {
			t.Fatal(err)
		}
		read(t, server, "more")
		took(t, "all of it", start, 2*time.Second)
	})
}

// A peer that does not read holds the writer back, and what this end does not
// read the peer.
func TestStreamHoldsBack(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp: delay=1ms"))
		for _, c := range []net.Conn{client, server} {
			_ = c.SetWriteDeadline(time.Now().Add(200 * ms))
			if written, err := c.Write(make([]byte, 64<<20)); !errors.Is(err, errTimeout) {
				t.Errorf("%d bytes were taken from a writer: %v", written, err)
			}
		}
	})
}

// A closed stream whose peer does not read is given up in the end, with a reset.
func TestStreamCloseWithoutReader(t *testing.T) {
	for name, test := range map[string]struct {
		linger int
		want   time.Duration
	}{"FIN": {-1, 11 * time.Second}, "reset": {0, 1100 * ms}} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, n transport.Network) {
				client, server := streams(t, n, pathOf(t, "tcp out: delay=1s"))
				// The network's own buffer, and more.
				_ = client.SetWriteDeadline(time.Now().Add(10 * time.Second))
				_, _ = client.Write(make([]byte, 200<<10))
				start := time.Now()
				setLinger(t, client, test.linger)
				if err := client.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				took(t, "closing", start, 0)
				time.Sleep(test.want - ms)
				if _, err := server.Write(nil); err != nil {
					t.Errorf("the stream was given up too early: %v", err)
				}
				time.Sleep(ms)
				synctest.Wait()
				if _, err := server.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the stream is still there: %v", err)
				}
			})
		})
	}
}

func TestStreamAfterItsEnd(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, _ := streams(t, n, pathOf(t, "tcp: delay=1ms"))
		blocked := make(chan error, 1)
		go func() {
			_, err := client.Read(make([]byte, 1))
			blocked <- err
		}()
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-blocked; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the blocked Read: %v", err)
		}
		_, readErr := client.Read(make([]byte, 1))
		_, writeErr := client.Write([]byte("x"))
		for what, err := range map[string]error{
			"Read": readErr, "Write": writeErr, "Close": client.Close(),
			"SetDeadline": client.SetDeadline(time.Time{}), "SetWriteDeadline": client.SetWriteDeadline(time.Time{}),
			"CloseWrite": client.(interface{ CloseWrite() error }).CloseWrite(),
			"SetLinger":  client.(interface{ SetLinger(int) error }).SetLinger(0),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", what, err)
			}
		}
	})
}

// The network's error comes with a later write.
func TestStreamWriteErrorComesLater(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp out: delay=1s"))
		setLinger(t, server, 0)
		_ = server.Close()
		write(t, client, "x")
		time.Sleep(time.Second)
		synctest.Wait()
		if _, err := client.Write([]byte("y")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Write: %v, want the reset", err)
		}
	})
}

// Bytes that are due during a stall all arrive at its end, and the stalls are a
// period apart.
func TestStreamStalls(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		path := pathOf(t, "tcp out: stall=1s/10s, seed=5")
		client, server := streams(t, n, path)
		const every, count = 100 * ms, 600
		start := time.Now()
		go func() {
			for i := range count {
				time.Sleep(time.Until(start.Add(time.Duration(i) * every)))
				_, _ = client.Write([]byte("x"))
			}
		}()
		late := map[time.Duration]int{} // bytes that came late, by when
		for i := range count {
			read(t, server, "x")
			at := time.Since(start)
			if at != time.Duration(i)*every {
				late[at]++
			}
			if by := at - time.Duration(i)*every; by < 0 || by > time.Second {
				t.Fatalf("byte %d came %v late", i, by)
			}
		}
		first := time.Hour
		for at := range late {
			first = min(first, at)
		}
		for k := range time.Duration(6) {
			if n := late[first+k*10*time.Second]; n < 9 || n > 11 {
				t.Errorf("%d bytes came at the end of stall %d", n, k)
			}
		}
		if len(late) > 7 {
			t.Errorf("bytes came late at %d different times", len(late))
		}
		if c := path.Counts(); len(c) != 1 || c[0].Stalls != int64(len(late)) || c[0].Direction != impair.Out || c[0].Transport != wire.TCP {
			t.Errorf("counted %+v, want %d stalls", c, len(late))
		}
	})
}

// A stall of both directions is one of the whole stream.
func TestBothDirectionsStallTogether(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := streams(t, n, pathOf(t, "tcp: stall=1s/10s"))
		start := time.Now()
		const every, count = 100 * ms, 300
		late := func(from, to net.Conn) (ends []time.Duration) {
			go func() {
				for i := range count {
					time.Sleep(time.Until(start.Add(time.Duration(i) * every)))
					_, _ = from.Write([]byte("x"))
				}
			}()
			for i := range count {
				if _, err := io.ReadFull(to, make([]byte, 1)); err != nil {
					return nil
				}
				if at := time.Since(start); at != time.Duration(i)*every && !slices.Contains(ends, at) {
					ends = append(ends, at)
				}
			}
			return ends
		}
		out := make(chan []time.Duration)
		go func() { out <- late(client, server) }()
		in := late(server, client)
		if o := <-out; len(o) < 3 || !slices.Equal(o, in) {
			t.Errorf("stalls ended at %v on the way out and at %v on the way in", o, in)
		}
	})
}
