package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"imcheck/reports"
)

const (
	// LeastSoak is the shortest time that counts of a run that has trends: settling, and as
	// long again.
	LeastSoak = 2 * leastSettling
	// leastSettling is for how long a target settles at least: a server remembers fingerprints
	// for 10 minutes (docs/protocol.md §4), and grows until it forgets the first.
	leastSettling = 20 * time.Minute
	// settlingShare is the part of a long run that it may settle for.
	settlingShare = 5
	// trendParts is the number of parts of which each has one value. They are long enough for
	// garbage collections and single bad seconds to level out.
	trendParts = 48
	// leastParts is the number of parts that have to have a value.
	leastParts = 16
)

// trendFigure is a figure whose course is judged.
type trendFigure struct {
	name      string
	levelUnit string
	unit      string
	// matters is the change over the part that is looked at from which it matters, in the unit
	// of the slope without the hour; least is the same in the unit of the level, 0 for none.
	matters, least float64
	// value is that of one sample, what is not a number for none; nil for a share.
	value func(reports.Sample) float64
	// part and whole are the sums whose share in a part of the run is its value.
	part, whole func(reports.Sample) float64
}

// Names of the figures of slopes.
const (
	slopeMemory        = figureTarget + ".memory_slope"
	slopeSessionMemory = figureTarget + ".session_memory_slope"
	slopeOpenFiles     = figureTarget + ".open_files_slope"
	slopeLost          = figureLedger + "." + statisticLostSlope
)

// trendFigures lists the figures of a load whose course is judged.
func trendFigures(l *reports.Load) (list []trendFigure) {
	if u := l.TargetUse; u != nil {
		known := func(value func(*reports.TargetSample) int64) func(reports.Sample) float64 {
			return reports.OfTarget(func(t *reports.TargetSample) float64 { return positive(float64(value(t))) })
		}
		resident := known(func(t *reports.TargetSample) int64 { return t.Resident })
		list = append(list,
			trendFigure{name: slopeMemory, levelUnit: "bytes", unit: reports.TrendShare, matters: 3, value: resident},
			trendFigure{name: slopeSessionMemory, levelUnit: "bytes", unit: reports.TrendShare, matters: 5, value: func(s reports.Sample) float64 {
				if u.BeforeBytes <= 0 || s.Online <= 0 {
					return math.NaN()
				}
				return positive((resident(s) - float64(u.BeforeBytes)) / float64(s.Online))
			}},
			trendFigure{name: slopeOpenFiles, unit: reports.TrendShare, matters: 3, value: known(func(t *reports.TargetSample) int64 { return t.OpenFiles })})
	}
	if kind, ok := timelineKind(l); ok {
		list = append(list, trendFigure{
			name: string(kind) + "." + statisticP99Slope, levelUnit: "us", unit: reports.TrendShare, matters: 10, least: 1000,
			value: func(s reports.Sample) float64 { return positive(float64(s.P99Us)) },
		})
	}
	if l.SentCount() > 0 {
		list = append(list, trendFigure{
			name: slopeLost, levelUnit: "%", unit: reports.TrendPoints, matters: 0.1,
			part: func(s reports.Sample) float64 { return float64(s.Lost) }, whole: func(s reports.Sample) float64 { return float64(s.Sent) },
		})
	}
	return list
}

// timelineKind returns the kind of latency that the timeline of a load has, if any.
func timelineKind(l *reports.Load) (kind reports.LatencyKind, ok bool) {
	for _, candidate := range timelineKinds {
		if !slices.ContainsFunc(l.Latencies, func(row reports.Latency) bool { return row.Kind == candidate }) {
			continue
		}
		if ok {
			return "", false // the timeline has them together
		}
		kind, ok = candidate, true
	}
	return kind, ok
}

// timelineKinds are the kinds of latency that a timeline may have.
var timelineKinds = []reports.LatencyKind{reports.KindC2CDelivery, reports.KindS2CDelivery, reports.KindEcho}

