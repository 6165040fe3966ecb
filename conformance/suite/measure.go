package suite

import (
	"fmt"
	"time"

	"imcheck/reports"
)

// Measure records the time from one moment to another and fails the case when it is out
// of bounds by more than the tolerance. When the lag of the harness, the path or the
// target could explain that, the case is inconclusive instead. Equal bounds are one
// nominal time.
func (a *Attempt) Measure(name string, from, to time.Time, lower, upper time.Duration) {
	a.MeasureUncertain(name, from, to, lower, upper, 0)
}

// MeasureUncertain is Measure for a time whose start is uncertain: the target may have
// seen it later by as much.
func (a *Attempt) MeasureUncertain(name string, from, to time.Time, lower, latest, uncertain time.Duration) {
	a.Assume(AssumesTime)
	upper := latest + uncertain
	value, lag := to.Sub(from), a.Lag().Between(from, to)
	rule := reports.RuleWindow
	if lower == latest {
		rule = reports.RulePoint
	}
	a.measurements = append(a.measurements, reports.Measurement{
		Name: name, Rule: rule, Shows: reports.ShowsEnded, Value: milliseconds(value), Lower: milliseconds(lower), Upper: milliseconds(upper),
		Tolerance: milliseconds(a.Tolerance), Lag: milliseconds(lag),
	})
	miss := max(lower-value, value-upper) - a.Tolerance
	if miss <= 0 {
		return
	}
	expected := a.Due(name, lower, upper)
	actual := fmt.Sprintf("after %v", value.Round(time.Millisecond))
	if miss <= lag {
		Inconclusive(fmt.Sprintf("expected %s; it was %s, but the harness itself was up to %v late", expected, actual, lag.Round(time.Millisecond)))
	}
	if delay := a.PathDelay; miss <= delay {
		Inconclusive(fmt.Sprintf("expected %s; it was %s, but the impaired path adds up to %v", expected, actual, delay))
	}
	// A busy machine runs the target's timers late, never early (§7). How slowly it
	// answers is part of what is uncertain already.
	if slow := a.Slowness.Between(from, to); value > upper && value-latest-a.Tolerance <= slow {
		Inconclusive(fmt.Sprintf("expected %s; it was %s, but the target took up to %v to answer meanwhile", expected, actual, slow.Round(time.Millisecond)))
	}
	Fail(expected, actual)
}

// Due describes when something has to happen.
func (a *Attempt) Due(name string, lower, upper time.Duration) string {
	return fmt.Sprintf("%s: after %s", name, bounds(lower, upper, a.Tolerance))
}

func bounds(lower, upper, tolerance time.Duration) string {
	lower, upper = lower.Round(time.Millisecond), upper.Round(time.Millisecond)
	if lower == upper {
		return fmt.Sprintf("%v ± %v", lower, tolerance)
	}
	return fmt.Sprintf("%v to %v (± %v)", lower, upper, tolerance)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Question asks on one side of a nominal time whether a session is still there.
type Question struct {
	Of         string // the time
	Side       reports.Side
	Nominal    time.Duration
	Since      time.Time // the last activity of the session
	Unanswered bool      // the last activity had no answer: the path may have delayed it
}

// name returns the name of the measurement.
func (q Question) name() string {
	return q.Of + map[reports.Side]string{reports.SideBefore: ": still there", reports.SideAfter: ": gone"}[q.Side]
}

// The right and the wrong answer on each side.
var (
	rightAnswer = map[reports.Side]reports.Shows{reports.SideBefore: reports.ShowsThere, reports.SideAfter: reports.ShowsGone}
	wrongAnswer = map[reports.Side]reports.Shows{reports.SideBefore: reports.ShowsGone, reports.SideAfter: reports.ShowsThere}
)

// Ask calls ask, which fails the case unless the session is what it has to be on that
// side, and records the answer. A question that is sent on the other side of the
// nominal time, because the harness was late, proves nothing.
func (a *Attempt) Ask(q Question, ask func()) {
	a.Assume(AssumesTime)
	asked := time.Now()
	lag, elapsed := a.Lag().Between(q.Since, asked), asked.Sub(q.Since)
	lower, upper := q.Nominal-a.Tolerance-a.PathDelay, q.Nominal
	if q.Side == reports.SideAfter {
		lower, upper = q.Nominal, q.Nominal+a.Tolerance
	}
	a.measurements = append(a.measurements, reports.Measurement{
		Name: q.name(), Of: q.Of, Rule: reports.RuleBracket, Side: q.Side, Shows: reports.ShowsUnclear,
		Value: milliseconds(elapsed), Lower: milliseconds(lower), Upper: milliseconds(upper), Lag: milliseconds(lag),
	})
	shows := &a.measurements[len(a.measurements)-1].Shows
	if q.Side == reports.SideBefore && elapsed >= q.Nominal {
		Inconclusive(fmt.Sprintf("%s: the harness asked only after %v, too late to tell", q.name(), elapsed.Round(time.Millisecond)))
	}
	defer func() {
		caught := recover()
		e, ended := caught.(conclusion)
		switch {
		case caught == nil:
			*shows = rightAnswer[q.Side]
			return
		case !ended:
			panic(caught)
		case e.verdict == reports.Fail && lag > a.Tolerance:
			Inconclusive(fmt.Sprintf("%s: %s, but the harness itself was up to %v late", q.name(), e.actual, lag.Round(time.Millisecond)))
		case e.verdict == reports.Fail:
			*shows = wrongAnswer[q.Side]
		}
		e.single = e.single || q.Unanswered
		e.expected = fmt.Sprintf("%s after %v: %s", q.name(), elapsed.Round(time.Millisecond), e.expected)
		panic(e)
	}()
	ask()
}
