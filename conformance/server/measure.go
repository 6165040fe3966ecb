package server

import (
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// lateFor returns the time added to the upper bound of a measured time while waiting
// for it.
func (s *Scene) lateFor() time.Duration { return s.Tolerance + s.world.timeouts.Late }

// MeasureClosed measures when the server closes a stream that went silent
// after an activity.
func (s *Scene) MeasureClosed(p *Peer, name string, last Activity, nominal time.Duration) {
	uncertain := last.Answered.Sub(last.Sent)
	at := p.expectClosedUntil(last.Sent.Add(nominal + uncertain + s.lateFor()))
	s.MeasureUncertain(name, last.Sent, at, nominal, nominal, uncertain)
}

// measureMessage waits for a message that is sent once, while sessions are kept alive.
func (s *Scene) measureMessage(p *Peer, want wire.Message, name string, since time.Time, lower, upper time.Duration, h *KeepAliveLoop) (wire.Message, time.Time) {
	w := p.gets(s.Due(name, lower, upper)+": "+describe(want), p.matches(want))
	if s.anyLossy() {
		w.since = since.Add(pathCopy) // the path may have made a copy of the first one
	}
	w.allow()
	if p.lossy() {
		s.Assume(suite.AssumesOneDatagram)
	}
	started, deadline := time.Now(), since.Add(upper+s.lateFor())
	for h.due.Before(deadline) && !w.met(h.due) {
		h.sendDue(false)
	}
	if !w.met(deadline) {
		w.miss(started, 1)
	}
	s.Measure(name, since, w.At(), lower, upper)
	return w.Message(), w.At()
}

// MeasureEvent measures when the application was notified, which may be earlier or
// later than the wire shows (§7).
func (s *Scene) MeasureEvent(name string, since time.Time, w *EventWant, nominal time.Duration) {
	s.MeasureEventAfter(name, Activity{Sent: since, Answered: since}, w, nominal)
}

// MeasureEventAfter is MeasureEvent for a time that starts with an activity.
func (s *Scene) MeasureEventAfter(name string, last Activity, w *EventWant, nominal time.Duration) {
	settle := s.settleTime()
	s.Measure(name, last.Sent, w.event.ReadAt, nominal-settle, nominal+last.Answered.Sub(last.Sent)+settle)
}

// MeasureForgotten brackets when the server forgets a UDP session that went
// silent: nothing is sent then, and asking keeps the session. So it takes two
// sessions that went silent; one is asked just before the time and is still
// logged in, the other just after it and is not.
func (s *Scene) MeasureForgotten(before, after *Peer, name string, lastBefore, lastAfter Activity, nominal time.Duration) {
	s.WaitUntil(lastBefore.Sent.Add(nominal - s.Tolerance - s.PathDelay)) // the question takes its time
	s.Ask(suite.Question{Of: name, Side: reports.SideBefore, Nominal: nominal, Since: lastBefore.Sent, Unanswered: false}, before.expectStillThere)
	s.WaitUntil(lastAfter.Answered.Add(nominal + s.Tolerance))
	// A busy machine runs the target's timers late (§7), by about as much as its answers.
	slow := s.world.slowness.Between(lastAfter.Sent, time.Now())
	s.WaitUntil(lastAfter.Sent.Add(nominal + s.Tolerance + slow))
	s.Ask(suite.Question{Of: name, Side: reports.SideAfter, Nominal: nominal, Since: lastAfter.Answered, Unanswered: lastAfter.unanswered}, after.ExpectNotLoggedIn)
}

// expectStillThere asks at once, with enough copies that one arrives: a later question
// would prove nothing.
func (p *Peer) expectStillThere() {
	started, beat := time.Now(), wire.NewKeepAlive(p.User)
	there, gone := p.Gets(wire.NewKeepAliveResponse(p.User)), p.Gets(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat))
	for range lossyCopies {
		p.Send(beat)
		there.allow()
	}
	answered := func(a *arrival) bool { return there.match(a) || gone.match(a) }
	switch a := p.find(started.Add(p.scene.replyTime()), answered); {
	case a == nil:
		p.scene.Overdue(started, there.expected, true)
	case gone.match(a):
		suite.Fail(there.expected, a.String())
	}
	there.allowed.left--
}
