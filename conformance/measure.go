package conformance

import (
	"fmt"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Measure notes the time from one moment to another and fails the case when it
// is out of bounds by more than the tolerance. When the harness's own lag
// meanwhile could explain that, the case is inconclusive instead. Bounds that are
// equal are one nominal time.
func (s *Scene) Measure(name string, from, to time.Time, lower, upper time.Duration) {
	s.measure(name, from, to, lower, upper, 0)
}

// measure is Measure for a time whose start is known only so well: the target may
// have seen it later by uncertain.
func (s *Scene) measure(name string, from, to time.Time, lower, latest, uncertain time.Duration) {
	s.assume(AssumesTime)
	upper := latest + uncertain
	value, lag := to.Sub(from), s.run.lag.between(from, to)
	rule := reports.RuleWindow
	if lower == latest {
		rule = reports.RulePoint
	}
	s.measurements = append(s.measurements, reports.Measurement{
		Name: name, Rule: rule, Shows: reports.ShowsEnded, Value: milliseconds(value), Lower: milliseconds(lower), Upper: milliseconds(upper),
		Tolerance: milliseconds(s.Tolerance()), Lag: milliseconds(lag),
	})
	miss := max(lower-value, value-upper) - s.Tolerance()
	if miss <= 0 {
		return
	}
	expected := s.due(name, lower, upper)
	actual := fmt.Sprintf("after %v", value.Round(time.Millisecond))
	if miss <= lag {
		inconclusive(fmt.Sprintf("expected %s; it was %s, but the harness itself was up to %v late", expected, actual, lag.Round(time.Millisecond)))
	}
	if delay := s.pathDelay(); miss <= delay {
		inconclusive(fmt.Sprintf("expected %s; it was %s, but the impaired path adds up to %v", expected, actual, delay))
	}
	// A busy machine runs the target's timers late, never early (§7). How slowly it
	// answers is part of what is uncertain already.
	if slow := s.run.slowness.between(from, to); value > upper && value-latest-s.Tolerance() <= slow {
		inconclusive(fmt.Sprintf("expected %s; it was %s, but the target took up to %v to answer an echo meanwhile", expected, actual, slow.Round(time.Millisecond)))
	}
	fail(expected, actual)
}

// due says when something has to happen.
func (s *Scene) due(name string, lower, upper time.Duration) string {
	return fmt.Sprintf("%s: after %s", name, bounds(lower, upper, s.Tolerance()))
}

func bounds(lower, upper, tolerance time.Duration) string {
	lower, upper = lower.Round(time.Millisecond), upper.Round(time.Millisecond)
	if lower == upper {
		return fmt.Sprintf("%v ± %v", lower, tolerance)
	}
	return fmt.Sprintf("%v to %v (± %v)", lower, upper, tolerance)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// lateFor is how long past its upper bound a timed thing is waited for.
func (s *Scene) lateFor() time.Duration { return s.Tolerance() + s.run.timeouts.Late }

// MeasureClosed measures when the server closes a stream that went silent
// after an activity.
func (s *Scene) MeasureClosed(p *Peer, name string, last Activity, nominal time.Duration) {
	uncertain := last.Answered.Sub(last.Sent)
	at := p.expectClosedUntil(last.Sent.Add(nominal + uncertain + s.lateFor()))
	s.measure(name, last.Sent, at, nominal, nominal, uncertain)
}

// measureMessage waits for a message of which one copy is sent, while a heart beats.
func (s *Scene) measureMessage(p *Peer, want wire.Message, name string, since time.Time, lower, upper time.Duration, h *Heart) (wire.Message, time.Time) {
	w := p.gets(s.due(name, lower, upper)+": "+describe(want), p.matches(want))
	if s.anyLossy() {
		w.since = since.Add(pathCopy) // the path may have made a copy of the first one
	}
	w.allow()
	if p.lossy() {
		s.assume(AssumesOneDatagram)
	}
	started, deadline := time.Now(), since.Add(upper+s.lateFor())
	for h.due.Before(deadline) && !w.met(h.due) {
		h.beat(false)
	}
	if !w.met(deadline) {
		w.miss(started, 1)
	}
	s.Measure(name, since, w.At(), lower, upper)
	return w.Message(), w.At()
}

// MeasureEvent measures when the application was told of something. It may be told
// earlier or later than the wire shows (§7).
func (s *Scene) MeasureEvent(name string, since time.Time, w *EventWant, nominal time.Duration) {
	s.MeasureEventAfter(name, Activity{Sent: since, Answered: since}, w, nominal)
}

// MeasureEventAfter is MeasureEvent for a time that starts with an activity.
func (s *Scene) MeasureEventAfter(name string, last Activity, w *EventWant, nominal time.Duration) {
	settle := s.settleTime()
	s.Measure(name, last.Sent, w.event.Came, nominal-settle, nominal+last.Answered.Sub(last.Sent)+settle)
}

// MeasureForgotten brackets when the server forgets a UDP session that went
// silent: nothing is sent then, and asking keeps the session. So it takes two
// sessions that went silent; one is asked just before the time and is still
// logged in, the other just after it and is not.
func (s *Scene) MeasureForgotten(before, after *Peer, name string, lastBefore, lastAfter Activity, nominal time.Duration) {
	s.WaitUntil(lastBefore.Sent.Add(nominal - s.Tolerance() - s.pathDelay())) // the question takes its time
	s.bracket(question{name, reports.SideBefore, nominal, lastBefore.Sent, false}, before.expectStillThere)
	s.WaitUntil(lastAfter.Answered.Add(nominal + s.Tolerance()))
	// A busy machine runs the target's timers late (§7), by about as much as its answers.
	slow := s.run.slowness.between(lastAfter.Sent, time.Now())
	s.WaitUntil(lastAfter.Sent.Add(nominal + s.Tolerance() + slow))
	s.bracket(question{name, reports.SideAfter, nominal, lastAfter.Answered, lastAfter.unanswered}, after.ExpectNotLoggedIn)
}

// expectStillThere asks at once, and so often that one question arrives: one that
// came later would prove nothing.
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
		p.scene.overdue(started, there.expected, true)
	case gone.match(a):
		fail(there.expected, a.String())
	}
	there.allowed.left--
}

