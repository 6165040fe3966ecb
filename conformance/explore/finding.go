package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"imcheck/protocol/wire"
)

// Finding is a difference that a conversation showed.
type Finding struct {
	Seed         uint64
	On           wire.Transport // on which it shows
	Conversation Conversation   // the shortest that still shows it, when it came every time
	History      []Line         // of the last time that it came
	Difference   Difference

	// How often it came, and how often the conversation was played to see that, not counting
	// the times that answers came so late that steps overlapped, up to Late.
	Came, Played int
	Late         time.Duration
}

// File returns the finding as a file to play again.
func (f *Finding) File() *File {
	return &File{
		Seed: f.Seed, Expected: fmt.Sprintf("%s on %s", f.Difference.Expected, place(f.Difference.Conn)),
		Actual: f.Difference.Actual, Steps: f.Conversation,
	}
}

// frequency returns a sentence with the number of times that it came.
func (f *Finding) frequency() string {
	text := fmt.Sprintf("it came %d of the %d times that its conversation was played", f.Came, f.Played)
	if f.Late > 0 {
		text += fmt.Sprintf(", and at others answers came up to %v late, when the next step was taken already", f.Late.Round(time.Millisecond))
	}
	return text
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

// patience is the factor by which a conversation is played more patiently again.
const patience = 5

// lookInto confirms a difference and looks for the shortest conversation that shows it.
func (x *explorer) lookInto(ctx context.Context, seed uint64, c Conversation, h *history, d *Difference) (err error) {
	first := d.cause
	if !x.claim(first) {
		return nil
	}
	f := Finding{Seed: seed}
	x.tally(&f, d)
	if h, d, err = x.confirm(ctx, c, confirmations, h, d, &f); err == nil && (f.Came < f.Played || f.Played < oftenEnough) {
		h, d, err = x.confirm(ctx, c, moreConfirmations, h, d, &f)
	}
	if err != nil {
		return err
	}
	if f.Came == 0 && f.Played > 0 { // it is explained by answers that came late
		x.forget(first)
		return nil
	}
	if f.Came == f.Played && f.Confirmed() {
		c, h, d, err = x.shrink(ctx, c, h, d, x.slower())
	}
	if d.cause != first && !x.claim(d.cause) {
		return err // it was found in another conversation
	}
	f.On, f.Conversation, f.History, f.Difference = h.transportOf(d.Conn), c, h.lines(), *d
	x.found(f)
	if !f.Confirmed() { // it does not keep others of its cause from being looked into
		x.forget(first, d.cause)
	}
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
		if x.tally(f, t.difference); t.difference != nil {
			h, d = t.history, t.difference
		}
	}
	return h, d, nil
}

// tally counts one time that a conversation was played, unless it differed and answers
// came after the next step may have been taken: then its steps overlapped.
func (x *explorer) tally(f *Finding, d *Difference) {
	switch {
	case d == nil:
		f.Played++
	case d.late > x.options.Pace.Quiet:
		f.Late = max(f.Late, d.late)
	default:
		f.Came++
		f.Played++
	}
}

// forget has a cause looked into when it shows again.
func (x *explorer) forget(causes ...cause) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range causes {
		delete(x.known, c)
	}
}

// found notes a finding, those that are confirmed first.
func (x *explorer) found(f Finding) {
	x.mu.Lock()
	defer x.mu.Unlock()
	confirmed := x.outcome.Progress.Findings
	switch {
	case f.Confirmed():
		x.outcome.Findings = slices.Insert(x.outcome.Findings, confirmed, f)
		x.outcome.Progress.Findings++
	case len(x.outcome.Findings)-confirmed < maxUnconfirmed:
		x.outcome.Findings = append(x.outcome.Findings, f)
	}
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
