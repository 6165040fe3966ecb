package page

import (
	"math"
	"slices"
	"testing"

	"imcheck/reports"
	"imcheck/reports/chart"
)

// A sample is a rate: one that is longer than a second is not a peak, and
// one of an instant has none.
func TestCoursePoints(t *testing.T) {
	samples := []reports.Sample{{AtMs: 1000, Sent: 100}, {AtMs: 3000, Sent: 200}, {AtMs: 3100, Sent: 50}}
	got, any := coursePoints(samples, count(func(s reports.Sample) int64 { return s.Sent }), true)
	if len(got) != 3 || got[0].Y != 100 || got[1] != (chart.Point{X: 3, Y: 100}) || !math.IsNaN(got[2].Y) || !any {
		t.Errorf("got %v", got)
	}
	if _, any := coursePoints(samples, measured(func(s reports.Sample) int64 { return s.P99Us }), false); any {
		t.Error("there are latencies where none was measured")
	}
}

// What never happened is said in words, and not drawn.
func TestCourseOfIdleClients(t *testing.T) {
	l := &reports.Load{Timeline: []reports.Sample{{AtMs: 1000, Online: 5, LoggedIn: 5}, {AtMs: 2000, Online: 5}}}
	charts, zero, err := CourseCharts(l)
	if err != nil || len(charts) != 2 {
		t.Errorf("%d charts, %v; want clients online and logins", len(charts), err)
	}
	if len(zero) != 4 || !slices.Contains(zero, "Errors") || !slices.Contains(zero, "Messages") {
		t.Errorf("not drawn are %q", zero)
	}
	if charts, zero, err := CourseCharts(&reports.Load{}); len(charts)+len(zero) > 0 || err != nil {
		t.Errorf("of a run that never began: %d charts, %q, %v", len(charts), zero, err)
	}
}
