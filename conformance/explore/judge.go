package explore

import (
	"fmt"
	"reflect"
	"slices"
	"time"

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
	message wire.Message // of Data, Push, Kick, Copy and ACK
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
	stamps bool // the server stamps its messages
	limits bounds
}

// bounds say how far an observation may be from the time that the model gives.
type bounds struct {
	early  time.Duration // before it
	late   time.Duration // after it
	quiet  time.Duration // after which it is taken not to come
	expiry time.Duration // after it, for an expiry
}

// Difference is the first thing in a conversation that no choice of the model explains.
type Difference struct {
	At       time.Duration
	Conn     int // or -1 for the application
	Expected string
	Actual   string
	late     time.Duration // how late an answer on a connection, or all events from here on, came at most
	cause    cause
}

// cause groups differences that most likely have the same cause: by the kind of thing that
// was expected, by that which came instead, by the place and by the action before it.
type cause struct {
	expected, actual string // kinds of observations; "" for none
	application      bool
	after            Action
}

func (c *cause) String() string {
	text := fmt.Sprintf("%s instead of %s", c.actual, c.expected)
	switch {
	case c.expected == "":
		text = c.actual + " that the rules do not have"
	case c.actual == "":
		text = "no " + c.expected
	case c.expected == c.actual:
		text = "another " + c.expected + " than the rules have"
	}
	if c.application {
		text += ", among the events of the application"
	}
	return fmt.Sprintf("%s, after the step %s", text, c.after)
}

// judge looks for a choice of what §7 leaves open with which the model did what was seen.
// It returns nil when there is one, and else the difference of the choice that explains
// most of the conversation. The choices that explained earlier conversations are tried
// first, and the one that does moves to the front.
func (h *history) judge(favourites *[]choice) *Difference {
	s := search{history: h}
	starts := append(slices.Clone(*favourites), choice{})
	for _, c := range starts {
		if s.explains(c) {
			break
		}
	}
	best := s.best
	others := slices.DeleteFunc(starts, func(c choice) bool { return c == best })
	for _, c := range append([]choice{best}, others...) { // each may lead elsewhere
		if s.difference != nil {
			s.climb(c)
		}
	}
	s.combine()
	if s.difference != nil {
		return s.difference
	}
	others = slices.DeleteFunc(slices.Clone(*favourites), func(f choice) bool { return f == s.best })
	*favourites = append([]choice{s.best}, others[:min(len(others), 5)]...)
	return nil
}

// search is a search for the choice that explains most of a conversation.
type search struct {
	history    *history
	best       choice
	tried      bool                // any choice
	difference *Difference         // of the best choice; nil when it explains everything
	matters    [len(freedoms)]bool // freedoms whose choice changes what the model does
}

// try tries a choice, and keeps it when it explains more than those before. It returns what
// the model does with it, and the first thing that this does not explain.
func (s *search) try(c choice) ([]observation, *Difference) {
	expected := s.history.play(c)
	d := s.history.match(expected)
	if !s.tried || s.difference != nil && (d == nil || d.At > s.difference.At) {
		s.tried, s.best, s.difference = true, c, d
	}
	return expected, d
}

// explains tries a choice, and reports whether one has been found that explains everything.
func (s *search) explains(c choice) bool {
	s.try(c)
	return s.difference == nil
}

// climb changes one thing at a time, from a choice on, for as long as that explains more:
// each freedom shows where it matters. It notes which ones do.
func (s *search) climb(from choice) {
	for {
		expected, difference := s.try(from)
		if difference == nil {
			return
		}
		next, reached := from, difference.At
		for i := range freedoms {
			for n := range freedoms[i].ways {
				c := from.with(i, n)
				if c == from || freedoms[i].applies != nil && !freedoms[i].applies(s.history) {
					continue
				}
				does, difference := s.try(c)
				if difference == nil {
					return
				}
				s.matters[i] = s.matters[i] || !reflect.DeepEqual(does, expected)
				if difference.At > reached {
					next, reached = c, difference.At
				}
			}
		}
		if next == from {
			return
		}
		from = next
	}
}

// combine tries every combination of the freedoms that matter.
func (s *search) combine() {
	if s.difference == nil {
		return
	}
	all := []choice{s.best}
	for i := range freedoms {
		if !s.matters[i] || freedoms[i].alone {
			continue
		}
		for _, c := range slices.Clone(all) {
			for n := range freedoms[i].ways {
				if other := c.with(i, n); other != c {
					all = append(all, other)
				}
			}
		}
	}
	for _, c := range all[1:] { // the first has been tried
		if s.explains(c) {
			return
		}
	}
}

// play plays the conversation to the model with a choice and returns what it does.
func (h *history) play(c choice) []observation {
	m := newModel(h.modes, h.app, h.stamps, c, h)
	for i := range h.steps {
		m.play(&h.steps[i])
	}
	m.advance(h.until, true)
	return m.out
}
