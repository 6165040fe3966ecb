package swarm

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"imcheck/harness/transport"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// maxSources bounds how many source addresses a list may have.
const maxSources = 1 << 16

// ParseSources reads a list of IPv4 addresses, ranges and networks, such as
// "127.0.0.1,127.0.1.1-127.0.1.200,127.1.0.0/24". A network is all of
// its addresses. The error is a *options.Error.
func ParseSources(list string) (sources []netip.Addr, err error) {
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		first, last, err := parseRange(part)
		if err != nil {
			return nil, refuse(options.Sources,
				"%q is not an IPv4 address, range or network (%v): use a list such as 127.0.0.1,127.0.1.1-127.0.1.200,127.1.0.0/24", part, err)
		}
		for a := first; a.Compare(last) <= 0 && a.IsValid(); a = a.Next() {
			if len(sources) == maxSources {
				return nil, refuse(options.Sources, "there are more than %d addresses in it: use fewer", maxSources)
			}
			sources = append(sources, a)
		}
	}
	return sources, nil
}

// parseRange reads one part of a list.
func parseRange(text string) (first, last netip.Addr, err error) {
	if strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return first, last, err
		}
		first = network.Masked().Addr()
		return first, lastOf(network), fourOnly(first)
	}
	from, to, isRange := strings.Cut(text, "-")
	if first, err = netip.ParseAddr(from); err != nil {
		return first, last, err
	}
	if last = first; isRange {
		if last, err = netip.ParseAddr(to); err != nil {
			return first, last, err
		}
	}
	if last.Less(first) {
		return first, last, fmt.Errorf("%v is before %v", last, first)
	}
	return first, last, fourOnly(first, last)
}

func fourOnly(addresses ...netip.Addr) error {
	for _, a := range addresses {
		if !a.Is4() {
			return fmt.Errorf("%v is not IPv4", a)
		}
	}
	return nil
}

// lastOf returns the last address of an IPv4 network.
func lastOf(network netip.Prefix) netip.Addr {
	if !network.Addr().Is4() {
		return network.Addr()
	}
	four := network.Masked().Addr().As4()
	for bit := network.Bits(); bit < 32; bit++ {
		four[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(four)
}

// checkSources refuses addresses that cannot be used, and more clients than
// they have ports for: a server distinguishes the clients of one address by them.
func (c *Config) checkSources() error {
	if len(c.Sources) == 0 {
		return nil
	}
	if err := fourOnly(c.Sources...); err != nil {
		return refuse(options.Sources, "%v", err)
	}
	if twice, ok := duplicate(c.Sources); ok {
		return refuse(options.Sources, "%v is in it twice: name it once", twice)
	}
	for _, t := range c.Transports {
		host, _, _ := net.SplitHostPort(c.Target.Addresses[t])
		if a, err := netip.ParseAddr(host); err == nil && !a.Unmap().Is4() {
			return refuse(options.Sources, "IPv4 addresses do not reach %s, which is IPv6", c.Target.Addresses[t])
		}
		clients, ports := c.clientsOn()[t.String()], ephemeralPorts()
		if needed := (clients + ports - 1) / ports; needed > len(c.Sources) {
			return refuse(options.Sources,
				"%d clients on %s are more than %d source addresses have ports for (%d each): name at least %d addresses, or use fewer clients",
				clients, t, len(c.Sources), ports, needed)
		}
	}
	return c.checkSourcesAreOurs()
}

// ephemeralPorts returns how many ports of an address the system gives to connections.
func ephemeralPorts() int {
	first, last := transport.EphemeralPorts()
	return int(last) - int(first) + 1
}

func duplicate(addresses []netip.Addr) (twice netip.Addr, ok bool) {
	sorted := slices.SortedFunc(slices.Values(addresses), netip.Addr.Compare)
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return sorted[i], true
		}
	}
	return twice, false
}

// checkSourcesAreOurs binds to each address for a moment.
func (c *Config) checkSourcesAreOurs() error {
	if !c.onSockets() {
		return nil
	}
	for _, source := range c.Sources {
		socket, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(source, 0)))
		if err != nil {
			return refuse(options.Sources, "%v cannot be used: %v (is it an address of this machine?)", source, err)
		}
		_ = socket.Close()
	}
	return nil
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
