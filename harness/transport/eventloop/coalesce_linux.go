package eventloop

import "time"

// Waking up for a single message costs more than handling it. When messages
// arrive fast, a loop coalesces them: it waits for more, for a time that is short
// against the latency of any network. When they arrive slowly it handles each at
// once.
//
// Messages with a stamp of their arrival are coalesced at lower rates as well, as it
// does not matter to their times when they are read.
const (
	// coalesceTime is the time for which a loop waits for more messages. It is up to twice
	// as long if the loop has to wake up then for what is due.
	coalesceTime = 200 * time.Microsecond
	// coalesceFrom is the number of messages expected in that time from which
	// waiting pays.
	coalesceFrom = 6
	// coalesceStampedFrom is the same where all messages have stamps.
	coalesceStampedFrom = 1
)

// coalescer estimates the rate of messages.
type coalescer struct {
	last      time.Time // the last call of observe
	expected  float64   // messages in coalesceTime
	unstamped float64   // those of them without a stamp
}

// observe records that a number of messages has arrived since the last call, so many of
// them without a stamp.
func (c *coalescer) observe(now time.Time, messages, unstamped int) {
	elapsed := now.Sub(c.last)
	c.last = now
	if elapsed <= 0 {
		return
	}
	// An exponential average: the weight of a call is its share of the window.
	const window = 10 * coalesceTime
	weight := min(1, float64(elapsed)/float64(window))
	scale := float64(coalesceTime) / float64(elapsed)
	c.expected += weight * (float64(messages)*scale - c.expected)
	c.unstamped += weight * (float64(unstamped)*scale - c.unstamped)
}

// delay returns the time to wait for more messages if something else is due after
// limit; a negative limit means that nothing is.
func (c *coalescer) delay(limit time.Duration) time.Duration {
	const few = 0.01
	if c.expected < coalesceFrom && (c.expected < coalesceStampedFrom || c.unstamped > few) {
		return 0
	}
	if limit >= 0 && limit <= 2*coalesceTime {
		return limit
	}
	return coalesceTime
}
