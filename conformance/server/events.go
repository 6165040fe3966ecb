package server

import (
	"context"
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// EventWant is something that the application has to be told. How often it was
// told is counted at the end of the case, when everything has settled: the
// application may learn of a thing later than the wire shows it, or earlier (§7).
type EventWant struct {
	scene *Scene
	name  string
	match func(target.Event) bool
	once  bool // however often its cause is repeated

	sent *wire.Message // what each event has to carry; nil when there is no message

	need, may int // how often the application has to be told, and may be told
	event     target.Event
	seen      time.Time // when the last one that was needed was here
}

// Told wants the application to be told of something each time the case causes
// it. From a target without target.CapabilityEvents it wants nothing, so that cases
// which look at the wire too need not need it.
func (s *Scene) Told(name string, match func(target.Event) bool) *EventWant {
	w := s.told(name, match)
	s.counts = append(s.counts, w)
	return w
}

// ToldOnce wants the application to be told of something once, however often its
// cause is repeated.
func (s *Scene) ToldOnce(name string, match func(target.Event) bool) *EventWant {
	w := s.Told(name, match)
	w.once, w.need, w.may = true, 1, 1
	return w
}

// NeverTold holds that by the end of the case the application was not told of
// something.
func (s *Scene) NeverTold(name string, match func(target.Event) bool) { s.Told(name, match) }

// MayBeTold lets the application be told of something, up to n times by the end of
// the case.
func (s *Scene) MayBeTold(n int, name string, match func(target.Event) bool) {
	s.Told(name, match).may = n
}

func (s *Scene) told(name string, match func(target.Event) bool) *EventWant {
	return &EventWant{scene: s, name: name, match: match}
}

// As holds that each of the events carries a message as it was sent. The control
// API may leave the message out (docs/contracts.md, part A).
func (w *EventWant) As(m wire.Message) *EventWant {
	w.sent = &m
	return w
}

// NotYet holds that the application has not been told so far.
func (w *EventWant) NotYet() {
	if n := w.count(); n > 0 {
		suite.Fail("the application is not told yet of: "+w.name, times(n, w.name))
	}
}

// Again lets the application be told once more.
func (w *EventWant) Again() { w.need, w.may = w.need+1, w.may+1 }

// Expect waits for what the case has caused without SendUntil.
func (w *EventWant) Expect() target.Event {
	return w.ExpectUntil(time.Now().Add(w.scene.replyTime()))
}

// ExpectUntil is Expect with a deadline. The case needs target.CapabilityEvents.
func (w *EventWant) ExpectUntil(deadline time.Time) target.Event {
	started := time.Now()
	w.begin(started)
	w.allow()
	if !w.met(deadline) {
		w.miss(started, 1)
	}
	return w.event
}

// Event is the last one that was needed.
func (w *EventWant) Event() target.Event { return w.event }

func (w *EventWant) begin(time.Time) {
	if !w.once {
		w.need++
	}
}

func (w *EventWant) allow() {
	if !w.once {
		w.may++
	}
}

func (w *EventWant) lossy() bool { return false }

func (w *EventWant) at() time.Time { return w.seen }

func (w *EventWant) met(until time.Time) bool {
	s := w.scene
	if s.world.events == nil {
		return true
	}
	s.Assume(suite.AssumesSettling)
	ctx, cancel := context.WithDeadline(s.Context(), until)
	defer cancel()
	n := 0
	event, err := s.world.events.Wait(ctx, func(e target.Event) bool {
		if e.Event == w.name && w.match(e) {
			n++
		}
		return n == w.need
	})
	switch {
	case err == nil:
		w.event, w.seen = event, time.Now()
		s.Transcript.Remark("control", fmt.Sprintf("event %s of user %q, fingerprint %q", event.Event, event.User, event.Fingerprint))
		return true
	case s.Context().Err() != nil:
		s.CheckAlive()
	case ctx.Err() == nil: // the stream of events has ended, which says nothing of the protocol
		suite.Broken(err)
	}
	return false
}

func (w *EventWant) miss(started time.Time, acts int) {
	expected := times(w.need, w.name)
	if n := w.count(); n > 0 {
		suite.FailOn(w.scene.anyLossy() && acts == 1, expected, times(n, w.name))
	}
	w.scene.Overdue(started, expected, w.scene.anyLossy() && acts == 1)
}

// count is how often the application has been told so far.
func (w *EventWant) count() int { return w.countOf(func(target.Event) bool { return true }) }

func (w *EventWant) countOf(which func(target.Event) bool) int {
	if w.scene.world.events == nil {
		return 0
	}
	return w.scene.world.events.Count(func(e target.Event) bool { return e.Event == w.name && w.match(e) && which(e) })
}

// expectCount holds how often the application was told in all, and of what.
func (w *EventWant) expectCount() {
	if w.scene.world.events == nil {
		return
	}
	n := w.count()
	if n <= w.may {
		w.scene.checkEvents()
	}
	if n < w.need || n > w.may {
		suite.FailOn(w.scene.anyLossy() && n > 0 && w.may > 0, times(w.need, w.name), times(n, w.name))
	}
	if w.sent == nil {
		return
	}
	w.countOf(func(e target.Event) bool {
		if len(e.Message) > 0 && !carries(e, *w.sent) {
			suite.Fail(w.name+" with "+describe(*w.sent), string(clip(e.Message)))
		}
		return false
	})
}

// carries reports whether an event has a message as it was sent.
func carries(e target.Event, sent wire.Message) bool {
	told, err := wire.Decode(e.Message)
	return err == nil && told.From == sent.From && told.To == sent.To && told.DataContent == sent.DataContent &&
		told.Fingerprint == sent.Fingerprint && told.UserType == sent.UserType
}

// checkEvents ends the case when the stream of events has ended: what it lacks may
// have happened.
func (s *Scene) checkEvents() {
	if err := s.world.events.Err(); err != nil {
		suite.Broken(err)
	}
}

// anyLossy reports whether a connection of the case is lossy.
func (s *Scene) anyLossy() bool {
	for _, p := range s.peers {
		if p.lossy() {
			return true
		}
	}
	return false
}

// times says how often the application was told of something.
func times(n int, name string) string {
	switch n {
	case 0:
		return "the application is not told of: " + name
	case 1:
		return "the application is told once of: " + name
	}
	return fmt.Sprintf("the application is told %d times of: %s", n, name)
}
