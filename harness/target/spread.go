package target

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Times of the lookups of a Spread: the shortest time between two of them, the longest
// that one may take, and the wait for each answer of an address that was silent before.
const (
	lookupEvery = time.Second
	lookupTime  = 5 * time.Second
	retryWait   = time.Second
)

// NodeUse counts the connections of a load to one address of the target.
type NodeUse struct {
	transport.Node
	Place  int          // among the addresses of the Spread, from 1
	Opened atomic.Int64 // connections that were made
	Failed atomic.Int64 // attempts that failed
	Ended  atomic.Int64 // connections that ended, but for those that this end has closed
}

// Spread distributes the connections of a load over the addresses of one transport, and
// counts them by address. When clients connect again it looks names up again, and asks
// addresses again that did not answer at the start, without making the clients wait. Its
// methods may be called from any goroutine.
type Spread struct {
	target *Target
	kind   wire.Transport
	usable func(netip.Addr) bool
	named  bool
	ctx    context.Context
	cancel context.CancelFunc
	lookup sync.WaitGroup // lookups and probes under way

	mu       sync.Mutex
	nodes    []transport.Node            // of the latest lookup
	current  []*NodeUse                  // those in use
	ever     []*NodeUse                  // in the order in which they came
	known    map[transport.Node]*NodeUse // the same
	silent   map[netip.AddrPort]bool     // that did not answer at the start, nor since
	looked   time.Time
	looking  bool
	retrying bool
}

// NewSpread distributes connections over the addresses of a transport that Discover has
// found to answer, as far as they are usable; usable may be nil. Without any the result is
// nil: connections are made to the address as it was written.
func (t *Target) NewSpread(kind wire.Transport, usable func(netip.Addr) bool) *Spread {
	s := &Spread{target: t, kind: kind, usable: usable, named: t.named(kind), known: map[transport.Node]*NodeUse{}, silent: map[netip.AddrPort]bool{}}
	for _, silent := range t.silent[kind] {
		if s.canUse(silent.node) {
			s.silent[silent.node.At] = true
		}
	}
	s.nodes = t.answering[kind]
	s.take()
	if len(s.current) == 0 {
		return nil
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Several reports whether there is more to it than one address that stays the same.
func (s *Spread) Several() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named || len(s.ever)+len(s.silent) > 1
}

// canUse reports whether an address can be used.
func (s *Spread) canUse(node transport.Node) bool { return s.usable == nil || s.usable(node.At.Addr()) }

// take replaces the addresses in use by those of the latest lookup; the mutex is held, or
// nobody else has the Spread yet.
func (s *Spread) take() {
	var current []*NodeUse
	for _, node := range s.nodes {
		if s.silent[node.At] || !s.canUse(node) {
			continue
		}
		use := s.known[node]
		if use == nil {
			use = &NodeUse{Node: node, Place: len(s.ever) + 1}
			s.known[node] = use
			s.ever = append(s.ever, use)
		}
		current = append(current, use)
	}
	if len(current) > 0 { // else there is nothing better than what there was
		s.current = current
	}
}

// Pick returns the address for a connection: those with successive numbers get successive
// ones. again says that it replaces an earlier connection, for which names are looked up
// again and silent addresses are asked, once a second at most; what that finds counts for
// the connections after it.
func (s *Spread) Pick(number int, again bool) *NodeUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	if again && (s.named || len(s.silent) > 0) && !s.looking && s.ctx.Err() == nil && time.Since(s.looked) >= lookupEvery {
		s.looking, s.looked = true, time.Now()
		s.lookup.Go(s.lookUp)
	}
	return s.current[number%len(s.current)]
}

// lookUp looks the names up. When that fails, what was found before stays. Then addresses
// are asked that have not answered so far.
func (s *Spread) lookUp() {
	ctx, cancel := context.WithTimeout(s.ctx, lookupTime)
	defer cancel()
	nodes, err := s.target.Nodes(ctx, s.kind)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looking = false
	if err != nil {
		return
	}
	s.nodes = nodes
	s.take()
	var silent []transport.Node
	for _, node := range nodes {
		if s.silent[node.At] {
			silent = append(silent, node)
		}
	}
	if len(silent) > 0 && !s.retrying {
		s.retrying = true
		s.lookup.Go(func() { s.retry(silent) })
	}
}

// retry asks addresses that have not answered so far, all at the same time. One that does
// now is used from then on.
func (s *Spread) retry(silent []transport.Node) {
	var asking sync.WaitGroup
	for _, node := range silent {
		asking.Go(func() {
			if s.target.probe(s.ctx, s.kind, node.At.String(), node, retryWait, true) == nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				delete(s.silent, node.At)
				s.take()
			}
		})
	}
	asking.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retrying = false
}

// Uses returns the addresses that connections were made to, in the order in which they
// were found.
func (s *Spread) Uses() []*NodeUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*NodeUse(nil), s.ever...)
}

// Close ends what is being looked up.
func (s *Spread) Close() {
	s.cancel()
	s.lookup.Wait()
}
