package verdict

import (
	"slices"
	"strconv"

	"imcheck/reports"
)

// slopeFault returns the reason that a threshold cannot be on a slope; "" of one that can, or
// is on something else.
func (t Threshold) slopeFault() string {
	switch {
	case !t.figure.isSlope():
		return ""
	case t.abort:
		return t.figure.name + " is known at the end of the run only: leave " + abortPrefix + " out"
	case t.op == "==" || t.op == "!=":
		return "a slope is known within bounds only: use <, <=, > or >="
	}
	return ""
}

// judgeSlope compares a slope. It holds, or is crossed, where that is so of all that lies
// between the bounds of the slope; otherwise nothing is known.
func (t Threshold) judgeSlope(f *Figures, judged reports.Threshold) (reports.Threshold, bool) {
	unknown := func(note string) (reports.Threshold, bool) {
		judged.Unknown, judged.Note = true, note
		return judged, false
	}
	i := slices.IndexFunc(f.Trends, func(trend reports.Trend) bool { return trend.Figure == t.figure.name })
	if i < 0 {
		return unknown("a slope takes a run that has the figure, and of which " + LeastSoak.String() + " or more count")
	}
	trend := f.Trends[i]
	if trend.Course == reports.TrendUnknown {
		return unknown(trend.Reason)
	}
	judged.Actual, judged.Held = trend.Slope, t.holds(trend.Low)
	if judged.Held != t.holds(trend.High) {
		number := func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }
		judged.Held = false
		return unknown("it is between " + number(trend.Low) + " and " + number(trend.High) + " " + trend.Unit + ", which a longer run would narrow down")
	}
	return judged, true
}
