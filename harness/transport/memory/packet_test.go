package memory_test

import (
	"errors"
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

// sockets makes a bound socket and one connected to it.
func sockets(t *testing.T, n transport.Network) (bound transport.PacketConn, connected net.Conn) {
	t.Helper()
	bound, err := n.ListenPacket("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connected, err = n.DialPacket(t.Context(), bound.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = bound.Close(), connected.Close() })
	return bound, connected
}

func TestDatagramsBothWays(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		bound, connected := sockets(t, n)
		write(t, connected, "hello")
		buffer := make([]byte, 100)
		size, from, err := bound.ReadFromUDPAddrPort(buffer)
		if err != nil || string(buffer[:size]) != "hello" {
			t.Fatalf("read %q, %v", buffer[:size], err)
		}
		if want := connected.LocalAddr().(*net.UDPAddr).AddrPort(); from != want {
			t.Errorf("it came from %s, want %s", from, want)
		}
		if _, err := bound.WriteToUDPAddrPort([]byte("welcome"), from); err != nil {
			t.Fatal(err)
		}
		size, err = connected.Read(buffer)
		if err != nil || string(buffer[:size]) != "welcome" {
			t.Errorf("read %q, %v", buffer[:size], err)
		}
	})
}

func TestDatagramsAreCutAndMayBeEmpty(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		bound, connected := sockets(t, n)
		for _, text := range []string{"too long", "", "fits"} {
			write(t, connected, text)
		}
		buffer := make([]byte, 4)
		for _, want := range []string{"too ", "", "fits"} {
			size, _, err := bound.ReadFromUDPAddrPort(buffer)
			if err != nil || string(buffer[:size]) != want {
				t.Errorf("read %q, %v; want %q", buffer[:size], err, want)
			}
		}
	})
}

func TestADatagramIsLimited(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		_, connected := sockets(t, n)
		write(t, connected, strings.Repeat("x", 65507))
		if _, err := connected.Write(make([]byte, 65508)); !errors.Is(err, syscall.EMSGSIZE) {
			t.Errorf("Write: %v", err)
		}
	})
}

// A datagram for nobody is reported to a connected socket, once, by whatever
// it does next.
func TestRefusedDatagrams(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		bound, connected := sockets(t, n)
		_ = bound.Close()
		write(t, connected, "x")
		readError(t, connected, syscall.ECONNREFUSED)
		write(t, connected, "x")
		if _, err := connected.Write([]byte("x")); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Write: %v", err)
		}
		write(t, connected, "x")
	})
}

func TestAConnectedSocketHearsItsPeerOnly(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		bound, connected := sockets(t, n)
		stranger, _ := sockets(t, n)
		to := connected.LocalAddr().(*net.UDPAddr).AddrPort()
		for _, sender := range []transport.PacketConn{stranger, bound} {
			if _, err := sender.WriteToUDPAddrPort([]byte(sender.LocalAddr().String()), to); err != nil {
				t.Fatal(err)
			}
		}
		read(t, connected, bound.LocalAddr().String())
	})
}

func TestPacketSocketsThatAreClosed(t *testing.T) {
	alike(t, func(t *testing.T, n transport.Network) {
		bound, connected := sockets(t, n)
		_ = bound.Close()
		_ = connected.Close()
		if _, _, err := bound.ReadFromUDPAddrPort(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading: %v", err)
		}
		readError(t, connected, net.ErrClosed)
		for _, err := range []error{bound.Close(), connected.Close(), connected.SetReadDeadline(time.Time{})} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("after the close: %v", err)
			}
		}
	})
}

func TestDatagramsBeyondTheQueueAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bound, connected := sockets(t, memory.New())
		for i := range 300 {
			write(t, connected, string(rune('0'+i)))
		}
		buffer := make([]byte, 10)
		for i := range 256 {
			size, _, err := bound.ReadFromUDPAddrPort(buffer)
			if err != nil || string(buffer[:size]) != string(rune('0'+i)) {
				t.Fatalf("datagram %d is %q, %v", i, buffer[:size], err)
			}
		}
		write(t, connected, "next")
		if size, _, _ := bound.ReadFromUDPAddrPort(buffer); string(buffer[:size]) != "next" {
			t.Errorf("after the queue came %q", buffer[:size])
		}
	})
}

func TestPacketDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, connected := sockets(t, memory.New())
		start := time.Now()
		_ = connected.SetDeadline(start.Add(time.Second))
		readError(t, connected, os.ErrDeadlineExceeded)
		if took := time.Since(start); took != time.Second {
			t.Errorf("the read waited %s, want 1s", took)
		}
	})
}
