package timing

import "time"

// Instant is a time in 8 bytes, a third of a time.Time, for what keeps many of
// them: nanoseconds since the start of a Clock. Instants of one clock are
// compared with < and ==.
type Instant int64

// Never is the instant that does not come, or has not been.
const Never Instant = 0

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from an earlier instant of the same clock.
func (i Instant) Sub(earlier Instant) time.Duration { return time.Duration(i - earlier) }

// Clock converts between times and instants; it does not read the time. The zero
// Clock starts at the Unix epoch and goes by the wall clock.
type Clock struct{ start time.Time }

// NewClock returns a clock that starts just before a time, so that no time from
// then on is Never. Where that time and those converted have a monotonic
// reading, as those of time.Now do, changes of the wall clock do not matter.
func NewClock(start time.Time) Clock { return Clock{start.Add(-1)} }

// At converts a time to the clock's instant. The zero time is not Never.
func (c Clock) At(t time.Time) Instant {
	if c.start.IsZero() {
		return Instant(t.UnixNano())
	}
	return Instant(t.Sub(c.start))
}

// Time converts an instant of the clock to a time. Never becomes the zero time.
func (c Clock) Time(i Instant) time.Time {
	switch {
	case i == Never:
		return time.Time{}
	case c.start.IsZero():
		return time.Unix(0, int64(i))
	}
	return c.start.Add(time.Duration(i))
}
