package explore

import (
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

// differs plays a conversation, and again with patience when it differs, and keeps it when
// it does so both times. Most do not, and cost little.
func (s *shrinking) differs(ctx context.Context, c Conversation) (bool, error) {
	x := s.explorer
	if len(c) == 0 || x.options.Duration > 0 && time.Since(x.begun) > x.options.Duration {
		return false, nil
	}
	_, d, err := x.try(ctx, c, x.options.Pace)
	if err != nil || d == nil {
		return false, err
	}
	h, d, err := x.try(ctx, c, s.pace)
	if err != nil || d == nil {
		return false, err
	}
	s.shortest, s.history, s.difference = c, h, d
	return true, nil
}

// leaveOut leaves out halves of the conversation first, then ever smaller parts, each step
// at last.
func (s *shrinking) leaveOut(ctx context.Context) error {
	if done := s.history.played(); len(done) < len(s.shortest) { // the other steps had nothing to send, or nowhere
		s.shortest = done
	}
	tries := 0
	for size := len(s.shortest) / 2; size > 0; {
		removed := false
		for at := 0; at+size <= len(s.shortest); {
			if tries++; tries > maxShorter {
				return nil
			}
			ok, err := s.differs(ctx, slices.Delete(slices.Clone(s.shortest), at, at+size))
			if err != nil {
				return err
			}
			if removed = removed || ok; !ok {
				at += size
			}
		}
		if !removed || size > 1 && len(s.shortest) < 2*size {
			size /= 2
		}
	}
	return nil
}

// simplify replaces the conversation by simpler ones until none of them differs.
func (s *shrinking) simplify(ctx context.Context) error {
	tries := 0
	for again := true; again; {
		again = false
		for _, c := range simpler(s.shortest) {
			if tries++; tries > maxSimpler {
				return nil
			}
			ok, err := s.differs(ctx, c)
			if err != nil {
				return err
			}
			if ok {
				again = true
				break
			}
		}
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
		if p.step.Do == Push || p.step.Do == Kick || p.step.Do == Wait {
			conn = application
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
	arrow, where := "<-", "application"
	if l.Sent {
		arrow = "->"
	}
	if l.Conn != application {
		where = fmt.Sprint("connection ", l.Conn)
	}
	return fmt.Sprintf("%8.3f %-13s %s %s", l.At.Seconds(), where, arrow, l.Text)
}
