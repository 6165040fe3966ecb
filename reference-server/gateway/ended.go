package gateway

import (
	"net/netip"
	"time"
)

// maxEndedAddresses bounds the addresses that are remembered; the oldest makes room for
// a further one.
const maxEndedAddresses = 4096

// endedAddresses are the UDP addresses whose session a datagram has ended a moment ago.
// Until their time is over the old session swallows what arrives from them
// (docs/protocol.md §7).
type endedAddresses struct {
	until map[netip.AddrPort]time.Time
	order []endedAddress // oldest first: all are remembered for the same time
}

type endedAddress struct {
	remote netip.AddrPort
	until  time.Time
}

func (a *endedAddresses) add(until time.Time, remote netip.AddrPort) {
	if a.until == nil {
		a.until = map[netip.AddrPort]time.Time{}
	}
	if len(a.order) >= maxEndedAddresses {
		a.forgetFirst()
	}
	a.until[remote] = until
	a.order = append(a.order, endedAddress{remote, until})
}

// contains reports whether datagrams from an address are still lost, and forgets the
// addresses whose time is over.
func (a *endedAddresses) contains(now time.Time, remote netip.AddrPort) bool {
	for len(a.order) > 0 && !a.order[0].until.After(now) {
		a.forgetFirst()
	}
	_, lost := a.until[remote]
	return lost
}

func (a *endedAddresses) forgetFirst() {
	first := a.order[0]
	if a.order = a.order[1:]; len(a.order) == 0 {
		a.order = nil
	}
	if a.until[first.remote].Equal(first.until) {
		delete(a.until, first.remote)
	}
}
