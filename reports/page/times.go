package page

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/chart" // its classes of points are those of verdicts
	"imcheck/reports/content"
	"imcheck/reports/words"
)

const (
	// heartbeatArea is the area of the cases that measure heartbeats.
	heartbeatArea = "heartbeat"
	// maxStrips bounds the strips that the page draws.
	maxStrips = 200
	// maxMeasured bounds the measurements that the page lists one by one; the cases
	// have all.
	maxMeasured = 500
)

// timeView is a time that the protocol sets, in one sense mode on one transport, with
// everything that was measured about it.
type timeView struct {
	Area        string
	Name        string // the words that its measurements have in common
	SenseMode   string // "" when it is not known
	Transport   string
	Lower       float64 // in milliseconds, as all of these
	Upper       float64 // equal to Lower for a nominal time
	Latest      float64 // latest allowed time; over Upper when the start was not known exactly
	Tolerance   float64
	points      []timePoint
	withoutTime reports.Verdict // verdict of an expiry that ended before there was a time; "" otherwise
}

// timePoint is one measured time.
type timePoint struct {
	at      float64
	drift   float64 // past the nearer bound of its own measurement; below 0 inside
	shows   reports.Shows
	verdict reports.Verdict // a pass when the case did not end because of it
}

// timeViews arranges what a run has measured: every sense mode and transport
// once for each time that the protocol sets.
func timeViews(c *reports.Conformance) (heartbeats, others []timeView) {
	var all []*timeView
	for _, r := range reports.ByCase(c.Results) {
		for _, m := range r.Measurements {
			addMeasurement(&all, newTimeView(c, r, m), newTimePoint(r, m), m)
		}
	}
	for _, e := range c.Expiries {
		addExpiry(&all, e)
	}
	slices.SortStableFunc(all, compareTimes)
	for _, v := range all {
		if v.Area == heartbeatArea {
			heartbeats = append(heartbeats, *v)
		} else {
			others = append(others, *v)
		}
	}
	return heartbeats, others
}

func compareTimes(a, b *timeView) int {
	return cmp.Or(cmp.Compare(a.Area, b.Area), reports.CompareModes(a.SenseMode, b.SenseMode), cmp.Compare(a.Name, b.Name),
		reports.CompareTransports(a.Transport, b.Transport), cmp.Compare(a.Lower, b.Lower), cmp.Compare(a.Upper, b.Upper))
}

// newTimeView returns the row of the time that a measurement is about.
func newTimeView(c *reports.Conformance, r reports.Result, m reports.Measurement) timeView {
	v := timeView{Area: r.Area(), SenseMode: cmp.Or(r.SenseMode, c.Target.SenseModes[r.Transport]), Transport: r.Transport,
		Latest: m.Upper, Tolerance: m.Tolerance}
	v.Lower, v.Upper = m.Nominal()
	if m.Rule == reports.RuleBracket {
		v.Latest, v.Tolerance = v.Upper, m.Upper-m.Lower
	}
	return v
}

// newTimePoint returns the mark of a measurement, with the verdict of the case when the
// case did not pass because of it.
func newTimePoint(r reports.Result, m reports.Measurement) timePoint {
	p := timePoint{m.Value, m.Drift(), m.Shows, reports.Pass}
	if m.Shows == reports.ShowsUnclear || m.Contradicts() || m.Misses() {
		p.verdict = r.Verdict
	}
	return p
}

// addMeasurement adds a point to its time, which it begins when it is the first.
func addMeasurement(all *[]*timeView, of timeView, p timePoint, m reports.Measurement) {
	for _, v := range *all {
		if v.Area == of.Area && v.SenseMode == of.SenseMode && v.Transport == of.Transport && v.Lower == of.Lower && v.Upper == of.Upper {
			v.Name = commonWords(v.Name, m.Time())
			v.Latest, v.Tolerance = max(v.Latest, of.Latest), max(v.Tolerance, of.Tolerance)
			v.points = append(v.points, p)
			return
		}
	}
	of.Name, of.points = m.Time(), []timePoint{p}
	*all = append(*all, &of)
}

