package qos

import (
	"hash/maphash"
	"time"

	"imcheck/protocol/timing"
)

// The time for which a fingerprint is remembered after its last copy, and the
// period of the sweeps that forget old ones (§4). Nothing is forgotten between
// sweeps, so a fingerprint is remembered for 10 to 15 minutes.
const (
	DedupMemory = 10 * time.Minute
	DedupSweep  = 5 * time.Minute
)

// Receiver recognises duplicates by their fingerprints. It keeps hashes of 64 bits,
// so that long fingerprints take no more memory than short ones. Make one with
// NewReceiver.
type Receiver struct {
	memory, sweep time.Duration
	clock         timing.Clock
	next          time.Time
	limit         int // fingerprints
	// The time of the last copy of each fingerprint, by its hash, in two generations:
	// once the recent one has half the limit, it replaces the older one.
	recent, older map[uint64]timing.Instant
}

// seed makes the hashes unpredictable to other processes.
var seed = maphash.MakeSeed()

// NewReceiver returns a receiver whose first sweep is due one period after now. It
// remembers at most limit fingerprints, and at least the latest limit/2; the limit
// has to be at least 2.
func NewReceiver(memory, sweep time.Duration, limit int, now time.Time) *Receiver {
	return &Receiver{memory: memory, sweep: sweep, limit: limit, clock: timing.NewClock(now), next: now.Add(sweep), recent: map[uint64]timing.Instant{}}
}

// Seen records a copy and reports whether it is a duplicate: whether an earlier one
// is remembered.
func (r *Receiver) Seen(now time.Time, fingerprint string) bool {
	_, again := r.SeenAfter(now, fingerprint)
	return again
}

// SeenAfter is Seen, and returns the time since the copy before the duplicate.
func (r *Receiver) SeenAfter(now time.Time, fingerprint string) (after time.Duration, again bool) {
	hash, at := maphash.String(seed, fingerprint), r.clock.At(now)
	last, known := r.recent[hash]
	if !known {
		if last, known = r.older[hash]; known {
			delete(r.older, hash)
		}
		if len(r.recent) >= r.limit/2 {
			r.older, r.recent = r.recent, map[uint64]timing.Instant{}
		}
	}
	r.recent[hash] = at
	if !known {
		return 0, false
	}
	return at.Sub(last), true
}

// Since returns the time since the last copy of a fingerprint; ok is false when none is
// remembered.
func (r *Receiver) Since(now time.Time, fingerprint string) (since time.Duration, ok bool) {
	hash := maphash.String(seed, fingerprint)
	last, ok := r.recent[hash]
	if !ok {
		last, ok = r.older[hash]
	}
	if !ok {
		return 0, false
	}
	return r.clock.At(now).Sub(last), true
}

// Next returns the time at which Sweep has to be called.
func (r *Receiver) Next() time.Time { return r.next }

// Sweep forgets the fingerprints whose last copy is too old. It does nothing before
// Next.
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

// Len returns the number of fingerprints that are remembered.
func (r *Receiver) Len() int { return len(r.recent) + len(r.older) }
