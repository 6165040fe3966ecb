package target

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Launched servers get ports below those that systems give to outgoing connections: a
// connection of the harness must not take a port before the server has bound it.
const (
	firstPort = 20_000
	ports     = 12_000
)

// nextPort gives launches that run side by side different ports. It starts at a random
// one, so that two programs do so too.
var nextPort = func() *atomic.Uint32 {
	var next atomic.Uint32
	next.Store(rand.Uint32N(ports))
	return &next
}()

// freeAddress returns a loopback address at which nobody listens.
func freeAddress(network transport.Network, kind wire.Transport) (string, error) {
	for range ports {
		port := firstPort + int(nextPort.Add(1)%ports)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if isFree(network, kind, address) {
			return address, nil
		}
	}
	return "", errors.New("no port of loopback is free from 20000 to 31999")
}

func isFree(network transport.Network, kind wire.Transport, address string) bool {
	if kind.Connected() {
		l, err := network.ListenStream(address)
		return err == nil && l.Close() == nil
	}
	l, err := network.ListenPacket(address)
	return err == nil && l.Close() == nil
}
