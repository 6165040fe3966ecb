package impair

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Path impairs connections by a policy and counts the impairments. Make one with New; a
// nil Path impairs nothing.
type Path struct {
	policy   atomic.Pointer[Policy]
	changes  bool // the policy may be changed
	observe  func(Observation)
	counters [len(wire.Transports)][len(Directions)]counter
	unnamed  atomic.Int64 // connections without a name
	closings *closings
}

// New returns a path. The policy has to be within the bounds of Parse.
func New(p Policy) *Path {
	path := &Path{closings: newClosings()}
	path.policy.Store(&p)
	return path
}

// NewChanging returns a path whose policy Change may replace. observe, unless nil, is told
// of each datagram that is dropped, doubled or reordered; it is called with locks held and
// must not block or use the path.
func NewChanging(p Policy, observe func(Observation)) *Path {
	path := New(p)
	path.changes, path.observe = true, observe
	return path
}

// Change replaces the policy, also for connections that are open, except for the seed,
// which is that of connections dialed from now on. The path has to be from NewChanging, and
// the policy within the bounds of Parse.
func (p *Path) Change(policy Policy) { p.policy.Store(&policy) }

// Settle returns once all traffic of closed connections has arrived and their sockets
// are closed. That takes no longer than the delays, and 10 s if a server does not read.
func (p *Path) Settle() {
	if p != nil {
		p.closings.wait()
	}
}

// Policy returns the policy of the path.
func (p *Path) Policy() Policy {
	if p == nil {
		return Policy{}
	}
	return *p.policy.Load()
}

// Delay returns the largest delay that the impairment adds to a round trip.
func (p *Path) Delay(kind wire.Transport) time.Duration {
	ways := p.Policy().Paths[kind]
	return ways[Out].mostDelay() + ways[In].mostDelay()
}

// Loses reports whether the impairment drops, duplicates or reorders datagrams.
func (p *Path) Loses(kind wire.Transport) bool {
	ways := p.Policy().Paths[kind]
	return ways[Out].loses() || ways[In].loses()
}

// Trouble says why a single datagram may be missing, "" when the impairment drops,
// duplicates and reorders none.
func (p *Path) Trouble(kind wire.Transport) string {
	if p.Loses(kind) {
		return "the path is impaired so that it loses, doubles or reorders datagrams"
	}
	return ""
}

// Network returns inner with the connections of one transport impaired. Its listeners
// are those of inner, and opening a stream takes no longer.
func (p *Path) Network(inner transport.Network, kind wire.Transport) transport.Network {
	if p == nil || !p.changes && !p.Policy().Impairs(kind) {
		return inner
	}
	return &network{inner, p, kind}
}

// network is a transport.Network whose dialed connections are impaired.
type network struct {
	transport.Network
	path *Path
	kind wire.Transport
}

func (n *network) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	socket, err := n.Network.DialPacket(ctx, address)
	if err != nil {
		return nil, err
	}
	seed, name := n.path.identity(ctx)
	out, in := n.path.datagrams(n.kind, seed, name)
	return newPacketConn(socket, out, in, n.path.closings), nil
}

// datagrams returns the schedules of a connection in both directions.
func (p *Path) datagrams(kind wire.Transport, seed int64, name string) (out, in *datagrams[[]byte]) {
	schedule := func(d Direction) *datagrams[[]byte] {
		s := datagramsOf[[]byte](p, kind, d, seed, name)
		s.observe = p.observer(name, kind, d)
		return s
	}
	return schedule(Out), schedule(In)
}

// datagramsOf returns the schedule of a connection in one direction.
func datagramsOf[T any](p *Path, kind wire.Transport, d Direction, seed int64, name string) *datagrams[T] {
	s := newDatagrams[T](p.Policy().Paths[kind][d], randomOf(seed, name, d.String()), &p.counters[kind][d])
	s.changing = p.changing(kind, d)
	return s
}

func (n *network) DialStream(ctx context.Context, address string) (net.Conn, error) {
	socket, err := n.Network.DialStream(ctx, address)
	if err != nil {
		return nil, err
	}
	seed, name := n.path.identity(ctx)
	return n.path.stream(socket, n.kind, seed, name), nil
}

// stream impairs a stream.
func (p *Path) stream(socket net.Conn, kind wire.Transport, seed int64, name string) net.Conn {
	now := time.Now()
	schedule := func(d Direction) *bytestream[[]byte] {
		return bytestreamOf(p, kind, d, seed, name, now, lengthOf)
	}
	return newStreamConn(socket, schedule(Out), schedule(In), p.closings)
}

// bytestreamOf returns the schedule of a stream in one direction, which opens now.
func bytestreamOf[T any](p *Path, kind wire.Transport, d Direction, seed int64, name string, now time.Time, size func(T) int) *bytestream[T] {
	i := p.Policy().Paths[kind][d]
	// Both directions have the same phase, so that equal stalls coincide.
	stalls := newStalls(i.Stall, now, randomOf(seed, name, "stall"))
	s := newBytestream(i, randomOf(seed, name, d.String()), stalls, &p.counters[kind][d], size)
	s.changing = p.changing(kind, d)
	return s
}

// changing returns a function that reads the impairment of the moment; nil if the policy
// stays.
func (p *Path) changing(kind wire.Transport, d Direction) func() Impairment {
	if !p.changes {
		return nil
	}
	return func() Impairment { return p.policy.Load().Paths[kind][d] }
}

// identityKey is the key of an identity in a context.
type identityKey struct{}

// identity identifies a connection. With the seed it determines the impairments.
type identity struct {
	name  string
	round int
}

func identityOf(ctx context.Context) identity {
	i, _ := ctx.Value(identityKey{}).(identity)
	return i
}

// WithName names the connections that are dialed with the context. With the same seed,
// name and direction the first datagram meets the same outcome, and so have all others,
// whatever else is sent and whenever it is. Give each connection a name of its own, or
// they lose the same datagrams. Connections without a name are numbered.
func WithName(ctx context.Context, name string) context.Context {
	i := identityOf(ctx)
	i.name = name
	return context.WithValue(ctx, identityKey{}, i)
}

// WithRound makes connections of the same name differ between the rounds of a repeated
// run: the seed of round n is that of the policy plus n-1. Round 0 is that of a single
// run.
func WithRound(ctx context.Context, round int) context.Context {
	i := identityOf(ctx)
	i.round = round
	return context.WithValue(ctx, identityKey{}, i)
}

// identity returns the seed and the name of a connection.
func (p *Path) identity(ctx context.Context) (seed int64, name string) {
	i := identityOf(ctx)
	if i.name == "" {
		i.name = fmt.Sprintf("connection %d", p.unnamed.Add(1))
	}
	return p.Policy().Seed + int64(max(i.round, 1)) - 1, i.name
}
