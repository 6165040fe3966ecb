package qos

import (
	"hash/maphash"
	"time"

	"imcheck/protocol/timing"
)

// How long a fingerprint is remembered after its last copy, and how often the
// old ones are swept out (§4). Between sweeps nothing is forgotten, so the
// memory is between 10 and 15 minutes long.
const (
	DedupMemory = 10 * time.Minute
	DedupSweep  = 5 * time.Minute
)

// Receiver remembers the fingerprints that have been seen, by a hash of 64 bits,
// so that long ones take no more memory than short ones. Make one with NewReceiver.
type Receiver struct {
	memory, sweep time.Duration
	clock         timing.Clock
	next          time.Time
	limit         int // fingerprints
	// When the last copy of each came. They are in two generations:
	// once the recent one has half the limit, the older one is forgotten and the
	// recent one takes its place.
	recent, older map[uint64]timing.Instant
}

// seed makes hashes that nobody outside of this process can foresee.
var seed = maphash.MakeSeed()

// NewReceiver starts the sweeps at now: the first is one period later. At most limit
// fingerprints are remembered, and at least the latest half as many; the limit is at
// least 2.
func NewReceiver(memory, sweep time.Duration, limit int, now time.Time) *Receiver {
	return &Receiver{memory: memory, sweep: sweep, limit: limit, clock: timing.NewClock(now), next: now.Add(sweep), recent: map[uint64]timing.Instant{}}
}

// Seen notes a copy of fingerprint and reports whether an earlier one is
// remembered.
func (r *Receiver) Seen(now time.Time, fingerprint string) bool {
	hash := maphash.String(seed, fingerprint)
	_, known := r.recent[hash]
	if !known {
		if _, known = r.older[hash]; known {
			delete(r.older, hash)
		}
		if len(r.recent) >= r.limit/2 {
			r.older, r.recent = r.recent, map[uint64]timing.Instant{}
		}
	}
	r.recent[hash] = r.clock.At(now)
	return known
}

// Next is when Sweep has to be called.
func (r *Receiver) Next() time.Time { return r.next }

// Sweep forgets the fingerprints whose last copy is too long ago. It does
// nothing before Next.
func (r *Receiver) Sweep(now time.Time) {
	if now.Before(r.next) {
		return
	}
	r.next = NextSweep(r.next, now, r.sweep)
	for _, generation := range []map[uint64]timing.Instant{r.recent, r.older} {
		for hash, last := range generation {
			if r.clock.At(now).Sub(last) >= r.memory {
				delete(generation, hash)
			}
		}
	}
}

// Clear forgets everything, as a client does on logout.
func (r *Receiver) Clear() {
	clear(r.recent)
	clear(r.older)
}

// Len is how many fingerprints are remembered.
func (r *Receiver) Len() int { return len(r.recent) + len(r.older) }
