package page

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
)

// chartKinds is the order of the charts: what users feel comes first. Kinds it
// does not name follow.
var chartKinds = []string{"c2c_delivery", "s2c_delivery", "echo", "c2c_ack", "c2s_ack", "s2c_call", "relogin", "login", "heartbeat"}

// kindMeanings say of each kind what ends it.
var kindMeanings = map[string]string{
	"login":        "until the login response",
	"heartbeat":    "until the keep-alive response",
	"c2s_ack":      "until a message to the server is acknowledged",
	"c2c_ack":      "until a message to a client is acknowledged",
	"c2c_delivery": "until a message to a client has arrived there",
	"s2c_delivery": "until a message of the server has arrived",
	"s2c_call":     "until the control API has answered a push",
	"echo":         "until an echo was answered",
	"relogin":      "until a client that was sent away is logged in again",
}

// What is drawn of a report at most, whatever it has.
const (
	maxCurveCharts    = 20
	maxCurvesPerChart = 24
)

// latencyCharts draws the percentiles of each kind: all transports on one axis,
// since each message was due and since it was sent. more is how many kinds there
// are beyond.
func latencyCharts(latencies []reports.Latency) (charts []template.HTML, more int, err error) {
	byKind := map[string][]reports.Latency{}
	var kinds []string
	for _, l := range latencies {
		if l.Count == 0 {
			continue
		}
		if byKind[l.Kind] == nil {
			kinds = append(kinds, l.Kind)
		}
		byKind[l.Kind] = append(byKind[l.Kind], l)
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(reports.Rank(chartKinds, a), reports.Rank(chartKinds, b)) })
	shown := kinds[:min(len(kinds), maxCurveCharts)]
	for _, kind := range shown {
		title := content.KindWords(kind)
		if meaning := kindMeanings[kind]; meaning != "" {
			title += ": " + meaning
		}
		drawing, err := chart.Percentiles(title, curvesOf(byKind[kind], latencies))
		if err != nil {
			return nil, 0, fmt.Errorf("draw the latency of %s: %w", kind, err)
		}
		charts = append(charts, drawing)
	}
	return charts, len(kinds) - len(shown), nil
}

// curvesOf are the curves of one kind. The sum of the transports is left out
// where they are there themselves. A transport has the same colour in all charts.
func curvesOf(rows, all []reports.Latency) []chart.Curve {
	byTransport := map[string]bool{}
	for _, l := range all {
		byTransport[l.Transport] = true
	}
	transports := slices.DeleteFunc(reports.SortedTransports(byTransport), func(t string) bool { return t == reports.AllTransports })
	single := slices.ContainsFunc(rows, func(l reports.Latency) bool { return l.Transport != reports.AllTransports })
	rows = slices.DeleteFunc(slices.Clone(rows), func(l reports.Latency) bool { return single && l.Transport == reports.AllTransports })
	slices.SortStableFunc(rows, func(a, b reports.Latency) int {
		return cmp.Or(reports.CompareTransports(a.Transport, b.Transport), cmp.Compare(a.From, b.From))
	})
	var curves []chart.Curve
	for _, l := range rows[:min(len(rows), maxCurvesPerChart)] {
		curves = append(curves, chart.Curve{
			Name: l.Transport + ", " + originWords(l.From), Dashed: l.From == reports.FromSend,
			Pair: reports.Rank(transports, l.Transport), Points: quantiles(l),
		})
	}
	return curves
}

// originWords is "due → reply" or "send → reply".
func originWords(from string) string { return from + " → reply" }

// curveSteps is into how many steps a curve divides each halving of the distance
// to 100 %.
const curveSteps = 4

// quantiles are the points of a latency's curve: from its histogram, or the
// percentiles that it has when there is none that can be read.
func quantiles(l reports.Latency) []chart.Quantile {
	if h, err := reports.DecodeHistogram(l.Histogram); l.Histogram != "" && err == nil && h.TotalCount() > 0 {
		var points []chart.Quantile
		for _, b := range h.CumulativeDistributionWithTicks(curveSteps) {
			points = append(points, chart.Quantile{Share: b.Quantile / 100, Microseconds: b.ValueAt})
		}
		return points
	}
	return []chart.Quantile{
		{Share: 0, Microseconds: l.MinUs}, {Share: 0.5, Microseconds: l.P50Us}, {Share: 0.9, Microseconds: l.P90Us},
		{Share: 0.99, Microseconds: l.P99Us}, {Share: 0.999, Microseconds: l.P999Us}, {Share: 1, Microseconds: l.MaxUs},
	}
}

