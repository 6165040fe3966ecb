package host

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"imcheck/harness/transport"
	"imcheck/loadgen/options"
)

// maxSources bounds how many source addresses a list may have.
const maxSources = 1 << 16

// ParseSources reads a list of addresses, ranges and networks of IPv4 and IPv6, such as
// "127.0.0.1,127.0.1.1-127.0.1.200,127.1.0.0/24,fe80::1%eth0". A network is all of
// its addresses. The error is a *options.Error.
func ParseSources(list string) (sources []netip.Addr, err error) {
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		first, last, err := parseRange(part)
		if err != nil {
			return nil, options.Refuse(options.Sources,
				"%q is not an address, range or network (%v): use a list such as 127.0.0.1,127.0.1.1-127.0.1.200,127.1.0.0/24", part, err)
		}
		for a := first; a.Compare(last) <= 0 && a.IsValid(); a = a.Next() {
			if len(sources) == maxSources {
				return nil, options.Refuse(options.Sources, "there are more than %d addresses in it: use fewer", maxSources)
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
		return first, lastOf(network), nil
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
	switch {
	case first.Is4() != last.Is4():
		return first, last, fmt.Errorf("%v and %v are of different kinds", first, last)
	case isRange && first.Zone() != last.Zone():
		return first, last, fmt.Errorf("%v and %v are of different zones", first, last)
	case last.Less(first):
		return first, last, fmt.Errorf("%v is before %v", last, first)
	}
	return first, last, nil
}

// lastOf returns the last address of a network.
func lastOf(network netip.Prefix) netip.Addr {
	bytes := network.Masked().Addr().AsSlice()
	for bit := network.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes) // which has the length of an address
	return last
}

// CheckSources refuses addresses that are there twice. The error is an *options.Error.
func CheckSources(sources []netip.Addr) error {
	if twice, ok := duplicate(sources); ok {
		return options.Refuse(options.Sources, "%v is in it twice: name it once", twice)
	}
	return nil
}

// CheckOwnSources refuses addresses that are not of this machine: it binds to each for a
// moment. The error is an *options.Error.
func CheckOwnSources(sources []netip.Addr) error {
	for _, source := range sources {
		socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(source, 0)))
		if err != nil {
			return options.Refuse(options.Sources, "%v cannot be used: %v (is it an address of this machine?)", source, err)
		}
		_ = socket.Close()
	}
	return nil
}

// EphemeralPorts returns how many ports of an address the system gives to connections.
func EphemeralPorts() int {
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
