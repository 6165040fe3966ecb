package server

import (
	"errors"
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Push has the server's application send a message. The case needs
// target.CapabilityS2C.
func (s *Scene) Push(m wire.Message) {
	s.notePassedOn(m)
	s.Transcript.Remark("control", "push "+m.String())
	if _, err := s.world.control.Push(s.Context(), m); err != nil {
		s.controlFailed("the control API sends the message", err)
	}
}

// Kick has an administrator end a user's session. The case needs
// target.CapabilityKick.
func (s *Scene) Kick(user string, kick wire.Kickout) {
	s.Transcript.Remark("control", fmt.Sprintf("kick %s with code %d", user, kick.Code))
	if err := s.world.control.Kick(s.Context(), user, kick); err != nil {
		s.controlFailed("the control API kicks the user", err)
	}
}

// isOnline asks whether the list of logged-in users contains a user. The case needs
// target.CapabilityOnline.
func (s *Scene) isOnline(user string) bool {
	online, err := s.world.control.IsOnline(s.Context(), user)
	if err != nil {
		s.controlFailed("the control API lists the users that are online", err)
	}
	return online
}

// controlFailed ends the case. It is the target's fault when a user is not online who
// should be; any other error says nothing about the protocol.
func (s *Scene) controlFailed(expected string, err error) {
	s.Note(err)
	s.CheckAlive()
	if errors.Is(err, target.ErrNotOnline) {
		suite.Fail(expected, err.Error())
	}
	suite.Broken(err)
}

// PushUntil has the server's application send a message until everything wanted
// has come, repeatedly where datagrams may be lost. The case needs
// target.CapabilityS2C.
func (s *Scene) PushUntil(m wire.Message, wants ...Want) {
	s.until(false, func() { s.Push(m) }, wants...)
}

// ExpectOnline waits until the list of users contains a user, or no longer does. The
// case needs target.CapabilityOnline.
func (s *Scene) ExpectOnline(user string, online bool) {
	const pace = 50 * time.Millisecond
	s.Assume(suite.AssumesSettling)
	started := time.Now()
	for deadline := started.Add(s.replyTime()); s.isOnline(user) != online; s.Wait(pace) {
		if time.Now().After(deadline) {
			lists := map[bool]string{true: "the list of users has %q", false: "the list of users does not have %q"}
			suite.Failf(fmt.Sprintf(lists[online], user), lists[!online], user)
		}
	}
}

// ExpectEvent waits for an event of the server's application. The case needs
// target.CapabilityEvents.
func (s *Scene) ExpectEvent(name controlapi.EventName, match func(target.Event) bool) target.Event {
	return s.ExpectEventUntil(time.Now().Add(s.replyTime()), name, match)
}

// ExpectEventUntil is ExpectEvent with a deadline.
func (s *Scene) ExpectEventUntil(deadline time.Time, name controlapi.EventName, match func(target.Event) bool) target.Event {
	return s.newEventWant(name, match).ExpectUntil(deadline)
}

// ExpectCode fails the case unless an event carries a code.
func (s *Scene) ExpectCode(e target.Event, code wire.Code) {
	if e.IsCode(code) {
		return
	}
	actual := "no code"
	if e.Code != nil {
		actual = fmt.Sprintf("code %d", *e.Code)
	}
	suite.Fail(fmt.Sprintf("the event %s of user %q with code %d", e.Event, e.User, code), actual)
}

// OfUser matches the events of a user.
func OfUser(user string) func(target.Event) bool {
	return func(e target.Event) bool { return e.User == user }
}

// OfNoUser matches future events that name no user, and those that name the user of a
// connection which has not logged in. On a faulty server another case may have caused
// them.
func OfNoUser(user string) func(target.Event) bool {
	since := time.Now()
	return func(e target.Event) bool { return e.User == user || e.User == "" && !e.ReadAt.Before(since) }
}

// WithContent matches the events about the message with this content, which has to be
// unique.
func WithContent(content string) func(target.Event) bool {
	return func(e target.Event) bool {
		m, err := wire.Decode(e.Message)
		return err == nil && m.DataContent.Is(content)
	}
}

// OfUserWithCode matches the events of a user that carry a code.
func OfUserWithCode(user string, code wire.Code) func(target.Event) bool {
	return func(e target.Event) bool { return e.User == user && e.IsCode(code) }
}

// WithFingerprint matches the events about the message with this fingerprint.
func WithFingerprint(fingerprint string) func(target.Event) bool {
	return func(e target.Event) bool { return e.Fingerprint == fingerprint }
}
