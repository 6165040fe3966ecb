package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/wire"
)

// Push has the server's application send a message. The case needs
// target.CapabilityS2C.
func (s *Scene) Push(m wire.Message) {
	s.transcript.Remark("control", "push "+m.String())
	if _, err := s.run.control.Push(s.ctx, m); err != nil {
		s.controlFailed("the control API sends the message", err)
	}
}

// Kick has an administrator end a user's session. The case needs
// target.CapabilityKick.
func (s *Scene) Kick(user string, kick wire.Kickout) {
	s.transcript.Remark("control", fmt.Sprintf("kick %s with code %d", user, kick.Code))
	if err := s.run.control.Kick(s.ctx, user, kick); err != nil {
		s.controlFailed("the control API kicks the user", err)
	}
}

// Online lists who is logged in. The case needs target.CapabilityOnline.
func (s *Scene) Online() []string {
	users, err := s.run.control.Online(s.ctx)
	if err != nil {
		s.controlFailed("the control API lists the users that are online", err)
	}
	return users
}

// controlFailed ends the case. A user that should be online and is not is the
// target's fault; anything else says nothing of the protocol.
func (s *Scene) controlFailed(expected string, err error) {
	s.checkAlive()
	if errors.Is(err, target.ErrNotOnline) {
		fail(expected, err.Error())
	}
	broken(err)
}

// ExpectEvent waits for an event of the server's application. The case needs
// target.CapabilityEvents.
func (s *Scene) ExpectEvent(name string, match func(target.Event) bool) target.Event {
	return s.ExpectEventUntil(time.Now().Add(s.run.timeouts.Reply), name, match)
}

// ExpectEventUntil is ExpectEvent with a deadline.
func (s *Scene) ExpectEventUntil(deadline time.Time, name string, match func(target.Event) bool) target.Event {
	ctx, cancel := context.WithDeadline(s.ctx, deadline)
	defer cancel()
	started := time.Now()
	event, err := s.run.events.Wait(ctx, func(e target.Event) bool { return e.Event == name && match(e) })
	switch expected := "the application is told of: " + name; {
	case err == nil:
	case s.ctx.Err() != nil:
		s.checkAlive()
	case ctx.Err() != nil:
		s.overdue(started, expected)
	default:
		fail(expected, err.Error())
	}
	s.transcript.Remark("control", fmt.Sprintf("event %s of user %q, fingerprint %q", event.Event, event.User, event.Fingerprint))
	return event
}

// ExpectCode holds which code an event carries.
func (s *Scene) ExpectCode(e target.Event, code wire.Code) {
	if e.IsCode(code) {
		return
	}
	actual := "no code"
	if e.Code != nil {
		actual = fmt.Sprintf("code %d", *e.Code)
	}
	fail(fmt.Sprintf("the event %s of user %q with code %d", e.Event, e.User, code), actual)
}

// EventsSoFar counts events. It says something only after a later event, from
// the same session, has been waited for.
func (s *Scene) EventsSoFar(name string, match func(target.Event) bool) int {
	return s.run.events.Count(func(e target.Event) bool { return e.Event == name && match(e) })
}

// ExpectEventCount holds how many events there were so far. Like EventsSoFar
// it says something only after a later event has been waited for.
func (s *Scene) ExpectEventCount(want int, name string, match func(target.Event) bool) {
	if got := s.EventsSoFar(name, match); got != want {
		fail(times(want, name), times(got, name))
	}
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

// Of matches the events of a user.
func Of(user string) func(target.Event) bool {
	return func(e target.Event) bool { return e.User == user }
}

// Naming matches the events about a fingerprint.
func Naming(fingerprint string) func(target.Event) bool {
	return func(e target.Event) bool { return e.Fingerprint == fingerprint }
}
