package memory_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
)

// alike runs a test on the network in memory, in a bubble, and on the machine's,
// which it has to behave like.
func alike(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, memory.New()) })
	})
	t.Run("os", func(t *testing.T) { test(t, transport.OS{}) })
}

// listen binds a free port.
func listen(t *testing.T, n transport.Network) net.Listener {
	t.Helper()
	l, err := n.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// connect makes both ends of a stream.
func connect(t *testing.T, n transport.Network) (client, server net.Conn) {
	t.Helper()
	l := listen(t, n)
	accepted := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	client, err := n.DialStream(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() { _, _ = client.Close(), server.Close() })
	return client, server
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

// read reads exactly as much as is wanted.
func read(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

// readError reads where only an error can come.
func readError(t *testing.T, c net.Conn, want error) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, want) {
		t.Errorf("Read: %d bytes, %v; want %v", n, err, want)
	}
}

func closeWrite(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Errorf("CloseWrite: %v", err)
	}
}

func TestStreamCarriesBytesBothWays(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := connect(t, n)
		write(t, client, "hello")
		read(t, server, "he")
		read(t, server, "llo")
		write(t, server, "welcome")
		read(t, client, "welcome")
	})
}

func TestStreamAddresses(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := connect(t, n)
		for _, pair := range [][2]net.Addr{
			{client.LocalAddr(), server.RemoteAddr()}, {client.RemoteAddr(), server.LocalAddr()},
		} {
			one, two := pair[0].(*net.TCPAddr).AddrPort(), pair[1].(*net.TCPAddr).AddrPort()
			if one != two || one.Port() == 0 || one.Addr().String() != "127.0.0.1" {
				t.Errorf("addresses %s and %s", one, two)
			}
		}
	})
}

func TestFINComesAfterTheBytes(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := connect(t, n)
		write(t, client, "last")
		_ = client.Close()
		read(t, server, "last")
		readError(t, server, io.EOF)
		readError(t, server, io.EOF)
		readError(t, client, net.ErrClosed)
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write: %v", err)
		}
		if err := client.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing again: %v", err)
		}
	})
}

func TestHalfClose(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := connect(t, n)
		write(t, client, "request")
		closeWrite(t, client)
		read(t, server, "request")
		readError(t, server, io.EOF)
		write(t, server, "answer")
		read(t, client, "answer")
		if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Write after the FIN: %v", err)
		}
	})
}

func TestResets(t *testing.T) {
	tests := map[string]func(t *testing.T, c net.Conn){
		"linger 0": func(t *testing.T, c net.Conn) {
			read(t, c, "unread")
			_ = c.(interface{ SetLinger(int) error }).SetLinger(0)
			_ = c.Close()
		},
		"close with unread bytes": func(t *testing.T, c net.Conn) {
			read(t, c, "un") // the rest is there too
			_ = c.Close()
		},
	}
	for name, reset := range tests {
		t.Run(name, func(t *testing.T) {
			alike(t, func(t *testing.T, n transport.Network) {
				client, server := connect(t, n)
				write(t, client, "unread")
				write(t, server, "before")
				reset(t, server)
				read(t, client, "before") // what was sent before a reset is there
				readError(t, client, syscall.ECONNRESET)
				if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("Write: %v", err)
				}
			})
		})
	}
}

func TestWritingToAPeerThatHasClosed(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := connect(t, n)
		_ = server.Close()
		readError(t, client, io.EOF)
		write(t, client, "the first write is accepted")
		if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("second write: %v", err)
		}
	})
}

func TestRefusedConnections(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		l := listen(t, n)
		_ = l.Close()
		_, err := n.DialStream(t.Context(), l.Addr().String())
		if _, ok := errors.AsType[*net.OpError](err); !ok || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("DialStream: %v", err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v", err)
		}
		if l.Close() == nil {
			t.Error("closing again did not fail")
		}
	})
}

