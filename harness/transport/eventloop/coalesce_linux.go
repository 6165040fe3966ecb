package eventloop

import "time"

// Waking up for a single message costs more than handling it. When messages
// arrive fast, a loop coalesces them: it waits for more, for a time that is short
// against the latency of any network. When they arrive slowly it handles each at
// once.
//
// Messages with a stamp of their arrival are coalesced at lower rates as well, as it
// does not matter to their times when they are read: for longer where nobody waits for an
// answer to them, see Config.Gather. So are the answers of a server that takes long for
// them: a small share of that changes little.
const (
	// coalesceTime is the time for which a loop waits for more messages. It is up to twice
	// as long if the loop has to wake up then for what is due.
	coalesceTime = 200 * time.Microsecond
	// coalesceFrom is the number of messages expected in that time from which
	// waiting pays.
	coalesceFrom = 6
	// coalesceStampedFrom is the same where all messages have stamps, in the time for which
	// the loop waits for those.
	coalesceStampedFrom = 1
	// patienceShare is the share of the time an answer takes for which a loop may wait at
	// lower rates, up to maxPatience, if patienceFrom messages are expected meanwhile.
	patienceShare = 16
	maxPatience   = time.Millisecond
	patienceFrom  = 2
)

// coalescer estimates the rate of messages.
type coalescer struct {
	stampedTime time.Duration // how long to wait for messages with stamps

	last      time.Time // the last call of observe
	expected  float64   // messages in coalesceTime
	unstamped float64   // those of them without a stamp
	took      time.Duration
}

func newCoalescer(gather time.Duration) coalescer {
	return coalescer{stampedTime: max(coalesceTime, gather)}
}

// answered records how long an answer took. The estimate follows a shorter time at once and
// a longer one slowly, so that it is none of the longest.
func (c *coalescer) answered(took time.Duration) {
	const weight = 16
	c.took = max(0, min(took, c.took+(took-c.took+weight-1)/weight))
}

// patience returns how long the loop may wait because answers take long.
func (c *coalescer) patience() time.Duration { return min(c.took/patienceShare, maxPatience) }

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
// limit; a negative limit means that nothing is. What is due soon after that time ends the
// wait in its place, so that the loop wakes up once.
func (c *coalescer) delay(limit time.Duration) time.Duration {
	wait := time.Duration(0)
	if c.expected >= coalesceFrom {
		wait = coalesceTime
	}
	soon := 2 * coalesceTime
	if c.stamped() && c.expectedIn(c.stampedTime) >= coalesceStampedFrom {
		wait, soon = c.stampedTime, 2*c.stampedTime
	}
	if patience := c.patience(); patience > wait && c.expectedIn(patience) >= patienceFrom {
		wait = patience
	}
	if wait > 0 && limit >= 0 && limit <= max(wait, soon) {
		return limit
	}
	return wait
}

// stamped reports whether the messages have stamps, all but a few.
func (c *coalescer) stamped() bool {
	const few = 0.01
	return c.unstamped <= few
}

// expectedIn returns the number of messages expected in a time.
func (c *coalescer) expectedIn(d time.Duration) float64 {
	return c.expected * float64(d) / float64(coalesceTime)
}
