package eventloop

import (
	"testing"
	"time"
)

// Messages are let gather only when they come fast, and never past the time
// at which the next thing is due.
func TestPace(t *testing.T) {
	tests := []struct {
		name   string
		every  time.Duration // a message
		limit  time.Duration
		gather bool
	}{
		{"a heartbeat now and then", 10 * time.Millisecond, -1, false},
		{"a message each 100 µs", 100 * time.Microsecond, -1, false},
		{"a message each 10 µs", 10 * time.Microsecond, -1, true},
		{"the same, with time until the next send", 10 * time.Microsecond, time.Millisecond, true},
		{"the same, with a send due before", 10 * time.Microsecond, gatherTime - 1, false},
		{"the same, with a send due now", 10 * time.Microsecond, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p pace
			now := time.UnixMilli(1)
			p.note(now, 0)
			for range 1000 {
				now = now.Add(test.every)
				p.note(now, 1)
			}
			if got := p.pause(test.limit) > 0; got != test.gather {
				t.Errorf("messages gather: %t, expected are %.1f in %v", got, p.perTime, gatherTime)
			}
			for range 100 { // then silence
				now = now.Add(time.Millisecond)
				p.note(now, 0)
			}
			if p.pause(-1) > 0 {
				t.Error("a loop that hears nothing waits for more")
			}
		})
	}
}
