package page

import (
	"fmt"
	"html/template"
	"math"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
)

// underLoadView is what came of the cases under load, arranged for the page.
type underLoadView struct {
	Words  string
	Charts []template.HTML
	Levels Table
	Cases  Table
	Links  []levelLink
	Why    []levelReason
}

// levelLink leads to the page of one level.
type levelLink struct{ Text, File string }

// levelReason has the reason for which a case gave way.
type levelReason struct{ Name, Requirement, Reason string }

// newUnderLoadView returns nil for a run without load.
func newUnderLoadView(u *reports.UnderLoad) (*underLoadView, error) {
	if u == nil {
		return nil, nil
	}
	view := &underLoadView{Words: content.UnderLoadWords(u), Levels: NewTable(content.LevelTable(u)), Cases: NewTable(content.UnderLoadTable(u))}
	for _, l := range u.Levels {
		if l.Folder != "" {
			view.Links = append(view.Links, levelLink{u.Axis.Words(l.Load), localFile(l.Folder + "/" + reports.HTMLFile)})
		}
	}
	for i, c := range u.Cases {
		if c.OnlyFrom > 0 && i < shownGroups {
			view.Why = append(view.Why, levelReason{c.Case + " [" + c.Transport + "]", c.Requirement, content.CaseUnderLoadWords(u, c)})
		}
	}
	for _, draw := range []func(*reports.UnderLoad) (template.HTML, error){shareChart, loadLatencyChart, loadCourseChart} {
		drawing, err := draw(u)
		if err != nil {
			return nil, fmt.Errorf("draw the cases under load: %w", err)
		}
		if drawing != "" {
			view.Charts = append(view.Charts, drawing)
		}
	}
	return view, nil
}

// overWords says what the load is on the axis of a chart.
func overWords(u *reports.UnderLoad) string {
	if u.Axis == reports.LoadByClients {
		return "clients"
	}
	return "messages a second"
}

// shareChart draws the share of the cases that hold against the load. What is not known to
// hold is a line of its own, as it is no failure.
func shareChart(u *reports.UnderLoad) (template.HTML, error) {
	hold := chart.Line{Name: "hold"}
	unbroken := chart.Line{Name: "hold, or it is not known", Dashed: true, Pair: 1}
	for _, l := range u.Levels {
		held, open := math.NaN(), math.NaN()
		if l.Asked > 0 {
			held = 100 * float64(l.Passed) / float64(l.Asked)
			open = 100 * float64(l.Passed+l.Undecided) / float64(l.Asked)
		}
		hold.Points = append(hold.Points, chart.Point{X: l.Load, Y: held})
		unbroken.Points = append(unbroken.Points, chart.Point{X: l.Load, Y: open})
	}
	return chart.Over("Cases that hold", "percent", overWords(u), []chart.Line{hold, unbroken})
}

// loadLatencyChart draws how late what the swarms sent arrived, and how late they sent it.
func loadLatencyChart(u *reports.UnderLoad) (template.HTML, error) {
	latency, late := chart.Line{Name: "p99 of the swarm"}, chart.Line{Name: "sent late, p99", Dashed: true, Pair: 1}
	for _, l := range u.Levels {
		if s := l.Swarm; s != nil && s.P99Us > 0 {
			latency.Points = append(latency.Points, chart.Point{X: l.Load, Y: float64(s.P99Us)})
			late.Points = append(late.Points, chart.Point{X: l.Load, Y: float64(s.LatenessP99Us)})
		}
	}
	if len(latency.Points) == 0 {
		return "", nil
	}
	return chart.Over("Latency of the swarm", chart.Microseconds, overWords(u), []chart.Line{latency, late})
}

// loadCourseChart draws what the swarms sent over the time of the run, with the times in
// which the cases ran.
func loadCourseChart(u *reports.UnderLoad) (template.HTML, error) {
	if len(u.Seconds) == 0 {
		return "", nil
	}
	sent, delivered := chart.Line{Name: "sent"}, chart.Line{Name: "delivered to clients", Pair: 1}
	last := int64(0)
	for _, s := range u.Seconds {
		if s.AtMs-s.LengthMs > last+gapMs { // between two swarms
			gap := chart.Point{X: float64(last) / 1000, Y: math.NaN()}
			sent.Points, delivered.Points = append(sent.Points, gap), append(delivered.Points, gap)
		}
		last = s.AtMs
		rate := func(n int64) float64 {
			if float64(s.LengthMs) < shortSample*1000 {
				return math.NaN()
			}
			return float64(n) * 1000 / float64(s.LengthMs)
		}
		at := float64(s.AtMs) / 1000
		sent.Points = append(sent.Points, chart.Point{X: at, Y: rate(s.Sent)})
		delivered.Points = append(delivered.Points, chart.Point{X: at, Y: rate(s.Delivered)})
	}
	var spans []chart.Span
	for _, l := range u.Levels {
		spans = append(spans, chart.Span{Name: "cases run", From: float64(l.CasesFromMs) / 1000, To: float64(l.CasesToMs) / 1000})
	}
	return chart.Timeline("Messages of the swarms", "per second", []chart.Line{sent, delivered}, spans...)
}

// gapMs is from how long a time without a second on that a line has a gap.
const gapMs = 1500
