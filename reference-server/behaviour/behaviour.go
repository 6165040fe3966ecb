// Package behaviour describes how one reference server behaves: the configuration of
// its rules, when it does what they decide, how it listens, and what it does with the
// bytes of streams and the path of datagrams. Faults and variants change it before the
// server starts.
package behaviour

import (
	"crypto/tls"
	"net"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/bridge"
	"imcheck/reference-server/gateway"
)

// Config configures the behaviour of one server.
type Config struct {
	// Server configures the rules: application, policy, limits, quirks and hooks.
	server.Config
	// Timing puts off what the rules decide.
	Timing gateway.Timing
	// Listening has the quirks of the listeners.
	Listening transport.Quirks
	// Bridge has the quirks of the bridge.
	Bridge bridge.Quirks
	// Path impairs the datagrams of UDP.
	Path Path

	// streams replaces the streams that a listener accepts, by transport; nil leaves
	// them as they are. Where there is TLS it is given what TLS carries.
	streams [len(wire.Transports)]func(net.Conn) net.Conn
}

// WrapStreams puts something around every stream of a transport, outside what is
// around it already, so that several add up. wrap is called for each stream: what the
// connection that it returns remembers belongs to that stream alone.
func (c *Config) WrapStreams(t wire.Transport, wrap func(net.Conn) net.Conn) {
	inner := c.streams[t]
	c.streams[t] = func(stream net.Conn) net.Conn {
		if inner != nil {
			stream = inner(stream)
		}
		return wrap(stream)
	}
}

// WrapsStreams reports whether anything is put around the streams of a transport.
func (c *Config) WrapsStreams(t wire.Transport) bool { return c.streams[t] != nil }

// Stream returns what the listener of a transport gets in place of a stream: the
// stream itself unless something is put around it.
func (c *Config) Stream(stream net.Conn, t wire.Transport) net.Conn {
	if c.streams[t] == nil {
		return stream
	}
	return c.streams[t](stream)
}

// Network returns the network that a transport is served over, and the TLS that is
// left for its listener to do.
func (c *Config) Network(t wire.Transport, network transport.Network, config *tls.Config) (transport.Network, *tls.Config) {
	switch {
	case t == wire.UDP && !c.Path.healthy():
		return impairedNetwork{network, c.Path, c.Seed}, nil
	case c.streams[t] != nil:
		return wrappingNetwork{network, aboveTLS(c.streams[t], config)}, nil
	}
	return network, config
}

// wrappingNetwork is a network whose listeners put something around every stream.
type wrappingNetwork struct {
	transport.Network
	wrap func(net.Conn) net.Conn
}

func (n wrappingNetwork) ListenStream(address string) (net.Listener, error) {
	l, err := n.Network.ListenStream(address)
	if err != nil {
		return nil, err
	}
	return wrappingListener{l, n.wrap}, nil
}

type wrappingListener struct {
	net.Listener
	wrap func(net.Conn) net.Conn
}

func (l wrappingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(c), nil
}
