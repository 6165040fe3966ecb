package transport

import (
	"fmt"

	"imcheck/protocol/wire"
)

// Listen binds address, which is host:port, for a server; port 0 picks a free
// one. A TLS configuration needs a certificate.
func Listen(network Network, t wire.Transport, address string, o Options) (Listener, error) {
	listener, err := listen(network, t, address, o)
	if err != nil {
		return nil, fmt.Errorf("listen on %s by %s: %w", address, t, err)
	}
	return listener, nil
}

func listen(network Network, t wire.Transport, address string, o Options) (Listener, error) {
	if err := o.check(t); err != nil {
		return nil, err
	}
	switch t {
	case wire.UDP:
		return listenUDP(network, address, o)
	case wire.TCP:
		return listenStream(network, &tcpProtocol, address, o)
	}
	return listenStream(network, &wsProtocol, address, o)
}
