package explore

import (
	"context"
	"strings"
	"sync"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// Notifications hands each conversation the events of its own users.
type Notifications struct {
	mu        sync.Mutex
	listeners map[string]func(target.Event) // by nonce
	alone     bool                          // there is one conversation at a time
}

// Follow follows the events of a target's application until ctx is done. With alone there
// is one conversation at a time: events that name nobody are its as well.
func Follow(ctx context.Context, control *target.Control, alone bool) *Notifications {
	n := &Notifications{alone: alone, listeners: map[string]func(target.Event){}}
	control.FollowOwn(ctx, func(e target.Event) bool {
		n.hand(e)
		return false
	})
	return n
}

// hand finds the conversation of an event by the nonce that ends its names.
func (n *Notifications) hand(e target.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, name := range namesIn(e) {
		if i := strings.LastIndexByte(name, '-'); i >= 0 && n.listeners[name[i+1:]] != nil {
			n.listeners[name[i+1:]](e)
			return
		}
	}
	if n.alone && e.User == "" && e.Fingerprint == "" {
		for _, listener := range n.listeners {
			listener(e)
		}
	}
}

// namesIn lists what an event names: its own user and fingerprint, and those of its message.
func namesIn(e target.Event) []string {
	names := []string{e.User, e.Fingerprint}
	if m, err := wire.Decode(e.Message); len(e.Message) > 0 && err == nil {
		names = append(names, m.From.Value(), m.To.Value(), m.Fingerprint.Value())
	}
	return names
}

func (n *Notifications) listen(nonce string, listener func(target.Event)) (stop func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[nonce] = listener
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.listeners, nonce)
	}
}
