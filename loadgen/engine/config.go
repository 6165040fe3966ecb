package engine

import (
	"net/netip"
	"runtime"
	"slices"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// maxDatagram is the largest datagram in bytes that a client takes, and the size of its
// buffer, unless the target's own limit is more than half of that. An error response quotes
// the message that it refuses, so
// it may be longer than what a server takes, but not twice as long.
const maxDatagram = 2*wire.MaxDatagram - 1

// largestDatagram is the size in bytes that no datagram exceeds.
const largestDatagram = 1<<16 - 1

// FilesBesideConnections is the number of files that an event loop has open besides its
// connections.
const FilesBesideConnections = 2

// Config describes a run to its engines.
type Config struct {
	Target *target.Target
	// Transports are those that the connections use; nil for all.
	Transports []wire.Transport
	// Routes distribute the connections over the addresses of the target.
	Routes Routes
	// Sources are the addresses that the connections come from, by their seats, each to
	// addresses of its family; without any the system chooses one.
	Sources []netip.Addr
	// Longest is the length in bytes of the longest message that a client sends.
	Longest int
	// Gather is how long what arrives may wait to be handled together with more, where
	// that does not change the time of its arrival; 0 for as long as answers can bear.
	Gather   time.Duration
	Start    time.Time // start of the run
	Portable bool      // use a goroutine a connection, whatever the system has
}

// UsesEventLoops reports whether engines are event loops. Networks without sockets are
// for a goroutine a connection.
func (c *Config) UsesEventLoops() bool { return haveEventLoops && !c.Portable && c.OnSockets() }

// OnSockets reports whether the target is reached by sockets of this machine.
func (c *Config) OnSockets() bool {
	if c.Target == nil {
		return false
	}
	_, ok := c.Target.Network.(transport.OS)
	return ok
}

// Engines returns how many engines this machine has the processors for.
func (c *Config) Engines() int {
	if c.UsesEventLoops() {
		return eventLoops()
	}
	return runtime.GOMAXPROCS(0)
}

// eventLoops returns the number of event loops. One does little but system calls, in which
// the system does the peer's part as well, and the busier it is the less each
// message costs: half of the processors is enough, and the peer may need the rest.
func eventLoops() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Sockets returns how many sockets so many clients of so many engines need at once on a
// transport.
func (c *Config) Sockets(t wire.Transport, clients, engines int) int {
	if t != wire.UDP || !c.sharesSockets() {
		return clients
	}
	// Each engine has sockets of its own, the last of which may be half empty.
	return (clients+len(c.Sources)-1)/len(c.Sources) + engines
}

// sharesSockets reports whether UDP clients share sockets, which those of IPv4 do.
func (c *Config) sharesSockets() bool {
	return c.UsesEventLoops() && len(c.Sources) > 1 && !slices.ContainsFunc(c.Sources, netip.Addr.Is6)
}

// network is the target's, as seen from the source address of a seat.
func (c *Config) network(seat plan.Seat, to netip.Addr) transport.Network {
	if len(c.Sources) == 0 || !c.OnSockets() {
		return c.Target.Network
	}
	return transport.OS{Source: c.source(seat, to)}
}

// maxMessage is the largest message in bytes that a client takes on a transport.
func (c *Config) maxMessage(t wire.Transport) int {
	if t == wire.UDP {
		return min(max(maxDatagram, 2*c.Target.MaxMessage(t)), largestDatagram)
	}
	return max(bounds.StreamMessage, 2*c.Target.MaxMessage(t))
}

// maxUnwritten bounds the send queue of one stream, in bytes.
func (c *Config) maxUnwritten() int {
	return max(bounds.Unwritten, bounds.UnwrittenMessages*c.Longest)
}
