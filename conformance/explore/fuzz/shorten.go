package fuzz

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Bounds of the search for shorter inputs.
const (
	maxTries      = 200
	maxShortening = 2 * time.Minute
)

// errOutOfTries ends the search for shorter inputs.
var errOutOfTries = errors.New("out of tries")

// shorten leaves out of inputs what the incidents do not need: inputs first, then writes,
// then bytes. It returns the shortest found with every error.
func (r *runner) shorten(ctx context.Context, inputs []Input, incidents []*Incident) ([]Input, error) {
	tries, until := 0, time.Now().Add(maxShortening)
	shows := func(inputs []Input) (bool, error) {
		if len(inputs) == 0 {
			return false, nil
		}
		if tries++; tries > maxTries || time.Now().After(until) || r.late() {
			return false, errOutOfTries
		}
		again, err := r.try(ctx, inputs, incidents)
		return again != nil, err
	}
	inputs, err := leaveOut(inputs, shows)
	for i := range inputs {
		if err != nil {
			return inputs, err
		}
		inputs, err = shortenInput(inputs, i, shows)
	}
	return inputs, err
}

// shortenInput leaves out writes of one of several inputs, and then bytes of them.
func shortenInput(inputs []Input, at int, shows func([]Input) (bool, error)) ([]Input, error) {
	// with has other writes in the input.
	with := func(writes []Chunk) []Input {
		changed := slices.Clone(inputs)
		changed[at].Writes = writes
		return changed
	}
	fixed := 0 // a handshake without its first write is none
	if inputs[at].Handshake {
		fixed = 1
	}
	writes, err := leaveOut(inputs[at].Writes[fixed:], func(rest []Chunk) (bool, error) {
		return shows(with(append(slices.Clone(inputs[at].Writes[:fixed]), rest...)))
	})
	inputs = with(append(slices.Clone(inputs[at].Writes[:fixed]), writes...))
	for i := fixed; i < len(inputs[at].Writes) && err == nil; i++ {
		var shorter Chunk
		shorter, err = leaveOut(inputs[at].Writes[i], func(b Chunk) (bool, error) {
			changed := slices.Clone(inputs[at].Writes)
			changed[i] = b
			return shows(with(changed))
		})
		changed := slices.Clone(inputs[at].Writes)
		changed[i] = shorter
		inputs = with(changed)
	}
	return inputs, err
}

// leaveOut leaves out of a list what it does not need to show something: halves of it
// first, then ever smaller parts. It returns the shortest found with every error.
func leaveOut[L ~[]E, E any](all L, shows func(L) (bool, error)) (L, error) {
	for size := max(1, (len(all)+1)/2); len(all) > 0; {
		removed := false
		for at := 0; at < len(all); {
			end := min(at+size, len(all))
			ok, err := shows(slices.Concat(all[:at], all[end:]))
			if err != nil {
				return all, err
			}
			if ok {
				all, removed = slices.Concat(all[:at], all[end:]), true
			} else {
				at = end
			}
		}
		switch {
		case size > 1:
			size = (size + 1) / 2
		case !removed:
			return all, nil
		}
	}
	return all, nil
}
