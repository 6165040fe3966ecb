package page

import (
	"math"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/internal/reporttest"
)

func TestQuantiles(t *testing.T) {
	h := reporttest.Histogram()
	for v := range int64(1000) {
		if err := h.RecordValue(v + 1); err != nil {
			t.Fatal(err)
		}
	}
	l, err := reports.NewLatency(reports.Series{Kind: "login", Transport: "tcp", From: reports.FromDue}, h)
	if err != nil {
		t.Fatal(err)
	}
	points := Quantiles(l, curveSteps)
	for _, p := range points {
		if off := math.Abs(float64(p.Microseconds) - 1000*p.Share); off > 2 {
			t.Errorf("%v of 1 to 1000 is %d", p.Share, p.Microseconds)
		}
	}
	if last := points[len(points)-1]; len(points) < 20 || last.Share != 1 || last.Microseconds != 1000 {
		t.Errorf("%d points, the last one %+v", len(points), last)
	}
	l.Histogram = "no histogram"
	want := []chart.Quantile{{Share: 0, Microseconds: 1}, {Share: 0.5, Microseconds: 500}, {Share: 0.9, Microseconds: 900}, {Share: 0.99, Microseconds: 990}, {Share: 0.999, Microseconds: 999}, {Share: 1, Microseconds: 1000}}
	if got := Quantiles(l, curveSteps); !slices.Equal(got, want) {
		t.Errorf("without a histogram: got %v, want %v", got, want)
	}
}

func TestLatencyChartsAreBounded(t *testing.T) {
	var many []reports.Latency
	for i := range 200 {
		many = append(many, reports.Latency{Kind: reports.LatencyKind(strings.Repeat("x", i+1)), Transport: "tcp", From: reports.FromDue, Count: 1, MaxUs: 5})
	}
	charts, more, err := latencyCharts(many)
	if err != nil || len(charts) != maxCurveCharts || more != 200-maxCurveCharts {
		t.Errorf("%d charts and %d more, %v", len(charts), more, err)
	}
}