// question asks on one side of a nominal time whether a session is still there.
type question struct {
	of         string // the time
	side       reports.Side
	nominal    time.Duration
	since      time.Time // the last activity of the session
	unanswered bool      // the last activity had no answer: the path may have held it up
}

// name is that of the measurement.
func (q question) name() string {
	return q.of + map[reports.Side]string{reports.SideBefore: ": still there", reports.SideAfter: ": gone"}[q.side]
}

// Answers to a question: the right one for each side, and the wrong one.
var (
	rightAnswer = map[reports.Side]reports.Shows{reports.SideBefore: reports.ShowsThere, reports.SideAfter: reports.ShowsGone}
	wrongAnswer = map[reports.Side]reports.Shows{reports.SideBefore: reports.ShowsGone, reports.SideAfter: reports.ShowsThere}
)

// bracket asks a question. One that went out on the other side of the nominal time,
// because the harness was late, proves nothing.
func (s *Scene) bracket(q question, ask func()) {
	s.assume(AssumesTime)
	asked := time.Now()
	lag, elapsed := s.run.lag.between(q.since, asked), asked.Sub(q.since)
	lower, upper := q.nominal-s.Tolerance()-s.pathDelay(), q.nominal
	if q.side == reports.SideAfter {
		lower, upper = q.nominal, q.nominal+s.Tolerance()
	}
	s.measurements = append(s.measurements, reports.Measurement{
		Name: q.name(), Of: q.of, Rule: reports.RuleBracket, Side: q.side, Shows: reports.ShowsUnclear,
		Value: milliseconds(elapsed), Lower: milliseconds(lower), Upper: milliseconds(upper), Lag: milliseconds(lag),
	})
	shows := &s.measurements[len(s.measurements)-1].Shows
	if q.side == reports.SideBefore && elapsed >= q.nominal {
		inconclusive(fmt.Sprintf("%s: the harness asked only after %v, too late to tell", q.name(), elapsed.Round(time.Millisecond)))
	}
	defer func() {
		caught := recover()
		e, ended := caught.(ending)
		switch {
		case caught == nil:
			*shows = rightAnswer[q.side]
			return
		case !ended:
			panic(caught)
		case e.verdict == reports.Fail && lag > s.Tolerance():
			inconclusive(fmt.Sprintf("%s: %s, but the harness itself was up to %v late", q.name(), e.actual, lag.Round(time.Millisecond)))
		case e.verdict == reports.Fail:
			*shows = wrongAnswer[q.side]
		}
		e.single = e.single || q.unanswered
		e.expected = fmt.Sprintf("%s after %v: %s", q.name(), elapsed.Round(time.Millisecond), e.expected)
		panic(e)
	}()
	ask()
}
