package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"imcheck/protocol/wire"
)

// Finding is a difference that a conversation showed.
type Finding struct {
	Seed         uint64
	On           wire.Transport // on which it shows
	Conversation Conversation   // the shortest that still shows it, when it came every time
	History      []Line         // of the last time that it came
	Difference   Difference

	// How often it came, and how often the conversation was played to see that.
	Came, Played int
}

// File returns the finding as a file to play again.
func (f *Finding) File() *File {
	return &File{
		Seed: f.Seed, Expected: fmt.Sprintf("%s on %s", f.Difference.Expected, place(f.Difference.Conn)),
		Actual: f.Difference.Actual, Steps: f.Conversation,
	}
}

// Confirmed reports whether a difference came often enough to be the target's.
func (f *Finding) Confirmed() bool { return f.Came >= oftenEnough }

// How often a conversation that differed is played again, and how often it has to differ
// in all. With one that does not differ every time it is played several times more.
const (
	confirmations     = 2
	moreConfirmations = 7
	oftenEnough       = 3
)

// maxUnconfirmed bounds the differences that are kept though they are not confirmed.
const maxUnconfirmed = 20

// patience is how much more patiently a conversation is played again.
const patience = 5

// lookInto confirms a difference and looks for the shortest conversation that shows it.
func (x *explorer) lookInto(ctx context.Context, seed uint64, c Conversation, h *history, d *Difference) (err error) {
	first := d.cause
	if !x.claim(first) {
		return nil
	}
	f := Finding{Seed: seed, Came: 1, Played: 1}
	if h, d, err = x.confirm(ctx, c, confirmations, h, d, &f); err == nil && f.Came < f.Played {
		h, d, err = x.confirm(ctx, c, moreConfirmations, h, d, &f)
	}
	if err != nil {
		return err
	}
	if f.Came == f.Played {
		c, h, d, err = x.shrink(ctx, c, h, d, x.slower())
	}
	if d.cause != first && !x.claim(d.cause) {
		return err // it was found in another conversation
	}
	f.On, f.Conversation, f.History, f.Difference = h.transportOf(d.Conn), c, h.lines(), *d
	x.found(f, first)
	return err
}

// confirm plays a conversation several times more, and returns how it went the last time
// that it differed.
func (x *explorer) confirm(ctx context.Context, c Conversation, times int, h *history, d *Difference, f *Finding) (*history, *Difference, error) {
	again, err := x.together(ctx, slices.Repeat([]Conversation{c}, times), x.slower())
	if err != nil {
		return h, d, err
	}
	for _, t := range again {
		if f.Played++; t.difference != nil {
			f.Came++
			h, d = t.history, t.difference
		}
	}
	return h, d, nil
}

// found notes a finding. What is not confirmed does not keep others of its cause from
// being looked into.
func (x *explorer) found(f Finding, first cause) {
	x.mu.Lock()
	defer x.mu.Unlock()
	confirmed := 0
	for i := range x.outcome.Findings {
		if x.outcome.Findings[i].Confirmed() {
			confirmed++
		}
	}
	switch {
	case f.Confirmed():
		x.outcome.Findings = slices.Insert(x.outcome.Findings, confirmed, f)
		confirmed++
	default:
		delete(x.known, first)
		delete(x.known, f.Difference.cause)
		if len(x.outcome.Findings)-confirmed < maxUnconfirmed {
			x.outcome.Findings = append(x.outcome.Findings, f)
		}
	}
	x.outcome.Progress.Findings = confirmed
}

// trial is one time that a conversation was played.
type trial struct {
	history    *history
	difference *Difference
}

// maxAtOnce bounds how many conversations are tried at the same time to look into one.
const maxAtOnce = 8

// together plays conversations, several at once when others are played beside them anyway.
func (x *explorer) together(ctx context.Context, all []Conversation, pace Pace) ([]trial, error) {
	trials, errs := make([]trial, len(all)), make([]error, len(all))
	var playing sync.WaitGroup
	free := make(chan struct{}, min(maxAtOnce, x.options.Parallel))
	for i, c := range all {
		free <- struct{}{}
		playing.Go(func() {
			trials[i].history, trials[i].difference, errs[i] = x.try(ctx, c, pace)
			<-free
		})
	}
	playing.Wait()
	return trials, errors.Join(errs...)
}
