package gateway

import (
	"encoding/binary"
	"iter"
	"net/netip"

	"imcheck/protocol/server"
)

// packetSessions has the UDP sessions that are logged in, by remote address. Those of IPv4
// are found by 8 bytes: a netip.AddrPort has 32, which counts with a million sessions. Make it
// with newPacketSessions.
type packetSessions struct {
	four map[uint64]*server.Session
	six  map[netip.AddrPort]*server.Session
}

func newPacketSessions() packetSessions {
	return packetSessions{map[uint64]*server.Session{}, map[netip.AddrPort]*server.Session{}}
}

// key4 is an IPv4 address with its port.
func key4(remote netip.AddrPort) uint64 {
	address := remote.Addr().As4()
	return uint64(binary.BigEndian.Uint32(address[:]))<<16 | uint64(remote.Port())
}

// of returns the session of an address, nil if it has none.
func (p *packetSessions) of(remote netip.AddrPort) *server.Session {
	if remote.Addr().Is4() {
		return p.four[key4(remote)]
	}
	return p.six[remote]
}

func (p *packetSessions) add(remote netip.AddrPort, session *server.Session) {
	if remote.Addr().Is4() {
		p.four[key4(remote)] = session
	} else {
		p.six[remote] = session
	}
}

func (p *packetSessions) remove(remote netip.AddrPort) {
	if remote.Addr().Is4() {
		delete(p.four, key4(remote))
	} else {
		delete(p.six, remote)
	}
}

func (p *packetSessions) len() int { return len(p.four) + len(p.six) }

// all lists the sessions in any order. They may be removed meanwhile.
func (p *packetSessions) all() iter.Seq[*server.Session] {
	return func(yield func(*server.Session) bool) {
		for _, session := range p.four {
			if !yield(session) {
				return
			}
		}
		for _, session := range p.six {
			if !yield(session) {
				return
			}
		}
	}
}
