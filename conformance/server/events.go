package server

import (
	"context"
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// EventWant is an event that the application has to be notified of. How often it was
// notified is counted at the end of the case, when everything has settled: the
// application may learn of a thing later than the wire shows it, or earlier (§7).
type EventWant struct {
	scene *Scene
	name  controlapi.EventName
	match func(target.Event) bool
	once  bool // it comes once, however often its cause is repeated

	sent *wire.Message // message that each event has to carry; nil for none

	need, may int // notifications that are required, and that are allowed
	event     target.Event
	seen      time.Time // time of the last one that was needed
}

// Notified expects an event each time the case causes it. From a target without
// controlapi.CapabilityEvents it expects nothing, so that cases which check the wire as
// well do not have to need the capability.
func (s *Scene) Notified(name controlapi.EventName, match func(target.Event) bool) *EventWant {
	w := s.newEventWant(name, match)
	s.counts = append(s.counts, w)
	return w
}

// NotifiedOnce expects an event once, however often its cause is repeated.
func (s *Scene) NotifiedOnce(name controlapi.EventName, match func(target.Event) bool) *EventWant {
	w := s.Notified(name, match)
	w.once, w.need, w.may = true, 1, 1
	return w
}

// NeverNotified fails the case if there was such an event by its end.
func (s *Scene) NeverNotified(name controlapi.EventName, match func(target.Event) bool) {
	s.Notified(name, match)
}

// MayBeNotified allows up to n such events by the end of the case.
func (s *Scene) MayBeNotified(n int, name controlapi.EventName, match func(target.Event) bool) {
	s.Notified(name, match).may = n
}

func (s *Scene) newEventWant(name controlapi.EventName, match func(target.Event) bool) *EventWant {
	return &EventWant{scene: s, name: name, match: func(e target.Event) bool { return s.isRecent(e) && match(e) }}
}

// As requires each of the events to carry a message as it was sent. The control API may
// leave the message out (docs/contracts.md, part A).
func (w *EventWant) As(m wire.Message) *EventWant {
	w.sent = &m
	return w
}

// NotYet fails the case if there has been such an event.
func (w *EventWant) NotYet() {
	if n := w.count(); n > 0 {
		suite.Fail("the application is not told yet of: "+string(w.name), times(n, w.name))
	}
}

// Again expects the event once more.
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

// Event returns the last event that was expected.
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

// count returns the number of such events so far.
func (w *EventWant) count() int { return w.countOf(func(target.Event) bool { return true }) }

func (w *EventWant) countOf(which func(target.Event) bool) int {
	if w.scene.world.events == nil {
		return 0
	}
	return w.scene.world.events.Count(func(e target.Event) bool { return e.Event == w.name && w.match(e) && which(e) })
}

// expectCount fails the case when there were fewer or more events than expected, or
// when one carries another message.
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
			suite.Fail(string(w.name)+" with "+describe(*w.sent), string(clip(e.Message)))
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

// checkEvents ends the case when the stream of events has ended: events that are
// missing may have happened.
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

// times describes a number of notifications.
func times(n int, name controlapi.EventName) string {
	switch n {
	case 0:
		return "the application is not told of: " + string(name)
	case 1:
		return "the application is told once of: " + string(name)
	}
	return fmt.Sprintf("the application is told %d times of: %s", n, name)
}
