package gateway

import (
	"net/netip"
	"time"
)

// maxDeaf bounds the addresses that are remembered as deaf; the one that was
// added first is forgotten for a further one.
const maxDeaf = 4096

// deafAddresses are the UDP addresses whose session has ended a moment ago
// (docs/protocol.md §7): the old session swallows what comes then.
type deafAddresses struct {
	until map[netip.AddrPort]time.Time
	order []deafAddress // as added; all are deaf for the same time
}

type deafAddress struct {
	remote netip.AddrPort
	until  time.Time
}

func (d *deafAddresses) add(until time.Time, remote netip.AddrPort) {
	if d.until == nil {
		d.until = map[netip.AddrPort]time.Time{}
	}
	if len(d.order) >= maxDeaf {
		d.forgetFirst()
	}
	d.until[remote] = until
	d.order = append(d.order, deafAddress{remote, until})
}

// contains reports whether an address is deaf, and forgets those that are no
// longer.
func (d *deafAddresses) contains(now time.Time, remote netip.AddrPort) bool {
	for len(d.order) > 0 && !d.order[0].until.After(now) {
		d.forgetFirst()
	}
	_, deaf := d.until[remote]
	return deaf
}

func (d *deafAddresses) forgetFirst() {
	first := d.order[0]
	if d.order = d.order[1:]; len(d.order) == 0 {
		d.order = nil
	}
	if d.until[first.remote].Equal(first.until) {
		delete(d.until, first.remote)
	}
}
