package client

import (
	"net/netip"
	"testing"
)

// A client that is rebound comes from another port each time, and what is sent to the one
// before reaches nobody; another socket of it is seen as it is.
func TestTranslation(t *testing.T) {
	var nat translation
	real, other := netip.MustParseAddrPort("127.0.0.1:40000"), netip.MustParseAddrPort("127.0.0.1:40001")
	seen := []netip.AddrPort{nat.outside(real)}
	for range 2 {
		nat.rebind()
		seen = append(seen, nat.outside(real))
	}
	if seen[0] != real || seen[1] == real || seen[2] == seen[1] || seen[2] == real {
		t.Errorf("the client is seen at %v", seen)
	}
	for i, address := range seen {
		if got, known := nat.inside(address); known != (i == 2) || known && got != real {
			t.Errorf("%v leads to %v, %t", address, got, known)
		}
	}
	if got := nat.outside(other); got != other {
		t.Errorf("another socket is seen at %v", got)
	}
}
