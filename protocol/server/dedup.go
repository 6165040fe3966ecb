package server

import (
	"strings"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
)

// dedup remembers the fingerprints of messages to the server (§4, C → S), within the
// bounds of Limits: at a bound, the fingerprint whose last copy is oldest is
// forgotten. Make one with newDedup.
type dedup struct {
	policy Policy
	limits Limits
	clock  timing.Clock
	next   time.Time // due time of the next sweep
	known  map[string]*fingerprint
	all    fingerprints
}

// fingerprint is an element of two lists: that of the server, and that of the session
// which sent the first copy.
type fingerprint struct {
	text  string
	last  timing.Instant // arrival of the last copy
	share *fingerprints
	links [2]struct{ prev, next *fingerprint }
}

// list selects the links of a list.
type list int

const (
	ofServer list = iota
	ofSession
)

// fingerprints lists fingerprints in the order of their last copies.
type fingerprints struct {
	of             list
	oldest, newest *fingerprint
	count, bytes   int
}

// newDedup returns an empty memory whose first sweep is due one period after now.
func newDedup(policy Policy, limits Limits, now time.Time) *dedup {
	return &dedup{policy: policy, limits: limits, clock: timing.NewClock(now), next: now.Add(policy.DedupSweep), known: map[string]*fingerprint{}}
}

// seen records a copy from a session, and reports whether an earlier one is
// remembered. A fingerprint counts against the bound of the session that sent it
// first, whoever sends copies.
func (d *dedup) seen(now time.Time, from *Session, text string) bool {
	if d.again(now, text) {
		return true
	}
	if from.fingerprints == nil {
		from.fingerprints = &fingerprints{of: ofSession}
	}
	f := &fingerprint{text: strings.Clone(text), last: d.clock.At(now), share: from.fingerprints} // text shares the memory of the body
	d.known[f.text] = f
	d.all.add(f)
	f.share.add(f)
	for d.limits.DedupOfSession.Exceeded(f.share.count, f.share.bytes) {
		d.forget(f.share.oldest)
	}
	for d.limits.Dedup.Exceeded(d.all.count, d.all.bytes) {
		d.forget(d.all.oldest)
	}
	return false
}

// again reports whether an earlier copy is remembered, and records that there was a further
// one.
func (d *dedup) again(now time.Time, text string) bool {
	f := d.known[text]
	if f == nil {
		return false
	}
	f.last = d.clock.At(now)
	d.all.renew(f)
	f.share.renew(f)
	return true
}

// sweep forgets the fingerprints whose last copy is too old. It does nothing before
// next.
func (d *dedup) sweep(now time.Time) {
	if now.Before(d.next) {
		return
	}
	d.next = qos.NextSweep(d.next, now, d.policy.DedupSweep)
	for d.all.oldest != nil && d.clock.At(now).Sub(d.all.oldest.last) >= d.policy.DedupMemory {
		d.forget(d.all.oldest)
	}
}

func (d *dedup) forget(f *fingerprint) {
	delete(d.known, f.text)
	d.all.remove(f)
	f.share.remove(f)
}

// renew moves a fingerprint to the end.
func (l *fingerprints) renew(f *fingerprint) {
	l.remove(f)
	l.add(f)
}

func (l *fingerprints) add(f *fingerprint) {
	f.links[l.of].prev = l.newest
	if l.newest != nil {
		l.newest.links[l.of].next = f
	} else {
		l.oldest = f
	}
	l.newest = f
	l.count++
	l.bytes += len(f.text)
}

func (l *fingerprints) remove(f *fingerprint) {
	at := &f.links[l.of]
	if at.prev != nil {
		at.prev.links[l.of].next = at.next
	} else {
		l.oldest = at.next
	}
	if at.next != nil {
		at.next.links[l.of].prev = at.prev
	} else {
		l.newest = at.prev
	}
	at.prev, at.next = nil, nil
	l.count--
	l.bytes -= len(f.text)
}
