package eventloop

import (
	"testing"
	"time"
)

// A loop waits for more messages only when they arrive fast or have stamps, and never past
// the time at which the next thing is due.
func TestCoalescing(t *testing.T) {
	tests := []struct {
		name    string
		every   time.Duration // a message
		stamped bool
		limit   time.Duration
		want    time.Duration
	}{
		{"a heartbeat now and then", 10 * time.Millisecond, false, -1, 0},
		{"a message each 100 µs", 100 * time.Microsecond, false, -1, 0},
		{"a message each 10 µs", 10 * time.Microsecond, false, -1, coalesceTime},
		{"the same, with time until the next send", 10 * time.Microsecond, false, time.Millisecond, coalesceTime},
		{"the same, with a send due soon", 10 * time.Microsecond, false, coalesceTime + 1, coalesceTime + 1},
		{"the same, with a send due before", 10 * time.Microsecond, false, coalesceTime - 1, coalesceTime - 1},
		{"the same, with a send due now", 10 * time.Microsecond, false, 0, 0},
		{"a heartbeat with a stamp now and then", 10 * time.Millisecond, true, -1, 0},
		{"a message with a stamp each 100 µs", 100 * time.Microsecond, true, -1, coalesceTime},
		{"the same, with a send due before", 100 * time.Microsecond, true, coalesceTime - 1, coalesceTime - 1},
		{"a message with a stamp each 300 µs", 300 * time.Microsecond, true, -1, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCoalescer(0)
			now := time.UnixMilli(1)
			c.observe(now, 0, 0)
			unstamped := 1
			if test.stamped {
				unstamped = 0
			}
			for range 1000 {
				now = now.Add(test.every)
				c.observe(now, 1, unstamped)
			}
			if got := c.delay(test.limit); got != test.want {
				t.Errorf("waits for %v, want %v; expected are %.1f in %v", got, test.want, c.expected, coalesceTime)
			}
			for range 100 { // then silence
				now = now.Add(time.Millisecond)
				c.observe(now, 0, 0)
			}
			if c.delay(-1) > 0 {
				t.Error("a loop that hears nothing waits for more")
			}
		})
	}
}

// A loop that may gather messages with a stamp waits for them for longer, and for what is
// due soon after that, but not for messages without a stamp.
func TestGathering(t *testing.T) {
	const gather = 500 * time.Microsecond
	tests := []struct {
		name      string
		every     time.Duration // a message
		unstamped int
		limit     time.Duration
		want      time.Duration
	}{
		{"a heartbeat now and then", 10 * time.Millisecond, 0, -1, 0},
		{"one each 300 µs", 300 * time.Microsecond, 0, -1, gather},
		{"the same, with the next one due before", 300 * time.Microsecond, 0, gather - 1, gather - 1},
		{"the same, with the next one due soon after", 300 * time.Microsecond, 0, 2 * gather, 2 * gather},
		{"the same, with the next one due later", 300 * time.Microsecond, 0, 2*gather + 1, gather},
		{"one without a stamp each 300 µs", 300 * time.Microsecond, 1, -1, 0},
		{"one without a stamp each 10 µs", 10 * time.Microsecond, 1, -1, coalesceTime},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCoalescer(gather)
			now := time.UnixMilli(1)
			c.observe(now, 0, 0)
			for range 1000 {
				now = now.Add(test.every)
				c.observe(now, 1, test.unstamped)
			}
			if got := c.delay(test.limit); got != test.want {
				t.Errorf("waits for %v, want %v; expected are %.1f in %v", got, test.want, c.expectedIn(gather), gather)
			}
		})
	}
}

// A loop waits for a small share of the time that answers take, if more than one message
// is expected meanwhile; one quick answer ends that.
func TestPatience(t *testing.T) {
	tests := []struct {
		name  string
		every time.Duration // a message
		took  time.Duration
		limit time.Duration
		want  time.Duration
	}{
		{"a quick server", 100 * time.Microsecond, 2 * time.Millisecond, -1, 0},
		{"a slow server", 100 * time.Microsecond, 8 * time.Millisecond, -1, 500 * time.Microsecond},
		{"one that stalls", 100 * time.Microsecond, time.Second, -1, maxPatience},
		{"a slow one that is seldom asked", time.Millisecond, 8 * time.Millisecond, -1, 0},
		{"a slow one, with a send due before", 100 * time.Microsecond, 8 * time.Millisecond, 450 * time.Microsecond, 450 * time.Microsecond},
		{"a slow one, with a send due later", 100 * time.Microsecond, 8 * time.Millisecond, time.Second, 500 * time.Microsecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCoalescer(0)
			now := time.UnixMilli(1)
			c.observe(now, 0, 0)
			for range 1000 {
				now = now.Add(test.every)
				c.observe(now, 1, 1)
				c.answered(test.took)
			}
			if got := c.delay(test.limit); got != test.want {
				t.Errorf("waits for %v, want %v; expected are %.1f in %v, which took %v", got, test.want, c.expected, coalesceTime, c.took)
			}
			if c.answered(time.Millisecond); c.delay(-1) != 0 {
				t.Errorf("waits for %v after a quick answer", c.delay(-1))
			}
		})
	}
}
