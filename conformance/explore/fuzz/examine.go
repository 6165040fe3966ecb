package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/target"
)

// widths are the numbers of batches that an incident is looked for in, as some effects come late.
var widths = []int{1, 8, 32}

// maxUnsteady bounds how many incidents are looked into that do not come again.
const maxUnsteady = 5

// examine looks into incidents after the inputs before a number. The error is errOver when
// the run cannot go on, or says that the server is gone.
func (r *runner) examine(ctx context.Context, before int, incidents []*Incident, begun time.Time) error {
	for _, i := range incidents {
		if cause := i.localCause(); cause != "" {
			r.outcome.LocalCause = cause
			return errOver
		}
	}
	disturbed := r.disturbed(begun)
	if lasting := r.renew(ctx); lasting != nil {
		return r.end(ctx, incidents[0], lasting, r.latest(before, r.batch()))
	}
	switch {
	case disturbed:
		r.outcome.Disturbed++
		return nil
	case r.knows(incidents), len(r.outcome.Unsteady) >= maxUnsteady:
		r.outcome.Again++
		return nil
	}
	for i, width := range widths {
		inputs := r.latest(before, width*r.batch())
		if i > 0 && before <= widths[i-1]*r.batch() {
			break // there are no more
		}
		again, err := r.confirm(ctx, inputs, incidents)
		if err != nil {
			return err
		}
		if again != nil {
			return r.find(ctx, inputs, again)
		}
	}
	r.outcome.Unsteady = append(r.outcome.Unsteady, *incidents[0])
	return nil
}

// knows reports whether all causes were found before.
func (r *runner) knows(incidents []*Incident) bool {
	return !slices.ContainsFunc(incidents, func(i *Incident) bool { return !r.known[i.cause()] })
}

// end ends the run on a server that has not recovered from inputs.
func (r *runner) end(ctx context.Context, incident, lasting *Incident, inputs []Input) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if lasting.gone() {
		r.outcome.Last = inputs
		return &target.UnreachableError{What: lasting.On.String(), Address: r.target.Addresses[lasting.On], Err: lasting.err}
	}
	r.found(Finding{Incident: *incident, Series: Series{Inputs: inputs}, Lasting: true}, nil)
	return errOver
}

// found adds a finding. Whatever else was noticed with it is known from then on.
func (r *runner) found(f Finding, also []*Incident) {
	for _, i := range append(also, &f.Incident) {
		r.known[i.cause()] = true
	}
	r.outcome.Findings = append(r.outcome.Findings, f)
	r.outcome.Progress.Findings = len(r.outcome.Findings)
}

// confirm sends inputs again as often as it takes to be sure, and returns what came last;
// nil when it does not come every time.
func (r *runner) confirm(ctx context.Context, inputs []Input, incidents []*Incident) (again []*Incident, err error) {
	for range confirmations {
		if again, err = r.try(ctx, inputs, incidents); again == nil || err != nil {
			return again, err
		}
	}
	return again, nil
}

// try sends inputs again, and returns the incidents when one of the same cause comes.
func (r *runner) try(ctx context.Context, inputs []Input, incidents []*Incident) (again []*Incident, err error) {
	begun := time.Now()
	if err := r.send(ctx, inputs); err != nil {
		return nil, err
	}
	machine.Sleep(ctx, settling)
	again = r.check(ctx, patience*r.options.Patience)
	if len(again) == 0 || ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	same := sharing(again, incidents)
	disturbed := r.disturbed(begun)
	if lasting := r.renew(ctx); lasting != nil {
		return nil, r.end(ctx, again[0], lasting, inputs)
	}
	if same == nil || disturbed {
		return nil, nil
	}
	return again, nil
}

// find shortens the inputs of incidents, and makes one of these a finding.
func (r *runner) find(ctx context.Context, inputs []Input, incidents []*Incident) error {
	shorter, err := r.shorten(ctx, inputs, incidents)
	if err != nil && !errors.Is(err, errOutOfTries) {
		return err
	}
	again, err := r.confirm(ctx, shorter, incidents)
	if err != nil {
		return err
	}
	if again == nil { // it came by chance
		shorter, again = inputs, incidents
	}
	r.found(Finding{Incident: *sharing(again, incidents), Series: Series{Inputs: shorter}}, slices.Concat(again, incidents))
	return nil
}

// String says in one line what was found.
func (f Finding) String() string {
	return fmt.Sprintf("%d inputs: %v", len(f.Series.Inputs), &f.Incident)
}
