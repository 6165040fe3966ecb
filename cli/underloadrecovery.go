package cli

import (
	"context"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/machine"
	"imcheck/harness/target"
)

const (
	// recoveryTime bounds the wait for a target that was under load.
	recoveryTime = 30 * time.Second
	// recoveryProbes is the number of answers in a row that show that it has recovered.
	recoveryProbes = 5
	// recoveryEvery is the time between two.
	recoveryEvery = 100 * time.Millisecond
	// recoveryFactor is how much longer than without load an answer may take, and
	// recoverySlack what it may take in any case: other programs make it vary.
	recoveryFactor = 3
	recoverySlack  = 50 * time.Millisecond
)

// answerTime returns how long the slowest transport of a target takes to answer; ok is false
// when one does not.
func answerTime(ctx context.Context, t *target.Target) (longest time.Duration, ok bool) {
	for _, kind := range t.Transports() {
		asked := time.Now()
		if t.Probe(ctx, kind, suite.ProbeTime) != nil {
			return 0, false
		}
		longest = max(longest, time.Since(asked))
	}
	return longest, true
}

// usualAnswer returns the longest of several times in which a target answers.
func usualAnswer(ctx context.Context, t *target.Target) (longest time.Duration) {
	for range recoveryProbes {
		took, _ := answerTime(ctx, t)
		longest = max(longest, took)
	}
	return longest
}

// awaitRecovery waits until a target answers as fast as usual, and returns after how many
// milliseconds it did; -1 when it did not in time.
func awaitRecovery(ctx context.Context, t *target.Target, usual time.Duration) int64 {
	began, well := time.Now(), 0
	first := began
	for time.Since(began) < recoveryTime && ctx.Err() == nil {
		asked := time.Now()
		took, ok := answerTime(ctx, t)
		switch {
		case !ok || took > max(recoveryFactor*usual, recoverySlack):
			well = 0
		case well == 0:
			first = asked
			well++
		default:
			well++
		}
		if well == recoveryProbes {
			return first.Sub(began).Milliseconds()
		}
		machine.Sleep(ctx, recoveryEvery)
	}
	return -1
}
