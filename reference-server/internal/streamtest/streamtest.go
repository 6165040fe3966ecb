// Package streamtest helps to test what is put around the streams of a server.
package streamtest

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
)

// Patience is the time that a test waits for anything over real sockets.
const Patience = 20 * time.Second

// Connect makes a stream over a network and returns both ends: the client's, and what
// wrap makes of the server's. Both are closed with the test.
func Connect(t *testing.T, network transport.Network, wrap func(net.Conn) net.Conn) (client, wrapped net.Conn) {
	t.Helper()
	l, err := network.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = network.DialStream(t.Context(), l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); accepted.Close() })
	return client, wrap(accepted)
}

// OnNetworks runs a test over the network of the machine and, inside a bubble whose end
// shows that no goroutine is left, over one in memory.
func OnNetworks(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Run("os", func(t *testing.T) { test(t, transport.OS{}) })
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, memory.New()) })
	})
}
