// Package memory has a message broker in memory, which works in virtual time.
package memory

import (
	"context"
	"errors"
	"sync"

	"imcheck/harness/broker"
)

// ErrAway is the reason for which a broker that is away cannot be connected to.
var ErrAway = errors.New("the broker is away")

// Broker is a broker in memory. Make one with New.
type Broker struct {
	mu          sync.Mutex
	away        bool
	queues      map[string]*queue
	connections map[*connection]bool
}

// queue has the messages that nobody has acknowledged.
type queue struct {
	ready     []item
	consumers []*consumer
	next      int // consumer whose turn it is
}

type item struct {
	message     broker.Message
	redelivered bool
}

// New returns a broker without queues.
func New() *Broker {
	return &Broker{queues: map[string]*queue{}, connections: map[*connection]bool{}}
}

// String names the broker.
func (b *Broker) String() string { return "memory" }

// SetAway stops the broker, which ends all connections and drops messages that are not
// persistent, or starts it again.
func (b *Broker) SetAway(away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away = away; !away {
		return
	}
	for c := range b.connections {
		c.end(ErrAway)
	}
	for _, q := range b.queues {
		kept := q.ready[:0]
		for _, i := range q.ready {
			if i.message.Persistent {
				kept = append(kept, i)
			}
		}
		q.ready = kept
	}
}

// Connect makes a connection.
func (b *Broker) Connect(context.Context) (broker.Connection, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return nil, ErrAway
	}
	c := &connection{
		broker: b, lost: make(chan struct{}),
		confirmations: newStream[broker.Confirmation](),
	}
	b.connections[c] = true
	return c, nil
}

// dispatch hands out what is ready to consumers that have room, in turn. The lock is held.
func (q *queue) dispatch() {
	for len(q.ready) > 0 {
		c := q.withRoom()
		if c == nil {
			return
		}
		first := q.ready[0]
		q.ready = q.ready[1:]
		c.deliver(first)
	}
}

// withRoom returns the next consumer that may have a further delivery, nil for none.
func (q *queue) withRoom() *consumer {
	for range q.consumers {
		q.next = (q.next + 1) % len(q.consumers)
		if c := q.consumers[q.next]; len(c.unacknowledged) < c.prefetch {
			return c
		}
	}
	return nil
}
