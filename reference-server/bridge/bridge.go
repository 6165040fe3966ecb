// Package bridge connects a server to the queues of a broker (docs/protocol.md §6): it publishes
// what the rules want published, tells them what the broker says of it, hands them what it
// consumes, and connects again when the broker was away.
package bridge

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/broker"
)

// Times of a bridge.
const (
	firstRetry   = 500 * time.Millisecond // after a connection that failed; doubled each time
	lastRetry    = 5 * time.Second        // the most that doubling leads to
	lookEvery    = 5 * time.Second        // for a queue to consume that is not there (§6)
	confirmation = 10 * time.Second       // a broker that takes longer for one counts as lost
)

// prefetch bounds the deliveries that wait for their Ack.
const prefetch = 64

// Rules are told what becomes of what they publish, and what arrives. They are called by one
// goroutine for each method at a time.
type Rules interface {
	Confirmed(publication uint64)
	Refused(publication uint64)
	// Consumed reports whether a body was a message.
	Consumed(body []byte) bool
}

// Config configures a bridge.
type Config struct {
	Broker broker.Broker
	// PublishTo and ConsumeFrom are queues. The first is declared, the second is not.
	PublishTo, ConsumeFrom string
	// Quirks are ways to treat the broker wrongly.
	Quirks Quirks
	// Log is told when the broker goes away and comes back, in a line; nil for nobody.
	Log func(line string)
}

// Quirks are what no bridge should do. The zero value has none.
type Quirks struct {
	Transient      bool   // messages are not persistent
	ContentType    string // of messages, in place of broker.ContentType
	Deaf           bool   // nothing is consumed
	LooksOnce      bool   // a queue to consume that is not there at first is never consumed
	Unacknowledged bool   // what was consumed is not acknowledged
	LastFirst      bool   // what has piled up is handled in reverse order
	StuckOnRubbish bool   // nothing is handled after a body that is not a message
}

// Counts says how many messages went which way since the start.
type Counts struct {
	Published uint64 // handed to the broker
	Confirmed uint64 // confirmed by the broker
	Refused   uint64 // refused by the broker, or not confirmed before its connection was lost
	Away      uint64 // not handed over, as there was no connection
	Consumed  uint64 // taken from the queue
	Dropped   uint64 // those of them that were not messages
}

// Bridge is a running bridge. Make one with Start.
type Bridge struct {
	config Config
	rules  Rules
	stop   context.CancelFunc
	done   chan struct{} // closed when nothing runs any more

	draining atomic.Bool

	mu          sync.Mutex
	session     *session // nil without a connection
	counts      Counts
	awaySince   time.Time // zero with a connection
	awayOffline uint64    // messages that were not published since then
}

// Start connects in the background, and returns once the first attempt has succeeded or failed.
func Start(config Config, rules Rules) *Bridge {
	ctx, stop := context.WithCancel(context.Background())
	b := &Bridge{config: config, rules: rules, stop: stop, done: make(chan struct{})}
	tried := make(chan struct{})
	go b.run(ctx, sync.OnceFunc(func() { close(tried) }))
	<-tried
	return b
}

// Drain stops consuming: what arrives from now on stays unacknowledged, so that the broker hands
// it to somebody else once the bridge is closed.
func (b *Bridge) Drain() { b.draining.Store(true) }

// Close ends the bridge. What the broker has not confirmed by then is refused.
func (b *Bridge) Close() {
	b.stop()
	<-b.done
}

// Connected reports whether there is a connection to the broker.
func (b *Bridge) Connected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.session != nil
}

// Counts returns the counters.
func (b *Bridge) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts
}

// Publish takes a message to publish, and returns at once. With false it is not taken, as the
// broker is away; otherwise the rules are told later what became of it. The bridge keeps body.
func (b *Bridge) Publish(publication uint64, body []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.session == nil {
		b.counts.Away++
		b.awayOffline++
		return false
	}
	b.counts.Published++
	b.session.queue(outgoing{publication, body})
	return true
}

// run connects, again and again, until the context is done.
func (b *Bridge) run(ctx context.Context, tried func()) {
	defer close(b.done)
	defer tried()
	retry := firstRetry
	for ctx.Err() == nil {
		connection, err := b.connect(ctx)
		if err == nil {
			retry = firstRetry
			err = b.serve(ctx, connection, tried)
		}
		if ctx.Err() != nil {
			return
		}
		b.away(err)
		tried()
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
		retry = min(2*retry, lastRetry)
	}
}

// connect connects and declares the queue to publish to.
func (b *Bridge) connect(ctx context.Context) (broker.Connection, error) {
	connection, err := b.config.Broker.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := connection.Declare(b.config.PublishTo); err != nil {
		connection.Close()
		return nil, fmt.Errorf("declaring the queue %s at the broker at %s: %w", b.config.PublishTo, b.config.Broker, err)
	}
	return connection, nil
}

// serve uses a connection until it is lost, and says why it was.
func (b *Bridge) serve(ctx context.Context, connection broker.Connection, connected func()) error {
	s := newSession(b, connection)
	b.back(s)
	connected()
	s.run(ctx)
	b.mu.Lock()
	b.session = nil
	b.mu.Unlock()
	for _, publication := range s.left() {
		b.count(func(c *Counts) { c.Refused++ })
		b.rules.Refused(publication)
	}
	return fmt.Errorf("the connection to the broker at %s is lost: %w", b.config.Broker, connection.Reason())
}

// back notes that there is a connection.
func (b *Bridge) back(s *session) {
	b.mu.Lock()
	since, offline := b.awaySince, b.awayOffline
	b.session, b.awaySince, b.awayOffline = s, time.Time{}, 0
	b.mu.Unlock()
	if !since.IsZero() {
		b.log(fmt.Sprintf("bridge: the broker at %s is back after %v; %d messages were handled as offline meanwhile",
			b.config.Broker, time.Since(since).Round(time.Second), offline))
	}
}

// away notes that there is no connection, and says so the first time.
func (b *Bridge) away(err error) {
	b.mu.Lock()
	first := b.awaySince.IsZero()
	if first {
		b.awaySince = time.Now()
	}
	b.mu.Unlock()
	if first {
		b.log(fmt.Sprintf("bridge: %v; until it is back, messages for users who are not here are handled as offline", err))
	}
}

func (b *Bridge) log(line string) {
	if b.config.Log != nil {
		b.config.Log(line)
	}
}

func (b *Bridge) count(change func(*Counts)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.counts)
}