// courseLine is a line of a chart of the course: of a sample, what it shows.
type courseLine struct {
	name  string
	value func(reports.Sample) float64
}

func count(of func(reports.Sample) int64) func(reports.Sample) float64 {
	return func(s reports.Sample) float64 { return float64(of(s)) }
}

// measured has a gap where a latency is 0, which says that there was none.
func measured(of func(reports.Sample) int64) func(reports.Sample) float64 {
	return func(s reports.Sample) float64 {
		if us := of(s); us != 0 {
			return float64(us)
		}
		return math.NaN()
	}
}

// coursePart is a chart of the course of a run.
type coursePart struct {
	title, unit string
	perSecond   bool // counts of a sample, which may be shorter or longer than a second
	lines       []courseLine
}

// courseParts are the charts of the course, the most telling first.
func courseParts(l *reports.Load) []coursePart {
	arrived, latency := "delivered to clients", "Latency of deliveries, since due"
	if slices.ContainsFunc(l.Messages, func(m reports.Ledger) bool { return m.Kind == "echo" }) {
		arrived, latency = "answered", "Latency of echoes"
	}
	return []coursePart{
		{"Messages", "per second", true, []courseLine{
			{"sent", count(func(s reports.Sample) int64 { return s.Sent })}, {arrived, count(func(s reports.Sample) int64 { return s.Delivered })}}},
		{latency, chart.Microseconds, false, []courseLine{
			{"p50", measured(func(s reports.Sample) int64 { return s.P50Us })}, {"p99", measured(func(s reports.Sample) int64 { return s.P99Us })}}},
		{"Errors", "per second: sessions and messages lost, logins that failed", true, []courseLine{
			{"errors", count(func(s reports.Sample) int64 { return s.Errors })}}},
		{"Clients online", "at the end of each second", false, []courseLine{
			{"online", count(func(s reports.Sample) int64 { return s.Online })}}},
		{"Logins", "per second", true, []courseLine{
			{"logins", count(func(s reports.Sample) int64 { return s.LoggedIn })}}},
		{"How late the generator's own sends were", chart.Microseconds, false, []courseLine{
			{"p99", measured(func(s reports.Sample) int64 { return s.LateP99Us })}}},
	}
}

// courseCharts draw what happened when; none of a run that never began. Of what
// was 0 all along there is no chart, but its title.
func courseCharts(l *reports.Load) (charts []template.HTML, zero []string, err error) {
	if len(l.Timeline) < 2 {
		return nil, nil, nil
	}
	spans := courseSpans(l)
	for _, part := range courseParts(l) {
		var lines []chart.Line
		any := false
		for i, line := range part.lines {
			points, nonzero := coursePoints(l.Timeline, line.value, part.perSecond)
			lines = append(lines, chart.Line{Name: line.name, Pair: i, Points: points})
			any = any || nonzero
		}
		if !any {
			zero = append(zero, part.title)
			continue
		}
		drawing, err := chart.Timeline(part.title, part.unit, lines, spans...)
		if err != nil {
			return nil, nil, fmt.Errorf("draw the course of the run: %w", err)
		}
		charts = append(charts, drawing)
	}
	return charts, zero, nil
}

// shortSample is below how many seconds a sample has no rate: the last one may
// be an instant, in which one message would be thousands a second.
const shortSample = 0.5

// coursePoints are the points of a line, and whether any of them is not 0.
func coursePoints(samples []reports.Sample, value func(reports.Sample) float64, perSecond bool) (points []chart.Point, nonzero bool) {
	since := 0.0
	for _, s := range samples {
		at := float64(s.AtMs) / 1000
		y := value(s)
		if length := at - since; perSecond && length >= shortSample {
			y /= length
		} else if perSecond {
			y = math.NaN()
		}
		since = at
		nonzero = nonzero || y != 0 && !math.IsNaN(y)
		points = append(points, chart.Point{X: at, Y: y})
	}
	return points, nonzero
}

// courseSpans are what explains a course: when nobody was online, and when a
// storm dropped clients.
func courseSpans(l *reports.Load) (spans []chart.Span) {
	for _, o := range l.Sessions.Outages {
		spans = append(spans, chart.Span{Name: "nobody online", From: float64(o.FromMs) / 1000, To: float64(o.ToMs) / 1000})
	}
	if r := l.Recovery; r != nil && r.Dropped > 0 {
		at := float64(r.AtMs) / 1000
		spans = append(spans, chart.Span{Name: "clients dropped", From: at, To: at})
	}
	return spans
}
