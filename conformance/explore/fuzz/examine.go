package fuzz

import (
	"context"
	"errors"
	"fmt"
	"time"

	"imcheck/harness/target"
)

// widths are how many batches an incident is looked for in, as some effects come late.
var widths = []int{1, 8, 32}

// maxUnsteady bounds how many incidents are looked into that do not come again.
const maxUnsteady = 5

// examine looks into an incident after the inputs before a number. The error is errOver
// when the run cannot go on, or says that the server is gone.
func (r *runner) examine(ctx context.Context, before int, incident *Incident, begun time.Time) error {
	if cause := incident.localCause(); cause != "" {
		r.outcome.LocalCause = cause
		return errOver
	}
	disturbed := r.disturbed(begun)
	if lasting := r.renew(ctx); lasting != nil {
		return r.end(ctx, incident, lasting, r.latest(before, r.batch()))
	}
	switch {
	case disturbed:
		r.outcome.Disturbed++
		return nil
	case r.known[incident.cause()], len(r.outcome.Unsteady) >= maxUnsteady:
		r.outcome.Again++
		return nil
	}
	for i, width := range widths {
		inputs := r.latest(before, width*r.batch())
		if i > 0 && before <= widths[i-1]*r.batch() {
			break // there are no more
		}
		again, err := r.confirm(ctx, inputs, incident)
		if err != nil {
			return err
		}
		if again != nil {
			return r.find(ctx, inputs, again)
		}
	}
	r.outcome.Unsteady = append(r.outcome.Unsteady, *incident)
	return nil
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
	r.found(Finding{Incident: *incident, Series: Series{Inputs: inputs}, Lasting: true})
	return errOver
}

func (r *runner) found(f Finding) {
	r.known[f.Incident.cause()] = true
	r.outcome.Findings = append(r.outcome.Findings, f)
	r.outcome.Progress.Findings = len(r.outcome.Findings)
}

// confirm sends inputs again as often as it takes to be sure; nil when the incident does
// not come every time.
func (r *runner) confirm(ctx context.Context, inputs []Input, incident *Incident) (again *Incident, err error) {
	for range confirmations {
		if again, err = r.try(ctx, inputs, incident); again == nil || err != nil {
			return again, err
		}
	}
	return again, nil
}

// try sends inputs again, and returns the incident when it comes again.
func (r *runner) try(ctx context.Context, inputs []Input, incident *Incident) (again *Incident, err error) {
	begun := time.Now()
	if err := r.send(ctx, inputs); err != nil {
		return nil, err
	}
	time.Sleep(settling)
	again = r.check(ctx, patience*r.options.Patience)
	if again == nil || ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	same := again.cause() == incident.cause() && !r.disturbed(begun)
	if lasting := r.renew(ctx); lasting != nil {
		return nil, r.end(ctx, again, lasting, inputs)
	}
	if !same {
		return nil, nil
	}
	return again, nil
}

// find shortens the inputs of an incident, and makes it a finding.
func (r *runner) find(ctx context.Context, inputs []Input, incident *Incident) error {
	shorter, err := r.shorten(ctx, inputs, incident)
	if err != nil && !errors.Is(err, errOutOfTries) {
		return err
	}
	again, err := r.confirm(ctx, shorter, incident)
	if err != nil {
		return err
	}
	if again == nil { // it came by chance
		shorter, again = inputs, incident
	}
	r.found(Finding{Incident: *again, Series: Series{Inputs: shorter}})
	return nil
}

// String says in one line what was found.
func (f Finding) String() string {
	return fmt.Sprintf("%d inputs: %v", len(f.Series.Inputs), &f.Incident)
}
