package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// performed is a step as it was done.
type performed struct {
	step    Step
	at      time.Duration
	on      wire.Transport // of its connection
	user    string         // of a login
	token   string
	message wire.Message // of Data, Push and Kick
	body    []byte       // of whatever goes over the wire, a login aside
	framing framing      // of Frame
}

// login is the message of a Login step.
func (p *performed) login(firstLoginTime int64) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some(p.user), Token: wire.Some(p.token), FirstLoginTime: firstLoginTime})
}

// history is a conversation as it went.
type history struct {
	modes  timing.Modes
	app    server.Application
	steps  []performed
	seen   []observation
	until  time.Duration
	alone  bool // and those that name nobody
	events bool // the application's events were seen
	limits bounds
}

// bounds say how far an observation may be from the time that the model gives.
type bounds struct {
	early  time.Duration // before it
	late   time.Duration // after it
	quiet  time.Duration // after which it is taken not to come
	expiry time.Duration // after it, for an expiry
}

// Difference is what no choice of the model explains.
type Difference struct {
	At       time.Duration
	Conn     int // or -1 for the application
	Expected string
	Actual   string
}

// judge looks for a choice of what §7 leaves open with which the model did what was seen.
// It returns nil when there is one, and else the difference of the choice that explains
// most of the conversation. The choices that explained earlier conversations are tried
// first, and the one that does moves to the front.
func (h *history) judge(favourites *[]choice) *Difference {
	var best choice
	var furthest *Difference
	explains := func(c choice) bool {
		d := h.compare(c)
		if d != nil && (furthest == nil || d.At > furthest.At) {
			best, furthest = c, d
		}
		return d == nil
	}
	accept := func(c choice) *Difference {
		others := slices.DeleteFunc(slices.Clone(*favourites), func(f choice) bool { return f == c })
		*favourites = append([]choice{c}, others[:min(len(others), 5)]...)
		return nil
	}
	for _, c := range append(slices.Clone(*favourites), choice{}) {
		if explains(c) {
			return accept(c)
		}
	}
	// Each thing that is left open shows where it matters: changing it there explains more.
	for reached := time.Duration(-1); furthest.At > reached; {
		reached = furthest.At
		for _, c := range h.neighbours(best) {
			if explains(c) {
				return accept(c)
			}
		}
	}
	for _, c := range h.quirks(best) {
		if explains(c) {
			return accept(c)
		}
	}
	return furthest
}

// neighbours returns the choices that differ from one in a single thing.
func (h *history) neighbours(c choice) (all []choice) {
	change := func(edit func(*choice)) {
		other := c
		edit(&other)
		if other != c {
			all = append(all, other)
		}
	}
	for forged := range server.ForgedTaken + 1 {
		change(func(c *choice) { c.quirks.ForgedFrom = forged })
	}
	for nameless := range server.NamelessEnds + 1 {
		change(func(c *choice) { c.quirks.NamelessC2C = nameless })
	}
	for _, flip := range []func(*choice) *bool{
		func(c *choice) *bool { return &c.quirks.EarlyLogoutIgnored }, func(c *choice) *bool { return &c.quirks.KickedStays },
		func(c *choice) *bool { return &c.quirks.BadDatagramEnds }, func(c *choice) *bool { return &c.strict },
	} {
		change(func(c *choice) { *flip(c) = !*flip(c) })
	}
	for _, takeover := range takeovers {
		change(func(c *choice) { c.quirks.ReplacedReported, c.quirks.TakeoverLost = takeover.reported, takeover.lost })
	}
	if h.sweeps() {
		for _, phase := range phases() {
			change(func(c *choice) { c.phase = phase })
		}
	}
	return all
}

// quirks returns every choice that has the same phase of the sweeps as one.
func (h *history) quirks(c choice) (all []choice) {
	bools := []bool{false, true}
	for forged := range server.ForgedTaken + 1 {
		for nameless := range server.NamelessEnds + 1 {
			for _, early := range bools {
				for _, stays := range bools {
					for _, bad := range bools {
						for _, takeover := range takeovers {
							c.quirks = server.Quirks{
								ForgedFrom: forged, NamelessC2C: nameless, EarlyLogoutIgnored: early, KickedStays: stays,
								BadDatagramEnds: bad, ReplacedReported: takeover.reported, TakeoverLost: takeover.lost,
							}
							for _, c.strict = range bools {
								all = append(all, c)
							}
						}
					}
				}
			}
		}
	}
	return all
}

// takeovers are what may come of the end of a session that a new one replaces (§7 Order).
var takeovers = []struct{ reported, lost bool }{{false, false}, {true, false}, {false, true}, {true, true}}

// sweeps reports whether a message may have waited for its ACK until a sweep.
func (h *history) sweeps() bool {
	return h.until >= qos.ServerPolicy.MinAge && slices.ContainsFunc(h.steps, func(p performed) bool { return p.step.QoS })
}

// compare plays the conversation to the model with a choice and returns the first thing
// in which it differs from what was seen, nil for none.
func (h *history) compare(c choice) *Difference {
	m := newModel(h.modes, h.app, c)
	for i := range h.steps {
		m.play(&h.steps[i])
	}
	m.advance(h.until)
	return h.match(m.out)
}

// match pairs what was expected with what was seen. Within a connection nothing is
// ordered but by the times of its causes: §7 leaves the rest open.
func (h *history) match(expected []observation) *Difference {
	used := make([]bool, len(expected))
	var found []Difference
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
			found = append(found, Difference{At: s.at, Conn: s.conn, Expected: nothingFurther, Actual: s.String()})
			continue
		}
		used[best] = true
		if expected[best].inOrder {
			if best < last[s.conn] {
				found = append(found, Difference{At: s.at, Conn: s.conn, Expected: "responses in the order of what they answer", Actual: s.String()})
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
		found = append(found, Difference{At: e.at, Conn: e.conn, Expected: e.String(), Actual: nothing})
	}
	if len(found) == 0 {
		return nil
	}
	first := slices.MinFunc(found, func(a, b Difference) int { return cmp.Compare(a.At, b.At) })
	return h.paired(first, found)
}

const (
	nothing        = "nothing"
	nothingFurther = "nothing further"
)

// paired makes one difference of something that did not come and of what came instead, on
// the same connection at about the same time.
func (h *history) paired(first Difference, found []Difference) *Difference {
	for _, other := range found {
		if other.Conn != first.Conn || (other.At-first.At).Abs() > h.limits.late {
			continue
		}
		switch {
		case first.Actual == nothing && other.Expected == nothingFurther:
			first.Actual = other.Actual
			return &first
		case first.Expected == nothingFurther && other.Actual == nothing:
			first.Expected = other.Expected
			return &first
		}
	}
	return &first
}

// hears reports whether an event of the application would have been seen: one that names
// nobody of the conversation may be of any other.
func (h *history) hears(e observation) bool {
	names := e.user + e.fingerprint
	return h.events && (strings.Contains(names, "-") || h.alone && names == "")
}

// String is what was seen or expected, on one line.
func (o observation) String() string {
	text := o.text
	if o.conn == application {
		text += fmt.Sprintf(" user=%q", o.user)
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
