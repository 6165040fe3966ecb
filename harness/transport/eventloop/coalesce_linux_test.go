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
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c coalescer
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
