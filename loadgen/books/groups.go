package books

import (
	"sync"
	"time"

	"imcheck/loadgen/plan"
)

// GroupMessage identifies a message to a group: no client has two turns at one time.
type GroupMessage struct {
	Sender plan.Client
	Due    time.Duration
}

// Arrival is when a message of a group was sent to a member, and when it arrived there.
type Arrival struct{ Sent, At time.Duration }

// maxGroupMessages bounds the messages to groups that are followed at a time. One that has
// not arrived everywhere stays; beyond the bound none is followed any more.
const maxGroupMessages = 1 << 20

// Groups follow the messages to groups until they have arrived at all members. Any
// goroutine may call the methods.
type Groups struct {
	mu       sync.Mutex
	open     map[GroupMessage]groupArrivals
	complete int64
}

// groupArrivals are those of one message so far.
type groupArrivals struct {
	left  int     // members at which it has not arrived
	whole Arrival // first copy that was sent, and last arrival
}

// NewGroups returns groups without messages.
func NewGroups() *Groups { return &Groups{open: map[GroupMessage]groupArrivals{}} }

// Arrived notes that a message to so many others has arrived at one of them. With the last
// one all is true, and whole has when the first copy was sent and the last one arrived.
func (g *Groups) Arrived(m GroupMessage, others int, at Arrival) (whole Arrival, all bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	arrivals, known := g.open[m]
	if !known {
		if len(g.open) >= maxGroupMessages {
			return Arrival{}, false
		}
		arrivals = groupArrivals{left: others, whole: at}
	}
	arrivals.left--
	arrivals.whole.Sent, arrivals.whole.At = min(arrivals.whole.Sent, at.Sent), max(arrivals.whole.At, at.At)
	if arrivals.left > 0 {
		g.open[m] = arrivals
		return Arrival{}, false
	}
	delete(g.open, m)
	g.complete++
	return arrivals.whole, true
}

// Complete returns how many messages have arrived at all members.
func (g *Groups) Complete() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.complete
}
