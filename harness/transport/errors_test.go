package transport_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

func TestCloseErrorText(t *testing.T) {
	tests := []struct {
		err  transport.CloseError
		want string
	}{
		{transport.CloseError{Reason: transport.ByPeer}, "connection closed by the peer"},
		{transport.CloseError{Reason: transport.ByPeer, Code: 1000, Err: transport.ErrNoFIN},
			"connection closed by the peer with close code 1000: the stream stayed open after the close frame"},
		{transport.CloseError{Reason: transport.ByUs}, "connection closed by this end"},
		{transport.CloseError{Reason: transport.Reset}, "connection reset"},
		{transport.CloseError{Reason: transport.Timeout}, "connection timed out"},
		{transport.CloseError{Reason: transport.Broken, Err: io.ErrNoProgress}, "connection broken: " + io.ErrNoProgress.Error()},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// faultyNetwork fails the first accepts with the errors it is given.
type faultyNetwork struct {
	transport.Network
	errors []error
}

func (n faultyNetwork) ListenStream(address string) (net.Listener, error) {
	l, err := n.Network.ListenStream(address)
	return &faultyListener{l, n.errors}, err
}

type faultyListener struct {
	net.Listener
	errors []error
}

func (l *faultyListener) Accept() (net.Conn, error) {
	if len(l.errors) > 0 {
		err := l.errors[0]
		l.errors = l.errors[1:]
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: err}
	}
	return l.Listener.Accept()
}

// A server that has run out of file descriptors goes on when there are some
// again.
func TestAcceptGoesOnAfterExhaustion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exhausted := os.NewSyscallError("accept4", syscall.EMFILE)
		n := faultyNetwork{memory.New(), []error{exhausted, exhausted}}
		start := time.Now()
		b := startServer(t, n, wire.TCP, setup{})
		b.send(b.dial(), "hello")
		b.expect("open")
		b.expectMessage("hello")
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("the connection was accepted after %s, want two pauses of 50ms", took)
		}
	})
}

func TestServeReportsWhatItCannotGoOnFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := faultyNetwork{memory.New(), []error{syscall.EINVAL}}
		l, err := transport.Listen(n, wire.TCP, "127.0.0.1:0", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Serve(newProbe()); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("Serve: %v", err)
		}
	})
}

// Loopback has more than one address on Linux, so that a swarm can have more
// connections than one address has ports.
func TestSourceAddress(t *testing.T) {
	source := netip.MustParseAddr("127.0.0.2")
	for _, kind := range everyTransport {
		t.Run(kind.String(), func(t *testing.T) {
			b := startServer(t, transport.OS{}, kind, setup{})
			b.network = transport.OS{Source: source}
			c := b.dial()
			b.expectOpen()
			b.send(c, "hello")
			if got := b.expectMessage("hello").link.RemoteAddr().Addr(); got != source {
				t.Errorf("the server saw %s, want %s", got, source)
			}
		})
	}
}
