package reference

import (
	"crypto/tls"
	"net"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// behaviour is all that makes one server differ from another, and what faults
// change.
type behaviour struct {
	server.Config
	timing    gateway.Timing
	listening transport.Quirks
	// streams replaces the streams that a listener accepts, by transport; nil
	// leaves them as they are. Where there is TLS it is given what TLS carries.
	streams [len(wire.Transports)]func(net.Conn) net.Conn
	path    path // of datagrams
}

func newBehaviour(c Config) *behaviour {
	b := &behaviour{Config: server.Config{
		Application: conventions{},
		Policy:      server.DefaultPolicy(c.Modes),
		Limits:      c.Limits,
		Stamp:       c.Stamp,
		Seed:        c.Seed,
	}}
	if c.AsObserved {
		b.Policy, b.Quirks = server.ObservedPolicy(c.Modes), server.Observed
		b.timing, b.listening = gateway.Observed, transport.Observed
	}
	applied := map[string]bool{}
	for _, variant := range c.Variants {
		if !applied[variant.Name] { // twice is not twice as late
			variant.apply(b)
		}
		applied[variant.Name] = true
	}
	for _, fault := range c.Faults {
		fault.apply(b)
	}
	return b
}

// network is what a transport is served over, and the TLS that is left for its
// listener to do.
func (b *behaviour) network(t wire.Transport, network transport.Network, config *tls.Config) (transport.Network, *tls.Config) {
	if t == wire.UDP && !b.path.healthy() {
		return impairedNetwork{network, b.path, b.Seed}, nil
	}
	return tapped(network, b.streams[t], config)
}

// tapped is a network whose listeners hand every stream to replace, which may
// be nil, and the TLS that is left for the listeners to do.
func tapped(network transport.Network, replace func(net.Conn) net.Conn, config *tls.Config) (transport.Network, *tls.Config) {
	if replace == nil {
		return network, config
	}
	return tappedNetwork{network, below(replace, config)}, nil
}

type tappedNetwork struct {
	transport.Network
	replace func(net.Conn) net.Conn
}

func (n tappedNetwork) ListenStream(address string) (net.Listener, error) {
	l, err := n.Network.ListenStream(address)
	if err != nil {
		return nil, err
	}
	return tappedListener{l, n.replace}, nil
}

type tappedListener struct {
	net.Listener
	replace func(net.Conn) net.Conn
}

func (l tappedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.replace(c), nil
}
