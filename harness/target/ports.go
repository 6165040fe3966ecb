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

// The ports that launched servers get lie below those that systems give to
// outgoing connections: one of the harness's own must not take a port between
// its choice and the moment when the server binds it.
const (
	firstPort = 20_000
	ports     = 12_000
)

// nextPort makes launches side by side choose different ports. It starts
// anywhere, so that two programs at the same time do as well.
var nextPort = func() *atomic.Uint32 {
	var next atomic.Uint32
	next.Store(rand.Uint32N(ports))
	return &next
}()

// freeAddress is a loopback address that nobody listens at.
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