func TestPortsInUse(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		l := listen(t, n)
		address := l.Addr().String()
		if _, err := n.ListenStream(address); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("ListenStream: %v", err)
		}
		_ = l.Close()
		again, err := n.ListenStream(address)
		if err != nil {
			t.Fatalf("the port is not free again: %v", err)
		}
		_ = again.Close()
		packets, err := n.ListenPacket("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.ListenPacket(packets.LocalAddr().String()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("ListenPacket: %v", err)
		}
		_ = packets.Close()
	})
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connect(t, memory.New())
		start := time.Now()
		_ = client.SetReadDeadline(start.Add(time.Second))
		readError(t, client, os.ErrDeadlineExceeded)
		if took := time.Since(start); took != time.Second {
			t.Errorf("the read waited %s, want 1s", took)
		}
		write(t, server, "late")
		readError(t, client, os.ErrDeadlineExceeded) // also with bytes there
		_ = client.SetReadDeadline(time.Time{})
		read(t, client, "late")

		start = time.Now()
		_ = client.SetDeadline(start.Add(time.Minute))
		n, err := client.Write(make([]byte, 100<<10))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n != 64<<10 {
			t.Errorf("Write: %d bytes, %v; want what the buffer holds, and a timeout", n, err)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the write waited %s, want 1m", took)
		}
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
			t.Errorf("%v is not a net.Error that is a timeout", err)
		}
	})
}

// A deadline that is replaced while a read waits bounds that read.
func TestDeadlineWhileReading(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, _ := connect(t, n)
		_ = client.SetReadDeadline(time.Now().Add(time.Hour))
		woken := make(chan error)
		go func() {
			_, err := client.Read(make([]byte, 1))
			woken <- err
		}()
		_ = client.SetReadDeadline(time.Unix(1, 0))
		if err := <-woken; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v", err)
		}
	})
}

func TestAWriterWaitsForRoom(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		client, server := connect(t, n)
		sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<20/16)
		written := make(chan error)
		go func() {
			_, err := client.Write(sent)
			_ = client.Close()
			written <- err
		}()
		got, err := io.ReadAll(server)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%d bytes arrived, %v; want %d", len(got), err, len(sent))
		}
		if err := <-written; err != nil {
			t.Errorf("Write: %v", err)
		}
	})
}

func TestCloseWakesReadersAndWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connect(t, memory.New())
		errs := make(chan error, 3)
		go func() { _, err := client.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := client.Write(make([]byte, 1<<20)); errs <- err }()
		synctest.Wait()
		_ = client.Close()
		for range 2 {
			if err := <-errs; !errors.Is(err, net.ErrClosed) {
				t.Errorf("after the close: %v", err)
			}
		}
		if _, err := io.Copy(io.Discard, server); err != nil {
			t.Errorf("the peer read: %v, want the end of the stream", err)
		}
	})
}

func TestClosingAListenerResetsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		l := listen(t, n)
		client, err := n.DialStream(t.Context(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		readError(t, client, syscall.ECONNRESET)
		_ = client.Close()
	})
}

func TestAFullBacklogHoldsDialersUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		l := listen(t, n)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for dials := 0; ; dials++ {
			c, err := n.DialStream(ctx, l.Addr().String())
			if err != nil {
				if !errors.Is(err, context.DeadlineExceeded) || dials != 1024 {
					t.Errorf("dial %d: %v", dials, err)
				}
				return
			}
			defer c.Close()
		}
	})
}

func TestPortsRunOut(t *testing.T) {
	n := memory.New()
	var open []interface{ Close() error }
	for {
		c, err := n.DialPacket(t.Context(), "127.0.0.1:1")
		if err != nil {
			if !errors.Is(err, syscall.EADDRNOTAVAIL) {
				t.Errorf("DialPacket: %v", err)
			}
			break
		}
		open = append(open, c)
	}
	if len(open) < 28_000 {
		t.Errorf("%d ports were free", len(open))
	}
	_ = open[0].Close()
	c, err := n.DialPacket(t.Context(), "127.0.0.1:1")
	if err != nil {
		t.Fatalf("after one was closed: %v", err)
	}
	_ = c.Close()
}

func TestBadAddresses(t *testing.T) {
	n := memory.New()
	for _, address := range []string{"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1"} {
		_, dialStream := n.DialStream(t.Context(), address)
		_, dialPacket := n.DialPacket(t.Context(), address)
		_, listenStream := n.ListenStream(address)
		_, listenPacket := n.ListenPacket(address)
		for _, err := range []error{dialStream, dialPacket, listenStream, listenPacket} {
			if _, ok := errors.AsType[*net.OpError](err); !ok || !strings.Contains(err.Error(), "address") {
				t.Errorf("address %q: %v", address, err)
			}
		}
	}
}
