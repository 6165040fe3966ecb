package qos

import (
	"strings"
	"time"
)

// How long a fingerprint is remembered after its last copy, and how often the
// old ones are swept out (§4). Between sweeps nothing is forgotten, so the
// memory is between 10 and 15 minutes long.
const (
	DedupMemory = 10 * time.Minute
	DedupSweep  = 5 * time.Minute
)

// Receiver remembers the fingerprints that have been seen. Make one with NewReceiver.
type Receiver struct {
	memory, sweep time.Duration
	next          time.Time
	lastSeen      map[string]time.Time
}

// NewReceiver starts the sweeps at now: the first is one period later.
func NewReceiver(memory, sweep time.Duration, now time.Time) *Receiver {
	return &Receiver{memory: memory, sweep: sweep, next: now.Add(sweep), lastSeen: map[string]time.Time{}}
}

// Seen notes a copy of fingerprint and reports whether an earlier one is
// remembered.
func (r *Receiver) Seen(now time.Time, fingerprint string) bool {
	_, known := r.lastSeen[fingerprint]
	if !known {
		fingerprint = strings.Clone(fingerprint) // it is a part of a larger text
	}
	r.lastSeen[fingerprint] = now
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
	for !r.next.After(now) {
		r.next = r.next.Add(r.sweep)
	}
	for fingerprint, last := range r.lastSeen {
		if now.Sub(last) >= r.memory {
			delete(r.lastSeen, fingerprint)
		}
	}
}

// Clear forgets everything, as a client does on logout.
func (r *Receiver) Clear() { clear(r.lastSeen) }

// Len is how many fingerprints are remembered.
func (r *Receiver) Len() int { return len(r.lastSeen) }
