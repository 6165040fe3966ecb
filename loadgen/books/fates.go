package books

import (
	"maps"
	"slices"
	"sync"
	"time"

	"imcheck/loadgen/plan"
)

const (
	// maxFates bounds the messages that Fates remembers at a time. Beyond it nobody is blamed.
	maxFates = 1 << 18
	// undecidedFor is the time after which a message is acknowledged or given up: 18 s after
	// its first copy (docs/protocol.md §4), and what a path may add.
	undecidedFor = 2 * time.Minute
)

// Fates remembers the messages of a run on an impaired path of which a copy or an ACK was
// dropped, from the drop on and until they have arrived and are acknowledged. It decides
// whether the impairment accounts for a message that did not get through: it does when no copy
// got as far as the server, or when the server's answer, or its copy for the receiver, was
// dropped. Any goroutine may call its methods.
type Fates struct {
	mu     sync.Mutex
	known  map[plan.MessageID]fate
	full   bool // there were more
	pruned time.Duration
	absent map[plan.Client]bool
}

// fate is what is known of a message of which something was dropped.
type fate struct {
	since           time.Duration // of the first drop
	reached         bool          // a copy got to the server
	ackDropped      bool          // of the server's, for the sender
	deliveryDropped bool          // of the server's copies for the receiver
	settled         bool          // acknowledged or given up, or the server's own
	delivered       bool          // or never to be seen to arrive
}

// NewFates returns an empty memory.
func NewFates() *Fates {
	return &Fates{known: map[plan.MessageID]fate{}, absent: map[plan.Client]bool{}}
}

// noteDrop changes the fate of a message, which is known from now on.
func (f *Fates) noteDrop(now time.Duration, id plan.MessageID, change func(m *fate, known bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, known := f.known[id]
	if !known {
		if f.prune(now); len(f.known) >= maxFates {
			f.full = true
			return
		}
		m = fate{since: now, settled: id.Stream == plan.CountedS2C, delivered: !id.Stream.Flow().Arrives()}
	}
	change(&m, known)
	f.known[id] = m
}

// prune forgets messages that have arrived, or for which nobody has to account, and whose
// senders have long been done with them: an ACK that was dropped may have been a second one.
func (f *Fates) prune(now time.Duration) {
	if len(f.known) < maxFates || now-f.pruned < undecidedFor/4 {
		return
	}
	f.pruned = now
	maps.DeleteFunc(f.known, func(_ plan.MessageID, m fate) bool {
		return now-m.since > undecidedFor && !m.undelivered()
	})
}

// change changes the fate of a message if it is known, and forgets it when nothing more can
// become of it.
func (f *Fates) change(id plan.MessageID, change func(*fate)) (was fate, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if was, known = f.known[id]; !known {
		return was, false
	}
	now := was
	change(&now)
	if now.settled && now.delivered {
		delete(f.known, id)
	} else {
		f.known[id] = now
	}
	return was, true
}

// SendDropped notes that a copy of its sender was dropped. again is whether it was sent
// before: one of which nothing is known got to the server.
func (f *Fates) SendDropped(now time.Duration, id plan.MessageID, again bool) {
	f.noteDrop(now, id, func(m *fate, known bool) { m.reached = m.reached || again && !known })
}

// SendPassed notes that a copy of its sender was not dropped.
func (f *Fates) SendPassed(id plan.MessageID) {
	f.change(id, func(m *fate) { m.reached = true })
}

// ACKDropped notes that an ACK for the sender was dropped.
func (f *Fates) ACKDropped(now time.Duration, id plan.MessageID) {
	f.noteDrop(now, id, func(m *fate, _ bool) { m.reached, m.ackDropped = true, true })
}

// DeliveryDropped notes that a copy for the receiver was dropped, which has none yet.
func (f *Fates) DeliveryDropped(now time.Duration, id plan.MessageID) {
	f.noteDrop(now, id, func(m *fate, _ bool) { m.reached, m.deliveryDropped = true, true })
}

// Acknowledged notes that the sender has an ACK.
func (f *Fates) Acknowledged(id plan.MessageID) {
	f.change(id, func(m *fate) { m.reached, m.settled = true, true })
}

// Delivered notes that a message has arrived, and reports whether something of it was dropped
// before.
func (f *Fates) Delivered(id plan.MessageID) (troubled bool) {
	_, troubled = f.change(id, func(m *fate) { m.reached, m.delivered = true, true })
	return troubled
}

// GivenUp notes that the sender has given a message up, or that it still waits at the end, and
// reports whether the impairment accounts for the missing ACK.
func (f *Fates) GivenUp(id plan.MessageID) (ours bool) {
	was, known := f.change(id, func(m *fate) { m.settled = true })
	return known && (!was.reached || was.ackDropped) || !known && f.overflowed()
}

// SetAbsent notes that a client was not logged in for a while because of the impairment: what
// was sent to it meanwhile may be gone.
func (f *Fates) SetAbsent(client plan.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.absent[client] = true
}

// Absent reports whether that was so.
func (f *Fates) Absent(client plan.Client) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.absent[client]
}

// AllAbsent lists the clients of which that is so.
func (f *Fates) AllAbsent() []plan.Client {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.absent))
}

func (f *Fates) overflowed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.full
}

// Undelivered reports whether the impairment accounts for a message that has not arrived.
func (f *Fates) Undelivered(id plan.MessageID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, known := f.known[id]
	return known && m.undelivered()
}

func (m fate) undelivered() bool { return !m.delivered && (!m.reached || m.deliveryDropped) }

// undelivered lists the messages that have not arrived and for which the impairment accounts.
func (f *Fates) undelivered() (ids []plan.MessageID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, m := range f.known {
		if m.undelivered() {
			ids = append(ids, id)
		}
	}
	return ids
}

// CountUndelivered counts, by flow, the messages that have not arrived by the end and for
// which the impairment accounts, but for those of which except is true, which may call methods
// of f. full is whether there may be more.
func (f *Fates) CountUndelivered(except func(plan.MessageID) bool) (n [plan.Flows]int64, full bool) {
	for _, id := range f.undelivered() {
		if !except(id) {
			n[id.Stream.Flow()]++
		}
	}
	return n, f.overflowed()
}
