package swarm

import (
	"sync"
	"time"

	"imcheck/loadgen/plan"
)

const (
	// resentFor is the least time for which a message that was sent again is remembered. The
	// server passes each copy on, and sends it again up to 7 s after that (§4).
	resentFor = 30 * time.Second
	// maxResent bounds the messages that are remembered within resentFor.
	maxResent = 1 << 16
)

// resent remembers which messages the clients of this process have sent again by their
// rules: what the server passes on then is no retransmission of its own. Workers share it,
// as sender and receiver may be of different ones. The zero value is empty.
type resent struct {
	mu            sync.Mutex
	recent, older generation
	turned        time.Duration // when recent was begun
}

// generation has the messages that were sent again within a while.
type generation struct {
	known map[plan.MessageID]struct{}
	full  bool // there were more
}

// add notes a message before its further copy goes out.
func (r *resent) add(now time.Duration, id plan.MessageID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now-r.turned >= resentFor {
		r.older, r.recent, r.turned = r.recent, generation{}, now
	}
	if r.recent.known == nil {
		r.recent.known = map[plan.MessageID]struct{}{}
	}
	if len(r.recent.known) >= maxResent {
		r.recent.full = true
		return
	}
	r.recent.known[id] = struct{}{}
}

// maybe reports whether a message may have been sent again: it was, or there were more
// than can be remembered.
func (r *resent) maybe(id plan.MessageID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recent.maybe(id) || r.older.maybe(id)
}

func (g *generation) maybe(id plan.MessageID) bool {
	_, known := g.known[id]
	return known || g.full
}