// positive returns a value, or what is not a number in place of 0 and less.
func positive(value float64) float64 {
	if value <= 0 {
		return math.NaN()
	}
	return value
}

// TrendsOf returns the course of the figures of a load over the part of it that counts, which
// is from one time since the start to another; none of a part that is shorter than LeastSoak.
func TrendsOf(l *reports.Load, from, to time.Duration) (trends []reports.Trend) {
	counted := to - from
	if counted < LeastSoak {
		return nil
	}
	w := trendWindow{from: from + max(counted/settlingShare, leastSettling), to: to}
	for _, f := range trendFigures(l) {
		trend := reports.Trend{Figure: f.name, Unit: f.unit, LevelUnit: f.levelUnit, FromMs: w.from.Milliseconds(), ToMs: w.to.Milliseconds()}
		f.judge(&trend, w, l)
		trends = append(trends, trend)
	}
	return trends
}

// judge completes a trend.
func (f trendFigure) judge(t *reports.Trend, w trendWindow, l *reports.Load) {
	points := w.points(f, l.Timeline)
	t.Points, t.Course = len(points), reports.TrendUnknown
	switch {
	case len(l.Stages) > 1:
		t.Reason = "the load itself changes from stage to stage"
		return
	case len(points) < leastParts:
		t.Reason = fmt.Sprintf("only %d of %d parts of the run have a value", len(points), trendParts)
		return
	}
	found := slopeOf(points)
	if math.IsInf(found.low, 0) {
		t.Reason = "its values go up and down too slowly to tell that from a slope"
		return
	}
	t.Level = found.begin
	scale := 1.0
	if f.unit == reports.TrendShare {
		if found.begin <= 0 {
			t.Level, t.Reason = 0, "its line begins at 0 or below, so that there is nothing to relate it to"
			return
		}
		scale = 100 / found.begin
	}
	t.Slope, t.Low, t.High = found.slope*scale, found.low*scale, found.high*scale
	t.Course = f.course(found, scale, w.hours())
}

// course says where a figure goes within so many hours.
func (f trendFigure) course(l line, scale, hours float64) reports.TrendCourse {
	matters := max(f.matters/scale, f.least) / hours // in the unit of the level, in an hour
	switch {
	case l.low > 0 && l.slope >= matters:
		return reports.TrendRising
	case l.high < 0 && l.slope <= -matters:
		return reports.TrendFalling
	case l.low > -matters && l.high < matters:
		return reports.TrendSteady
	}
	return reports.TrendUnclear
}

// trendWindow is the part of a run that is looked at, since the start.
type trendWindow struct{ from, to time.Duration }

func (w trendWindow) hours() float64 { return (w.to - w.from).Hours() }

// points returns the value of a figure in each part of the window that has one, at the hours
// since the window began.
func (w trendWindow) points(f trendFigure, samples []reports.Sample) (points []point) {
	var parts [trendParts][]reports.Sample
	for _, s := range samples {
		at := time.Duration(s.AtMs) * time.Millisecond
		if at <= w.from || at > w.to {
			continue
		}
		i := int(int64(at-w.from-1) * trendParts / int64(w.to-w.from))
		parts[i] = append(parts[i], s)
	}
	for i, part := range parts {
		if y := f.valueOf(part); !math.IsNaN(y) {
			points = append(points, point{(float64(i) + 0.5) * w.hours() / trendParts, y})
		}
	}
	return points
}

// valueOf returns the value of one part of a run: the median of its samples, or the share of
// their sums; what is not a number where there is none.
func (f trendFigure) valueOf(samples []reports.Sample) float64 {
	if f.value == nil {
		var part, whole float64
		for _, s := range samples {
			part, whole = part+f.part(s), whole+f.whole(s)
		}
		if whole == 0 {
			return math.NaN()
		}
		return 100 * part / whole
	}
	var values []float64
	for _, s := range samples {
		if v := f.value(s); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return median(values)
}
