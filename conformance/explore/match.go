package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/protocol/qos"
)

// match pairs what was expected with what was seen. Within a connection nothing is
// ordered but by the times of its causes: §7 leaves the rest open.
func (h *history) match(expected []observation) *Difference {
	used := make([]bool, len(expected))
	var found []Difference
	late := time.Duration(0)
	last := map[int]int{} // the latest response of a connection, among what was expected
	for _, s := range h.seen {
		best := -1
		for i, e := range expected {
			if !used[i] && e.conn == s.conn && e.matches(s) && h.inTime(e, s.at) {
				best = i
				break
			}
		}
		if best < 0 {
			found = append(found, Difference{At: s.at, Conn: s.conn, Expected: nothingFurther, Actual: s.String(), cause: cause{actual: s.kind}})
			continue
		}
		used[best] = true
		if e := expected[best]; e.conn != application && !e.expired && !e.swept {
			late = max(late, s.at-e.at)
		}
		if expected[best].inOrder {
			if best < last[s.conn] {
				found = append(found, Difference{At: s.at, Conn: s.conn, Expected: inOrder, Actual: s.String(), cause: cause{expected: inOrder, actual: s.kind}})
			}
			last[s.conn] = max(best, last[s.conn])
		}
	}
	for i, e := range expected {
		if used[i] || e.conn == application && !h.hears(e) {
			continue
		}
		if e.at+h.limits.quiet > h.until || e.swept && e.at+h.latest(e) > h.until {
			continue // it may still come
		}
		found = append(found, Difference{At: e.at, Conn: e.conn, Expected: e.String(), Actual: nothing, cause: cause{expected: e.kind}})
	}
	if len(found) == 0 {
		return nil
	}
	first := slices.MinFunc(found, func(a, b Difference) int { return cmp.Compare(a.At, b.At) })
	d := h.paired(first, found)
	d.late = late
	if h.standsStill(d, found) {
		d.late = max(late, h.until-d.At)
	}
	d.cause.application, d.cause.after = d.Conn == application, h.latestStep(d.At)
	return d
}

const (
	inOrder        = "responses in the order of what they answer"
	nothing        = "nothing"
	nothingFurther = "nothing further"
)

// fewEvents is the number of events in a row that a server may well fail to report; when
// more are missing to the end of a conversation, they were late all together.
const fewEvents = 2

// standsStill reports whether a difference is the first of many events that are missing to
// the end of the conversation, as when the stream of events is held up.
func (h *history) standsStill(d *Difference, found []Difference) bool {
	missing := 0
	for _, f := range found {
		if f.Conn == application && f.Actual == nothing {
			missing++
		}
	}
	return d.Conn == application && d.Actual == nothing && missing > fewEvents && !slices.ContainsFunc(h.seen, func(s observation) bool {
		return s.conn == application && s.at >= d.At
	})
}

// paired makes one difference of something that did not come and of what came instead, on
// the same connection at about the same time.
func (h *history) paired(first Difference, found []Difference) *Difference {
	for _, other := range found {
		if other.Conn != first.Conn || (other.At-first.At).Abs() > h.limits.late {
			continue
		}
		switch {
		case first.Actual == nothing && other.Expected == nothingFurther:
			first.Actual, first.cause.actual = other.Actual, other.cause.actual
			return &first
		case first.Expected == nothingFurther && other.Actual == nothing:
			first.Expected, first.cause.expected = other.Expected, other.cause.expected
			return &first
		}
	}
	return &first
}

// latestStep returns the action of the latest step at a time.
func (h *history) latestStep(at time.Duration) (do Action) {
	for i := range h.steps {
		if h.steps[i].at <= at {
			do = h.steps[i].step.Do
		}
	}
	return do
}

// hears reports whether an event of the application would have been seen: one that names
// nobody of the conversation may be of any other.
func (h *history) hears(e observation) bool {
	names := e.user + e.fingerprint
	return h.events && (strings.Contains(names, "-") || h.alone && names == "")
}

// String returns the observation on one line.
func (o observation) String() string {
	text := o.text
	if o.conn == application {
		text += fmt.Sprintf(" user=%q", o.user)
	}
	if o.message != "" {
		text += " " + o.message
	}
	if len(o.closes) > 0 {
		text += ", after the close frames " + strings.Join(o.closes, ", ")
	}
	if o.reset {
		text += ", by a reset"
	}
	return text
}

// matches reports whether something that was seen is what was expected, whenever it came.
func (o observation) matches(seen observation) bool {
	if o.text != seen.text || seen.reset && !o.reset {
		return false
	}
	if seen.message != o.message && seen.message != "" {
		return false
	}
	if seen.user != o.user && seen.user != "" && seen.user != o.sender {
		return false
	}
	if len(o.closes) == 0 || seen.reset && len(seen.closes) == 0 {
		return true
	}
	if len(seen.closes) == 0 {
		return false
	}
	for _, got := range seen.closes {
		code, _, _ := strings.Cut(got, " ")
		if !slices.Contains(o.closes, got) && !slices.Contains(o.closes, code) {
			return false
		}
	}
	return true
}

func (h *history) inTime(e observation, at time.Duration) bool {
	return at >= e.at-h.earliest(e) && at <= e.at+h.latest(e)
}

func (h *history) earliest(e observation) time.Duration {
	if e.swept {
		return h.limits.early + qos.SweepEvery/10
	}
	return h.limits.early
}

func (h *history) latest(e observation) time.Duration {
	switch {
	case e.expired:
		return h.limits.expiry
	case e.swept:
		return h.limits.late + qos.SweepEvery/10
	}
	return h.limits.late
}
