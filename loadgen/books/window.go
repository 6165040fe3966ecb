package books

import "math/bits"

// windowSize is the number of messages that a window distinguishes: as far as messages
// between two clients may overtake each other before the older one is taken
// for missing.
const windowSize = 64

// MaxAhead is the furthest that a number may be ahead of its window. Anything beyond
// that has no sender of this run.
const MaxAhead = 1 << 20

// Window remembers which of the numbers 0, 1, 2 … have come, for the messages
// from one sender to one receiver. Whatever number of messages that is, it
// takes 16 bytes: below base everything is settled, and the few above it have
// a bit each.
type Window struct {
	base    uint32 // numbers below it have come or are taken for missing
	skipped uint32 // number of those that have not come
	bits    uint64 // the numbers of base, base+1 … that have come
}

// Sighting classifies the number of a received message.
type Sighting uint8

// Sightings.
const (
	SightedNew        Sighting = iota + 1 // it comes for the first time
	SightedReordered                      // the same, and a later one came before
	SightedLate                           // the same, after it was taken for missing
	SightedAgain                          // it came before
	SightedUnexpected                     // nobody can have sent it
)

// See notes that a number has come. A number from below the window has come
// before unless the receiver's own rules, which know fingerprints, say that
// it is new.
func (w *Window) See(n uint32, isNew bool) Sighting {
	switch {
	case n < w.base && isNew && w.skipped > 0:
		w.skipped--
		return SightedLate
	case n < w.base:
		return SightedAgain
	case n-w.base >= MaxAhead:
		return SightedUnexpected
	}
	if n-w.base >= windowSize {
		w.advance(n - w.base - windowSize + 1)
	}
	bit := uint64(1) << (n - w.base)
	if w.bits&bit != 0 {
		return SightedAgain
	}
	later := w.bits >= bit
	w.bits |= bit
	w.settle()
	if later {
		return SightedReordered
	}
	return SightedNew
}

// advance moves the window up, past numbers that have not come too.
func (w *Window) advance(by uint32) {
	came := bits.OnesCount64(w.bits)
	if by < windowSize {
		came = bits.OnesCount64(w.bits & (1<<by - 1))
		w.bits >>= by
	} else {
		w.bits = 0
	}
	w.skipped += by - uint32(came)
	w.base += by
	w.settle()
}

// settle moves the window up past numbers that have come.
func (w *Window) settle() {
	came := bits.TrailingZeros64(^w.bits)
	w.base += uint32(came)
	w.bits >>= came
}

// Came returns how many different numbers have come.
func (w *Window) Came() uint32 {
	return w.base - w.skipped + uint32(bits.OnesCount64(w.bits))
}

// Missing lists numbers below end that are in the window and have not come, at
// most so many. Those that the window was moved past are known by their count
// only.
func (w *Window) Missing(end uint32, most int) (numbers []uint32) {
	for n := w.base; n < end && n-w.base < windowSize && len(numbers) < most; n++ {
		if w.bits&(1<<(n-w.base)) == 0 {
			numbers = append(numbers, n)
		}
	}
	for n := w.base + windowSize; n < end && n > w.base && len(numbers) < most; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}
