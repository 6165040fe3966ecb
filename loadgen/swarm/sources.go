package swarm

import (
	"net"
	"net/netip"
	"time"

	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
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
	if !c.engines(time.Time{}).OnSockets() {
		return nil
	}
	return host.CheckOwnSources(c.Sources)
}
