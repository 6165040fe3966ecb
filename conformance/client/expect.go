package client

import (
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// Expect waits up to a moment for the first thing that the client does, since the case
// began and not yet expected, that match accepts. expected describes it.
func (s *Scene) Expect(expected string, until time.Time, match func(*Entry) bool) *Entry {
	started := time.Now()
	e := s.find(until, match)
	if e == nil {
		s.miss(expected, started)
	}
	return e
}

// find is Expect without an end of the case; it returns nil when nothing comes.
func (s *Scene) find(until time.Time, match func(*Entry) bool) *Entry {
	var found *Entry
	s.await(until, func() (bool, <-chan struct{}) {
		e, changed := s.look(match)
		found = e
		return e != nil, changed
	})
	return found
}

// await waits up to a moment until done, and for as much longer as an impaired path takes;
// the channel is closed once more has come.
func (s *Scene) await(until time.Time, done func() (bool, <-chan struct{})) {
	timer := time.NewTimer(time.Until(until.Add(s.PathDelay)))
	defer timer.Stop()
	for {
		ok, changed := done()
		if ok {
			return
		}
		s.checkDriver()
		select {
		case <-changed:
		case <-timer.C:
			done()
			return
		case <-s.Context().Done():
			s.CheckAlive()
		}
	}
}

// look returns the first match in the log, and a channel that is closed once more comes.
func (s *Scene) look(match func(*Entry) bool) (*Entry, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.log {
		if !e.accounted && match(e) {
			e.accounted = true
			return e, nil
		}
	}
	return nil, s.changed
}

// checkDriver ends the case when its client has gone, or cannot do what it was told.
func (s *Scene) checkDriver() {
	if e, _ := s.look(func(e *Entry) bool { return e.isEvent(driverapi.EventUnsupported) }); e != nil {
		suite.NotSupported(fmt.Sprintf("the driver of the client does not support %q", e.Event.Do))
	}
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if failed != nil {
		s.Note(failed)
		suite.Broken(failed)
	}
}

// Seen returns what the client did so far, was not expected and matches.
func (s *Scene) Seen(match func(*Entry) bool) (seen []*Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.log {
		if !e.accounted && match(e) {
			seen = append(seen, e)
		}
	}
	return seen
}

// Count returns the number of entries that Seen returns.
func (s *Scene) Count(match func(*Entry) bool) int { return len(s.Seen(match)) }

// shownInstead bounds the entries that a failure names as what came instead.
const shownInstead = 3

// miss ends the case because something did not come.
func (s *Scene) miss(expected string, started time.Time) {
	instead := ""
	s.mu.Lock()
	count := 0
	for _, e := range s.log {
		if !e.accounted && !e.Opened && !e.Is(wire.TypeKeepAlive) && e.At.After(started) {
			if count++; count <= shownInstead {
				instead += fmt.Sprintf("; after %v came %s", e.At.Sub(started).Round(time.Millisecond), e)
			}
		}
	}
	s.mu.Unlock()
	s.Overdue(started, expected, false, instead)
}

// ExpectEvent waits as long as for an answer for an event of a kind that match accepts; nil
// accepts any.
func (s *Scene) ExpectEvent(expected string, kind driverapi.EventKind, match func(driverapi.Event) bool) *Entry {
	return s.ExpectEventBy(expected, time.Now().Add(s.replyTime()), kind, match)
}

// ExpectEventBy is ExpectEvent up to a moment.
func (s *Scene) ExpectEventBy(expected string, until time.Time, kind driverapi.EventKind, match func(driverapi.Event) bool) *Entry {
	return s.Expect(expected, until, func(e *Entry) bool {
		return e.isEvent(kind) && (match == nil || match(*e.Event))
	})
}

// ExpectMessage waits as long as for an answer for a message of a type that match accepts;
// nil accepts any.
func (s *Scene) ExpectMessage(expected string, kind wire.Type, match func(wire.Message) bool) *Entry {
	return s.ExpectMessageBy(expected, time.Now().Add(s.replyTime()), kind, match)
}

// ExpectMessageBy is ExpectMessage up to a moment.
func (s *Scene) ExpectMessageBy(expected string, until time.Time, kind wire.Type, match func(wire.Message) bool) *Entry {
	return s.Expect(expected, until, func(e *Entry) bool {
		return e.Is(kind) && (match == nil || match(e.Message))
	})
}

// ExpectSame waits for a message that is the same as m in everything that means something.
// When the client sent one other message of that type instead, the failure compares the two.
func (s *Scene) ExpectSame(m wire.Message) *Entry {
	started := time.Now()
	e := s.find(started.Add(s.replyTime()), func(e *Entry) bool { return e.Is(m.Type) && Same(e.Message, m) })
	if e != nil {
		return e
	}
	expected := fmt.Sprintf("%s %s", m.Type, m)
	if others := s.Seen(func(e *Entry) bool { return e.Is(m.Type) }); len(others) == 1 {
		suite.Fail(expected, others[0].String())
	}
	s.miss(expected, started)
	return nil
}

// Same reports whether a message of a client is the same as another one but for fields that
// mean nothing there (§8): the stamp, and what an ACK has besides its content.
func Same(got, want wire.Message) bool {
	got.ServerTime = want.ServerTime
	if want.Type == wire.TypeReceived {
		got.UserType, got.Fingerprint = want.UserType, want.Fingerprint
	}
	return got == want
}

// allowance is something that the client is free to do, a number of times.
type allowance struct {
	left  int
	match func(*Entry) bool
}

// AllowEvents lets the client report events of a kind, any number of times.
func (s *Scene) AllowEvents(kind driverapi.EventKind) {
	s.allow(maxEntries, func(e *Entry) bool { return e.isEvent(kind) })
}

// AllowMessages lets the client send messages of a type, any number of times.
func (s *Scene) AllowMessages(kind wire.Type) {
	s.allow(maxEntries, func(e *Entry) bool { return e.Is(kind) })
}

func (s *Scene) allow(count int, match func(*Entry) bool) {
	s.allowances = append(s.allowances, &allowance{count, match})
}
