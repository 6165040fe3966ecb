package books

import "time"

// MaxGivenUp bounds the messages that were given up and are remembered.
const MaxGivenUp = 4096

// GivenUp remembers the latest fingerprints that were given up, to tell an ACK
// that comes too late from a second one.
type GivenUp struct {
	known map[string]time.Duration
	order []string // a ring
	next  int
}

// Add remembers a fingerprint and when it was given up, and forgets the oldest when there are too many.
func (g *GivenUp) Add(fingerprint string, at time.Duration) {
	if g.known == nil {
		g.known = map[string]time.Duration{}
	}
	if len(g.order) < MaxGivenUp {
		g.order = append(g.order, fingerprint)
	} else {
		delete(g.known, g.order[g.next])
		g.order[g.next] = fingerprint
		g.next = (g.next + 1) % MaxGivenUp
	}
	g.known[fingerprint] = at
}

// Take returns when a fingerprint was given up, and forgets it; ok is false if it was not.
func (g *GivenUp) Take(fingerprint string) (at time.Duration, ok bool) {
	at, ok = g.known[fingerprint]
	delete(g.known, fingerprint)
	return at, ok
}

// Empty reports whether none is remembered.
func (g *GivenUp) Empty() bool { return len(g.known) == 0 }

// Len returns how many are remembered.
func (g *GivenUp) Len() int { return len(g.known) }
