package eventloop

import (
	"testing"
	"time"
)

// A loop waits for more messages only when they arrive fast, and never past the time
// at which the next thing is due.
func TestCoalescing(t *testing.T) {
	tests := []struct {
		name  string
		every time.Duration // a message
		limit time.Duration
		waits bool
	}{
		{"a heartbeat now and then", 10 * time.Millisecond, -1, false},
		{"a message each 100 µs", 100 * time.Microsecond, -1, false},
		{"a message each 10 µs", 10 * time.Microsecond, -1, true},
		{"the same, with time until the next send", 10 * time.Microsecond, time.Millisecond, true},
		{"the same, with a send due before", 10 * time.Microsecond, coalesceTime - 1, false},
		{"the same, with a send due now", 10 * time.Microsecond, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c coalescer
			now := time.UnixMilli(1)
			c.observe(now, 0)
			for range 1000 {
				now = now.Add(test.every)
				c.observe(now, 1)
			}
			if got := c.delay(test.limit) > 0; got != test.waits {
				t.Errorf("waits: %t, expected are %.1f in %v", got, c.expected, coalesceTime)
			}
			for range 100 { // then silence
				now = now.Add(time.Millisecond)
				c.observe(now, 0)
			}
			if c.delay(-1) > 0 {
				t.Error("a loop that hears nothing waits for more")
			}
		})
	}
}
