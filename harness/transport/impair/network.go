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

// Path impairs connections as a policy says, and counts what it does to them.
// Make one with New; a nil Path impairs nothing.
type Path struct {
	policy   Policy
	counters [len(wire.Transports)][len(Directions)]counter
	unnamed  atomic.Int64 // connections without a name
	closings *closings
}

// New makes a path. The policy has to come from Parse, or keep its bounds.
func New(p Policy) *Path { return &Path{policy: p, closings: newClosings()} }

// Settle returns when everything that closed connections had under way has
// arrived, and their sockets are free. That takes no longer than the delays, and
// 10 s where a server does not read.
func (p *Path) Settle() {
	if p != nil {
		p.closings.wait()
	}
}

// Policy returns the policy that the path was made with.
func (p *Path) Policy() Policy {
	if p == nil {
		return Policy{}
	}
	return p.policy
}

// Delay returns the most that the impairment adds to one round trip: to a question
// that sets out at any time, and to its answer.
func (p *Path) Delay(kind wire.Transport) time.Duration {
	ways := p.Policy().Paths[kind]
	return ways[Out].mostDelay() + ways[In].mostDelay()
}

// Loses reports whether the impairment drops, doubles or reorders datagrams.
func (p *Path) Loses(kind wire.Transport) bool {
	ways := p.Policy().Paths[kind]
	return ways[Out].loses() || ways[In].loses()
}

// Network makes the connections of one transport over the path. Its listeners
// are those of inner. Opening a stream takes no longer than on inner.
func (p *Path) Network(inner transport.Network, kind wire.Transport) transport.Network {
	if !p.Policy().Impairs(kind) {
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
	schedule := func(d Direction) *datagrams {
		return newDatagrams(n.path.policy.Paths[n.kind][d], randomOf(seed, name, d.String()), &n.path.counters[n.kind][d])
	}
	return newPacketConn(socket, schedule(Out), schedule(In), n.path.closings), nil
}

func (n *network) DialStream(ctx context.Context, address string) (net.Conn, error) {
	socket, err := n.Network.DialStream(ctx, address)
	if err != nil {
		return nil, err
	}
	seed, name := n.path.identity(ctx)
	now := time.Now()
	schedule := func(d Direction) *bytestream {
		i := n.path.policy.Paths[n.kind][d]
		// The phase is that of both directions: when they stall alike they stall together.
		stalls := newStalls(i.Stall, now, randomOf(seed, name, "stall"))
		return newBytestream(i, randomOf(seed, name, d.String()), stalls, &n.path.counters[n.kind][d])
	}
	return newStreamConn(socket, schedule(Out), schedule(In), n.path.closings), nil
}

// identityKey is the key of an identity in a context.
type identityKey struct{}

// identity holds what, with the seed, decides the fate of a connection's traffic.
type identity struct {
	name  string
	round int
}

func identityOf(ctx context.Context) identity {
	i, _ := ctx.Value(identityKey{}).(identity)
	return i
}

// WithName names the connections that are dialed with the context. The same
// seed, name and direction decide alike about the first datagram, the second one
// and so on, whatever else is sent and whenever it is. Give each connection a
// name of its own, or they lose the same datagrams. One without a name is called
// by its number among those.
func WithName(ctx context.Context, name string) context.Context {
	i := identityOf(ctx)
	i.name = name
	return context.WithValue(ctx, identityKey{}, i)
}

// WithRound makes connections of the same name differ between the rounds of a
// repeated run: the seed of round n is that of the policy and n-1. Round 0 is
// that of a run which is not repeated.
func WithRound(ctx context.Context, round int) context.Context {
	i := identityOf(ctx)
	i.round = round
	return context.WithValue(ctx, identityKey{}, i)
}

// identity gives the seed and the name of a connection.
func (p *Path) identity(ctx context.Context) (seed int64, name string) {
	i := identityOf(ctx)
	if i.name == "" {
		i.name = fmt.Sprintf("connection %d", p.unnamed.Add(1))
	}
	return p.policy.Seed + int64(max(i.round, 1)) - 1, i.name
}
