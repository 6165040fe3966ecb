package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	s.shortest = s.history.played() // when there were too many tries some steps may do nothing
	return s.shortest, s.history, s.difference, err
}

// firstOf plays conversations, and those that differ again with patience: most do not, and
// cost little. It keeps the first that does so both times, and returns its index, or -1
// when there is none.
func (s *shrinking) firstOf(ctx context.Context, all []Conversation) (found int, err error) {
	x := s.explorer
	for from, atOnce := 0, min(maxAtOnce, x.options.Parallel); from < len(all); from += atOnce {
		if x.options.Duration > 0 && time.Since(x.begun) > x.options.Duration {
			return -1, nil
		}
		some := all[from:min(from+atOnce, len(all))]
		trials, err := x.together(ctx, some, x.options.Pace)
		if err != nil {
			return -1, err
		}
		for i, t := range trials {
			if t.difference == nil || t.difference.late > x.options.Pace.Quiet {
				continue
			}
			h, d, err := x.try(ctx, some[i], s.pace)
			if err != nil {
				return -1, err
			}
			if d != nil && d.late <= x.options.Pace.Quiet {
				s.shortest, s.history, s.difference = some[i], h, d
				return from + i, nil
			}
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
	if _, err := s.firstOf(ctx, []Conversation{roomier(s.shortest)}); err != nil {
		return err
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
	slices.SortStableFunc(all, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
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
