package swarm

import (
	"net/netip"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
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
		sources, err := c.sourcesOn(t)
		if err != nil {
			return err
		}
		clients, ports := c.connectionsOn()[t.String()], host.EphemeralPorts()
		if needed := (clients + ports - 1) / ports; needed > sources {
			return options.Refuse(options.Sources,
				"%d clients on %s are more than %d source addresses have ports for (%d each): name at least %d addresses, or use fewer clients",
				clients, t, sources, ports, needed)
		}
	}
	if !c.engines(time.Time{}).OnSockets() {
		return nil
	}
	return host.CheckOwnSources(c.Sources)
}

// sourcesOn counts the source addresses of a transport: those of the family of its
// addresses, as far as these are no names.
func (c *Config) sourcesOn(t wire.Transport) (n int, err error) {
	address, _ := target.ParseAddress(t, c.Target.Addresses[t]) // a bad one has no hosts, and is refused elsewhere
	n = len(c.Sources)
	for _, host := range address.Hosts {
		literal, err := netip.ParseAddrPort(host.Dial)
		if err != nil {
			continue
		}
		fitting := 0
		for _, source := range c.Sources {
			if source.Is4() == literal.Addr().Unmap().Is4() {
				fitting++
			}
		}
		if n = min(n, fitting); n == 0 {
			return 0, options.Refuse(options.Sources, "none of them reaches %s, as they are of the other of IPv4 and IPv6: add one of its kind", host.Dial)
		}
	}
	return n, nil
}