// addExpiry adds an expiry whose measurements the report does not have.
func addExpiry(all *[]*timeView, e reports.Expiry) {
	of := timeView{Area: heartbeatArea, SenseMode: e.SenseMode, Transport: e.Transport, Lower: e.Nominal, Upper: e.Nominal, Latest: e.Nominal, Tolerance: e.Tolerance}
	if slices.ContainsFunc(*all, func(v *timeView) bool {
		return v.Area == of.Area && v.SenseMode == of.SenseMode && v.Transport == of.Transport
	}) {
		return
	}
	of.Name = "expiry"
	point := func(at float64, shows reports.Shows) {
		if at > 0 {
			of.points = append(of.points, timePoint{at, math.Abs(at - e.Nominal), shows, e.Verdict})
		}
	}
	if e.Earliest == e.Latest {
		point(e.Latest, reports.ShowsEnded)
	} else {
		point(e.Earliest, reports.ShowsThere)
		point(e.Latest, reports.ShowsGone)
	}
	if len(of.points) == 0 {
		of.withoutTime = e.Verdict
	}
	*all = append(*all, &of)
}

// commonWords returns the words that two names begin with, or the first name when they
// have none in common.
func commonWords(a, b string) string {
	wordsA, wordsB := strings.Fields(a), strings.Fields(b)
	n := 0
	for n < min(len(wordsA), len(wordsB)) && wordsA[n] == wordsB[n] {
		n++
	}
	if n == 0 {
		return a
	}
	return strings.Join(wordsA[:n], " ")
}

// Nominal writes what the protocol sets.
func (v timeView) Nominal() string {
	return content.Window(reports.Measurement{Lower: v.Lower, Upper: v.Upper})
}

// Times is the number of its measurements, in words.
func (v timeView) Times() string {
	points := len(v.points)
	if v.bracketed() {
		points = (points + 1) / 2 // two questions each
	}
	return words.Counted(int64(points), "time", "times")
}

// bracketed reports whether the time cannot be observed directly.
func (v timeView) bracketed() bool {
	return slices.ContainsFunc(v.points, func(p timePoint) bool { return p.shows != reports.ShowsEnded })
}

// extent returns the earliest and the latest time. For a bracket that is the last time
// at which the session was still there, and the first at which it was gone.
func (v timeView) extent() reports.Expiry {
	e := reports.Expiry{Nominal: v.Lower}
	for _, p := range v.points {
		switch p.shows {
		case reports.ShowsEnded:
			e.Earliest, e.Latest = earlier(e.Earliest, p.at), max(e.Latest, p.at)
		case reports.ShowsThere:
			e.Earliest = max(e.Earliest, p.at)
		case reports.ShowsGone:
			e.Latest = earlier(e.Latest, p.at)
		}
	}
	if e.Latest > 0 && e.Earliest > e.Latest { // not each time the same
		e.Earliest, e.Latest = e.Latest, e.Earliest
	}
	return e
}

// earlier returns the earlier of two times; a is 0 when it is not set yet.
func earlier(a, b float64) float64 {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// Measured writes the earliest and the latest time.
func (v timeView) Measured() string { return content.MeasuredExpiry(v.extent()) }

// Drift writes how far that is from the nominal time, and "–" for a window.
func (v timeView) Drift() string {
	if v.Lower != v.Upper {
		return "–"
	}
	return content.ExpiryDrift(v.extent())
}

// Verdict is the worst of its points.
func (v timeView) Verdict() reports.Verdict {
	if v.withoutTime != "" {
		return v.withoutTime
	}
	verdict := reports.Pass
	for _, p := range v.points {
		verdict = content.WorseOf(verdict, p.verdict)
	}
	return verdict
}

// margin returns how far the worst time is inside the allowed range, tolerance included,
// in milliseconds; it is negative outside. A bracket has none.
func (v timeView) margin() float64 {
	least := math.Inf(1)
	for _, p := range v.points {
		least = min(least, v.Tolerance-p.drift)
	}
	return least
}

// Margin writes that.
func (v timeView) Margin() string {
	if v.bracketed() || len(v.points) == 0 {
		return "–"
	}
	return words.Milliseconds(v.margin())
}

// Missed reports whether a time is outside of what is allowed.
func (v timeView) Missed() bool { return !v.bracketed() && v.margin() < 0 }

// Strip draws it; "" when that cannot be done, since the figures beside it say
// the same.
func (v timeView) Strip() template.HTML {
	s := chart.Strip{LowerMs: v.Lower, UpperMs: v.Latest, ToleranceMs: v.Tolerance}
	for _, p := range v.points {
		s.Points = append(s.Points, chart.StripPoint{Ms: p.at, Class: content.VerdictWords[p.verdict].Class})
	}
	drawn, err := chart.DrawStrip(s)
	if err != nil {
		return ""
	}
	return drawn
}

// ExpiryStrip draws a measured expiry beside what the protocol sets; "" when there is nothing
// to draw.
func ExpiryStrip(e reports.Expiry) template.HTML {
	var rows []*timeView
	addExpiry(&rows, e)
	if len(rows[0].points) == 0 {
		return ""
	}
	return rows[0].Strip()
}
