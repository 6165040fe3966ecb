package books

// MaxGivenUp bounds the messages that were given up and are remembered.
const MaxGivenUp = 4096

// GivenUp remembers the latest fingerprints that were given up, to tell an ACK
// that comes too late from a second one.
type GivenUp struct {
	known map[string]bool
	order []string // a ring
	next  int
}

// Add remembers a fingerprint, and forgets the oldest when there are too many.
func (g *GivenUp) Add(fingerprint string) {
	if g.known == nil {
		g.known = map[string]bool{}
	}
	if len(g.order) < MaxGivenUp {
		g.order = append(g.order, fingerprint)
	} else {
		delete(g.known, g.order[g.next])
		g.order[g.next] = fingerprint
		g.next = (g.next + 1) % MaxGivenUp
	}
	g.known[fingerprint] = true
}

// Take reports whether a fingerprint was given up, and forgets it.
func (g *GivenUp) Take(fingerprint string) bool {
	was := g.known[fingerprint]
	delete(g.known, fingerprint)
	return was
}

// Empty reports whether none is remembered.
func (g *GivenUp) Empty() bool { return len(g.known) == 0 }

// Len returns how many are remembered.
func (g *GivenUp) Len() int { return len(g.known) }
