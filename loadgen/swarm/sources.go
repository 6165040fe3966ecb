package swarm

import (
	"net"
	"net/netip"

	"imcheck/harness/transport"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// checkSources refuses addresses that cannot be used, and more clients than
// they have ports for: a server distinguishes the clients of one address by them.
func (c *Config) checkSources() error {
	if len(c.Sources) == 0 {
		return nil
	}
	if err := host.CheckSources(c.Sources); err != nil {
		return err
	}
	for _, t := range c.Transports {
		address, _, _ := net.SplitHostPort(c.Target.Addresses[t])
		if a, err := netip.ParseAddr(address); err == nil && !a.Unmap().Is4() {
			return options.Refuse(options.Sources, "IPv4 addresses do not reach %s, which is IPv6", c.Target.Addresses[t])
		}
		clients, ports := c.clientsOn()[t.String()], host.EphemeralPorts()
		if needed := (clients + ports - 1) / ports; needed > len(c.Sources) {
			return options.Refuse(options.Sources,
				"%d clients on %s are more than %d source addresses have ports for (%d each): name at least %d addresses, or use fewer clients",
				clients, t, len(c.Sources), ports, needed)
		}
	}
	if !c.onSockets() {
		return nil
	}
	return host.CheckOwnSources(c.Sources)
}

// onSockets reports whether the target is reached by sockets of this machine.
func (c *Config) onSockets() bool {
	if c.Target == nil {
		return false
	}
	_, ok := c.Target.Network.(transport.OS)
	return ok
}

// usesEventLoops reports whether the workers have event loops. TLS, and networks
// without sockets, are for a goroutine a connection.
func (c *Config) usesEventLoops() bool {
	return haveEventLoops && !c.portable && c.onSockets() && c.Target.TLS == nil
}

// sharesSockets reports whether UDP clients share sockets.
func (c *Config) sharesSockets() bool { return c.usesEventLoops() && len(c.Sources) > 1 }

// network is the target's, as seen from the source address of a seat.
func (c *Config) network(seat plan.Seat) transport.Network {
	if len(c.Sources) == 0 || !c.onSockets() {
		return c.Target.Network
	}
	return transport.OS{Source: c.Sources[int(seat)%len(c.Sources)]}
}

// sockets returns how many sockets the clients on a transport need at once.
func (c *Config) sockets(t wire.Transport) int {
	clients := c.clientsOn()[t.String()]
	if t != wire.UDP || !c.sharesSockets() {
		return clients
	}
	// Each worker has sockets of its own, the last of which may be half empty.
	return (clients+len(c.Sources)-1)/len(c.Sources) + c.workers()
}
