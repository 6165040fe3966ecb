package explore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// How often a conversation is played at most to find one with fewer steps, and then one
// with simpler steps.
const (
	maxShorter = 150
	maxSimpler = 100
)

// shrinking looks for the shortest conversation that still differs, in whatever way: a
// shorter one may show the same cause as something else.
type shrinking struct {
	explorer *explorer
	pace     Pace

	// The shortest so far, how it went, and in what it differed.
	shortest   Conversation
	history    *history
	difference *Difference
}

// shrink leaves out of a conversation what the difference does not need, and makes the
// rest simpler.
func (x *explorer) shrink(ctx context.Context, c Conversation, h *history, d *Difference, pace Pace) (Conversation, *history, *Difference, error) {
	s := &shrinking{explorer: x, pace: pace, shortest: c, history: h, difference: d}
	err := s.leaveOut(ctx)
	if err == nil {
		err = s.simplify(ctx)
	}
	return s.shortest, s.history, s.difference, err
}

// maxAtOnce bounds how many conversations are tried at the same time to find a shorter one.
const maxAtOnce = 8

// firstOf plays conversations, several at once when others are played beside them anyway.
// It keeps the first that differs too and returns its index, or -1 when none does.
func (s *shrinking) firstOf(ctx context.Context, all []Conversation) (found int, err error) {
	atOnce := min(maxAtOnce, s.explorer.options.Parallel)
	for from := 0; from < len(all); from += atOnce {
		if x := s.explorer; x.options.Duration > 0 && time.Since(x.begun) > x.options.Duration {
			return -1, nil
		}
		if n, err := s.together(ctx, all[from:min(from+atOnce, len(all))]); n >= 0 || err != nil {
			return from + n, err
		}
	}
	return -1, nil
}

// together plays conversations at the same time.
func (s *shrinking) together(ctx context.Context, all []Conversation) (found int, err error) {
	histories, differences, errs := make([]*history, len(all)), make([]*Difference, len(all)), make([]error, len(all))
	var playing sync.WaitGroup
	for i, c := range all {
		playing.Go(func() { histories[i], differences[i], errs[i] = s.explorer.try(ctx, c, s.pace) })
	}
	playing.Wait()
	for i, c := range all {
		if errs[i] != nil {
			return -1, errs[i]
		}
		if differences[i] != nil {
			s.shortest, s.history, s.difference = c, histories[i], differences[i]
			return i, nil
		}
	}
	return -1, nil
}

// leaveOut leaves out halves of the conversation first, then ever smaller parts, each step
// at last.
func (s *shrinking) leaveOut(ctx context.Context) error {
	if done := s.history.played(); len(done) < len(s.shortest) { // the other steps had nothing to send, or nowhere
		s.shortest = done
	}
	for tries, size := 0, len(s.shortest)/2; size > 0 && tries < maxShorter; {
		removed := false
		for at := 0; at+size <= len(s.shortest) && tries < maxShorter; {
			parts := s.without(at, size)
			parts = parts[:min(len(parts), maxShorter-tries)]
			found, err := s.firstOf(ctx, parts)
			if err != nil {
				return err
			}
			if found < 0 {
				tries += len(parts)
				break
			}
			tries += found + 1
			at += found * size
			removed = true
		}
		if !removed || size > 1 && len(s.shortest) < 2*size {
			size /= 2
		}
	}
	return nil
}

// without lists the conversation without one of its parts of a size each, from a place on.
func (s *shrinking) without(at, size int) (all []Conversation) {
	for ; at+size <= len(s.shortest); at += size {
		if len(s.shortest) > size {
			all = append(all, slices.Delete(slices.Clone(s.shortest), at, at+size))
		}
	}
	return all
}

// simplify replaces the conversation by simpler ones until none of them differs.
func (s *shrinking) simplify(ctx context.Context) error {
	for tries := 0; tries < maxSimpler; {
		all := simpler(s.shortest)
		all = all[:min(len(all), maxSimpler-tries)]
		found, err := s.firstOf(ctx, all)
		if err != nil || found < 0 {
			return err
		}
		tries += found + 1
	}
	return nil
}

// played lists the steps that were done.
func (h *history) played() (c Conversation) {
	for i := range h.steps {
		c = append(c, h.steps[i].step)
	}
	return c
}

// Line is one line of how a conversation went.
type Line struct {
	At   time.Duration // since its start
	Conn int           // or -1 for the application
	Sent bool          // by us
	Text string
}

// lines merges what was done with what was seen.
func (h *history) lines() (all []Line) {
	for i := range h.steps {
		p := &h.steps[i]
		conn := p.step.Conn
		switch p.step.Do {
		case Push, Kick, Wait:
			conn = application
		case Handshake:
			conn = handshakePlace
		}
		all = append(all, Line{p.at, conn, true, p.step.String()})
	}
	for _, s := range h.seen {
		all = append(all, Line{s.at, s.conn, false, s.String()})
	}
	slices.SortStableFunc(all, func(a, b Line) int { return int(a.At - b.At) })
	return all
}

// String is the line as a transcript has it.
func (l Line) String() string {
	arrow := "<-"
	if l.Sent {
		arrow = "->"
	}
	return fmt.Sprintf("%8.3f %-13s %s %s", l.At.Seconds(), place(l.Conn), arrow, l.Text)
}
