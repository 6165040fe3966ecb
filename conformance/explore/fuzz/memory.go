package fuzz

import (
	"context"
	"fmt"
	"slices"
	"time"

	"imcheck/harness/machine"
)

// Gauge reads how much memory a server has.
type Gauge struct {
	Source string // such as "resident memory of process 4711"
	Read   func(ctx context.Context) (bytes int64, err error)
}

// Memory has the memory of a server before and after the inputs, in bytes.
type Memory struct {
	Source string
	Before int64 // once the first inputs had been sent, for which a server may get room
	After  int64 // the least within a while after the last
	Bound  int64 // by which it may grow
	// Steady says that it went on growing when the same was sent once more: what only fills
	// a heap that is large enough does not.
	Steady bool
}

// Growth returns the number of bytes by which the server has grown.
func (m *Memory) Growth() int64 { return m.After - m.Before }

// String says it in one line.
func (m *Memory) String() string {
	text := fmt.Sprintf("%s: %s before, %s after", m.Source, mebibytes(m.Before), mebibytes(m.After))
	switch {
	case m.Growth() <= m.Bound:
		return text
	case m.Steady:
		return text + ", and growing"
	}
	return text + fmt.Sprintf(", over the bound of %s, but no more when the same was sent again", mebibytes(m.Bound))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// notGrown returns the expectation of the memory of a server, in words.
const notGrown = "the server does not grow with what was sent"

// Of the search for what makes a server grow.
const (
	warmUp       = 1000                   // inputs at most before its memory is first read
	memoryRounds = 3                      // in which it has to grow again
	mostAgain    = 8192                   // inputs at most that are sent again
	leastAgain   = 1024                   // inputs at least of a round, unless the run was shorter
	freeing      = 10                     // times as long as an answer may take, in which memory may become free
	freeingAgain = 2                      // the same after a round
	freeingPause = 250 * time.Millisecond // between two looks
)

// measureBefore reads the memory at the start, and again after the warm-up.
func (r *runner) measureBefore(ctx context.Context, from int) error {
	gauge := r.options.Memory
	warm := min(warmUp, r.total()/10)
	if gauge == nil || from != 0 && (from < warm || from-r.batch() >= warm) {
		return nil
	}
	now, err := gauge.Read(ctx)
	r.outcome.Memory = &Memory{Source: gauge.Source, Before: now, After: now, Bound: r.options.MaxGrowth + now/2}
	return err
}

// judgeMemory reads the memory after the last input. A server that has grown beyond the
// bound, and goes on doing so when the same is sent again, makes a finding.
func (r *runner) judgeMemory(ctx context.Context) error {
	m := r.outcome.Memory
	if m == nil {
		return nil
	}
	var err error
	if m.After, err = r.least(ctx, freeing, m.Before+m.Bound); err != nil || m.Growth() <= m.Bound {
		return err
	}
	all := r.latest(r.outcome.Inputs, mostAgain)
	if r.options.Series != nil {
		all = r.options.Series.Inputs // each once
	}
	least := float64(m.Growth()) / float64(r.outcome.Inputs) / 2 // bytes an input
	for range memoryRounds {
		if grown, err := r.grows(ctx, all); err != nil || grown < least {
			return err
		}
	}
	m.Steady = true
	inputs, grown, err := r.halve(ctx, all, least)
	times := 1 + 2*float64(m.Bound)/max(1, grown*float64(len(inputs)))
	r.found(Finding{
		Incident: Incident{On: inputs[0].On, Expected: notGrown + fmt.Sprintf(" by over %s", mebibytes(m.Bound)), Actual: m.String()},
		Series:   Series{Times: int(min(times, maxTimes)), Inputs: inputs},
	}, nil)
	return err
}

// least returns the least memory that is read within a while, or until it is small enough.
func (r *runner) least(ctx context.Context, patiences time.Duration, enough int64) (int64, error) {
	machine.Sleep(ctx, settling) // the server may not have read all yet
	least, err := r.options.Memory.Read(ctx)
	for until := time.Now().Add(patiences * r.options.Patience); err == nil && least > enough && time.Now().Before(until); {
		machine.Sleep(ctx, freeingPause)
		var now int64
		if now, err = r.options.Memory.Read(ctx); err == nil {
			least = min(least, now)
		}
	}
	return least, err
}

// grows sends a round of inputs, and returns by how many bytes an input the server has
// grown.
func (r *runner) grows(ctx context.Context, inputs []Input) (float64, error) {
	before, err := r.options.Memory.Read(ctx)
	if err != nil {
		return 0, err
	}
	round := slices.Clone(inputs)
	for i := 0; len(round) < min(leastAgain, r.outcome.Inputs); i++ {
		round = append(round, inputs[i%len(inputs)])
	}
	if err := r.send(ctx, round); err != nil {
		return 0, err
	}
	after, err := r.least(ctx, freeingAgain, before)
	return float64(after-before) / float64(len(round)), err
}

// halve looks for the inputs that make the server grow by at least so much each: of two
// halves that one which does so more. It returns by how much these did.
func (r *runner) halve(ctx context.Context, inputs []Input, least float64) (fewer []Input, grown float64, err error) {
	grown = least
	for until := time.Now().Add(maxShortening); len(inputs) > 1 && time.Now().Before(until) && !r.late(); {
		halves := [...][]Input{inputs[:len(inputs)/2], inputs[len(inputs)/2:]}
		var growths [len(halves)]float64
		for i, half := range halves {
			if growths[i], err = r.grows(ctx, half); err != nil {
				return inputs, grown, err
			}
		}
		more := 0
		if growths[1] > growths[0] {
			more = 1
		}
		if growths[more] < least {
			return inputs, grown, nil // it takes both
		}
		inputs, grown = halves[more], growths[more]
	}
	return inputs, grown, nil
}
