package explore

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// maxTries bounds how often a conversation is played to find a shorter one.
const maxTries = 150

// shrink leaves out of a conversation what the difference does not need: halves of it
// first, then ever smaller parts, each step at last. What it returns still differs, in
// whatever way: a shorter conversation may show the same cause as something else.
func (x *explorer) shrink(ctx context.Context, c Conversation, h *history, d *Difference, pace Pace) (Conversation, *history, *Difference, error) {
	tries := 0
	differs := func(shorter Conversation) (bool, error) {
		if tries++; tries > maxTries || x.options.Duration > 0 && time.Since(x.begun) > x.options.Duration {
			return false, nil
		}
		again, difference, err := x.try(ctx, shorter, pace)
		if err != nil || difference == nil {
			return false, err
		}
		c, h, d = shorter, again, difference
		return true, nil
	}
	for size := len(c) / 2; size > 0; {
		removed := false
		for at := 0; at+size <= len(c); {
			ok, err := differs(slices.Delete(slices.Clone(c), at, at+size))
			if err != nil {
				return c, h, d, err
			}
			if removed = removed || ok; !ok {
				at += size
			}
		}
		if !removed || size > 1 && len(c) < 2*size {
			size /= 2
		}
	}
	return c, h, d, nil
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
