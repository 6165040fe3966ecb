package eventloop

import "time"

// Waking up for a single message costs more than handling it. When messages
// arrive fast, a loop coalesces them: it waits for more, for a time that is short
// against the latency of any network. When they arrive slowly it handles each at
// once.
const (
	// coalesceTime is the time for which a loop waits for more messages.
	coalesceTime = 200 * time.Microsecond
	// coalesceFrom is the number of messages expected in that time from which
	// waiting pays.
	coalesceFrom = 6
)

// coalescer estimates the rate of messages.
type coalescer struct {
	last     time.Time // the last call of observe
	expected float64   // messages in coalesceTime
}

// observe records that a number of messages has arrived since the last call.
func (c *coalescer) observe(now time.Time, messages int) {
	elapsed := now.Sub(c.last)
	c.last = now
	if elapsed <= 0 {
		return
	}
	// An exponential average: the weight of a call is its share of the window.
	const window = 10 * coalesceTime
	weight := min(1, float64(elapsed)/float64(window))
	expected := float64(messages) * float64(coalesceTime) / float64(elapsed)
	c.expected += weight * (expected - c.expected)
}

// delay returns the time to wait for more messages if something else is due after
// limit; a negative limit means that nothing is.
func (c *coalescer) delay(limit time.Duration) time.Duration {
	if c.expected < coalesceFrom || limit >= 0 && limit < coalesceTime {
		return 0
	}
	return coalesceTime
}
