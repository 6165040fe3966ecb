// Package impair makes a connection bad in a repeatable way: messages are
// lost, doubled, swapped and delayed, each direction by its own rules. It works
// on whole messages, so that TCP and WebSocket can lose one too.
package impair

import (
	"fmt"
	"time"
)

// Impairment is what happens to the messages of one direction. The zero value
// leaves them alone.
type Impairment struct {
	Drop      float64       // probability that a message is lost, 0 to 1
	Duplicate float64       // probability that it comes twice, 0 to 1
	Reorder   float64       // probability that it comes after the next one, 0 to 1
	Delay     time.Duration // every message takes this long
	Jitter    time.Duration // and up to this much longer, evenly spread
}

// ReorderWait bounds how long a message waits for the next one to pass it.
const ReorderWait = 200 * time.Millisecond

// Policy is what happens in both directions. The same seed and the same
// messages give the same losses, copies, swaps and delays.
type Policy struct {
	Seed    uint64
	Send    Impairment
	Receive Impairment
}

// Check refuses probabilities that are none, and negative durations.
func (p Policy) Check() error {
	if err := p.Send.check(); err != nil {
		return fmt.Errorf("impairment of sending: %w", err)
	}
	if err := p.Receive.check(); err != nil {
		return fmt.Errorf("impairment of receiving: %w", err)
	}
	return nil
}

func (i Impairment) check() error {
	for _, p := range []struct {
		name  string
		value float64
	}{{"drop", i.Drop}, {"duplicate", i.Duplicate}, {"reorder", i.Reorder}} {
		if !(p.value >= 0 && p.value <= 1) { // in this form NaN is refused too
			return fmt.Errorf("%s probability %g: use a number from 0 to 1", p.name, p.value)
		}
	}
	if i.Delay < 0 || i.Jitter < 0 {
		return fmt.Errorf("delay %s and jitter %s: neither can be negative", i.Delay, i.Jitter)
	}
	return nil
}
