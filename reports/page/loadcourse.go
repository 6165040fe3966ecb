package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/words"
)

// courseLine is a line of a chart of the course: of a sample, what it shows.
type courseLine struct {
	name  string
	value func(reports.Sample) float64
}

func count(of func(reports.Sample) int64) func(reports.Sample) float64 {
	return func(s reports.Sample) float64 { return float64(of(s)) }
}

// measured returns a gap where a latency is 0, which says that there was none.
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

// courseParts returns the charts of the course of a load, the most important first.
func courseParts(l *reports.Load) []coursePart {
	sample := "second"
	if l.SampleMs > 0 {
		sample = words.RunTime(l.SampleMs)
	}
	arrived, latency := "delivered to clients", "Latency of deliveries, since due"
	if l.ClosedLoop {
		arrived, latency = "answered", "Latency of echoes"
	}
	parts := []coursePart{
		{"Messages", "per second", true, []courseLine{
			{"sent", count(func(s reports.Sample) int64 { return s.Sent })}, {arrived, count(func(s reports.Sample) int64 { return s.Delivered })}}},
		{latency, chart.Microseconds, false, []courseLine{
			{"p50", measured(func(s reports.Sample) int64 { return s.P50Us })}, {"p99", measured(func(s reports.Sample) int64 { return s.P99Us })}}},
		{"Errors", "per second: sessions and messages lost, logins that failed", true, []courseLine{
			{"errors", count(func(s reports.Sample) int64 { return s.Errors })}}},
		{"Clients online", "at the end of each " + sample, false, []courseLine{
			{"online", count(func(s reports.Sample) int64 { return s.Online })}}},
		{"Logins", "per second", true, []courseLine{
			{"logins", count(func(s reports.Sample) int64 { return s.LoggedIn })}}},
		{"How late the generator's own sends were", chart.Microseconds, false, []courseLine{
			{"p99", measured(func(s reports.Sample) int64 { return s.LateP99Us })}}},
	}
	if l.TargetUse != nil || slices.ContainsFunc(l.Timeline, func(s reports.Sample) bool { return s.GeneratorCPU > 0 }) { // not in files of older programs
		parts = append(parts, coursePart{"Processors in use", "on average of each " + sample, false, processorLines(l)})
	}
	if l.TargetUse == nil {
		return parts
	}
	return append(parts,
		coursePart{"Memory of the target", chart.Bytes, false, []courseLine{
			{"resident", reports.OfTarget(func(s *reports.TargetSample) float64 { return float64(s.Resident) })}}},
		coursePart{"Open files of the target", "at the end of each " + sample, false, []courseLine{
			{"open files", reports.OfTarget(func(s *reports.TargetSample) float64 { return float64(s.OpenFiles) })}}},
		coursePart{"Garbage collection of the target", chart.Milliseconds, false, []courseLine{
			{"stopped in each " + sample, reports.OfTarget(func(s *reports.TargetSample) float64 { return s.GCMs })}}},
	)
}

// processorLines are those of this process, and of the target where that was watched.
func processorLines(l *reports.Load) []courseLine {
	generator := "generator"
	if l.Generator.ServerInProcess {
		generator = "generator and server"
	}
	lines := []courseLine{{generator, func(s reports.Sample) float64 { return s.GeneratorCPU }}}
	if l.TargetUse != nil {
		lines = append(lines, courseLine{"target", reports.OfTarget(func(s *reports.TargetSample) float64 { return s.CPU })})
	}
	return lines
}

// CourseCharts draws the course of a run over time, also of one that goes on; nothing of one that
// never began. A value that was 0 all along has its title only, in zero.
func CourseCharts(l *reports.Load) (charts []template.HTML, zero []string, err error) {
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

// coursePoints returns the points of a line, and whether any of them is not 0.
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

// courseSpans returns the spans that explain a course: when nobody was online, when
// a storm disconnected clients, and when stages began.
func courseSpans(l *reports.Load) (spans []chart.Span) {
	for _, o := range l.Sessions.Outages {
		spans = append(spans, chart.Span{Name: "nobody online", From: float64(o.FromMs) / 1000, To: float64(o.ToMs) / 1000})
	}
	switch r := l.Recovery; {
	case r != nil && r.Away != nil:
		at := float64(r.AtMs) / 1000
		spans = append(spans, chart.Span{Name: "the network is away", From: at, To: at + float64(r.Away.ForMs)/1000})
	case r != nil && r.Dropped > 0:
		at := float64(r.AtMs) / 1000
		spans = append(spans, chart.Span{Name: "clients dropped", From: at, To: at})
	}
	for _, s := range l.Stages {
		at := float64(s.FromMs) / 1000
		spans = append(spans, chart.Span{Name: "a stage begins", From: at, To: at})
	}
	return spans
}
