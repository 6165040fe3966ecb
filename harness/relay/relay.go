// Package relay forwards UDP, TCP and WebSocket between clients and a server. The way to
// the server is impaired by package impair; on top of that a relay does what a network does
// to open connections: it rebinds, stalls, goes away and leaves connections half-open.
// What it did is told to a log, on one clock.
//
// On a stream the relay forwards bytes: it neither parses nor cuts them into messages, so
// that TLS and whatever framing pass. A byte stream loses nothing (impair).
package relay

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

// Config configures a relay.
type Config struct {
	Network transport.Network
	Policy  impair.Policy // of the way from the relay to the server, and back
	Log     func(Entry)   // called one at a time; nil if nobody reads it
	// Delivered is told of each datagram that was handed to a client. The data is valid
	// during the call. It may be nil.
	Delivered func(data []byte)
}

// Relay forwards between clients and servers. Make one with New; its methods may be called
// from any goroutine.
type Relay struct {
	config  Config
	path    *impair.Path
	started time.Time
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	working sync.WaitGroup
	gate    gate
	log     log

	mu        sync.Mutex
	listeners []interface{ Close() error }
	links     map[int]link
	last      int // number of the latest connection
	closed    bool
}

// link is a connection of a client.
type link interface {
	describe() Entry
	rebind() bool
	halfOpen() bool
	reset() bool
	close()
}

// Bounds of what one relay keeps.
const (
	// maxLinks bounds the connections at a time. Further ones are refused.
	maxLinks = 4096
	// idleTime is the silence after which a relay forgets a client on UDP. It is longer than
	// the longest interval of keep-alives.
	idleTime = 10 * time.Minute
)

// New returns a relay that listens nowhere yet.
func New(c Config) *Relay {
	r := &Relay{config: c, started: time.Now(), links: map[int]link{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.path = impair.NewChanging(c.Policy, r.observe)
	r.log = log{started: r.started, to: c.Log}
	return r
}

// Listen forwards what comes to address to target, both of which are host:port. Port 0
// picks a free one; the address that was bound is returned.
func (r *Relay) Listen(kind wire.Transport, address, target string) (bound net.Addr, err error) {
	if kind == wire.UDP {
		bound, err = r.listenPackets(address, target)
	} else {
		bound, err = r.listenStreams(kind, address, target)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s by %s: %w", address, kind, err)
	}
	r.log.add(Entry{Event: EventListening, Transport: kind.String(), Client: bound.String(), Server: target})
	return bound, nil
}

// serve runs what serves a listening socket until Close, which closes the socket.
func (r *Relay) serve(socket interface{ Close() error }, run func()) error {
	if !r.spawn(run) {
		_ = socket.Close()
		return net.ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listeners = append(r.listeners, socket)
	return nil
}

// Counts returns the impairments so far.
func (r *Relay) Counts() []impair.Count { return r.path.Counts() }

// Close stops listening and drops all connections. It returns once nothing is left of them.
func (r *Relay) Close() {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return
	}
	r.closed = true
	r.cancel()
	for _, l := range r.listeners {
		_ = l.Close() // nothing can be done about a socket that does not close
	}
	open := r.open()
	r.mu.Unlock()
	for _, l := range open {
		l.close()
	}
	r.working.Wait()
	r.path.Settle()
	for _, c := range r.path.Counts() {
		r.log.add(totalOf(c))
	}
}

// spawn runs f on a goroutine that Close waits for; false after Close.
func (r *Relay) spawn(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.working.Go(f)
	}
	return !r.closed
}

// open lists the connections in the order in which they began; r.mu is held.
func (r *Relay) open() (all []link) {
	for _, number := range slices.Sorted(maps.Keys(r.links)) {
		all = append(all, r.links[number])
	}
	return all
}

// number returns the number of a new connection; ok is false if there are too many, or
// the relay is closed.
func (r *Relay) number() (n int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(r.links) >= maxLinks {
		return 0, false
	}
	r.last++
	return r.last, true
}

// add keeps a connection; false after Close.
func (r *Relay) add(number int, l link) bool {
	r.mu.Lock()
	closed := r.closed
	if !closed {
		r.links[number] = l
	}
	r.mu.Unlock()
	if !closed {
		r.log.add(l.describe().as(EventOpened))
	}
	return !closed
}

// remove forgets a connection.
func (r *Relay) remove(number int) {
	r.mu.Lock()
	l, ok := r.links[number]
	delete(r.links, number)
	r.mu.Unlock()
	if ok {
		r.log.add(l.describe().as(EventClosed))
	}
}

// dialing returns a context for connecting to the server, by which the impairment knows the
// connection: the same numbers meet the same losses with the same seed.
func (r *Relay) dialing(kind wire.Transport, number, again int) (context.Context, context.CancelFunc) {
	ctx := impair.WithName(r.ctx, nameOf(number, again))
	return context.WithTimeout(ctx, transport.DialTimeout)
}

// nameOf is the name of a connection for the impairment. A further socket of the same client,
// after a rebinding, has another one.
func nameOf(number, again int) string {
	if again == 0 {
		return strconv.Itoa(number)
	}
	return fmt.Sprintf("%d.%d", number, again)
}
