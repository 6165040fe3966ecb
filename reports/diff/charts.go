package diff

import (
	"html/template"
	"math"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
	"imcheck/reports/page"
)

// curveTicks is the number of points of a curve each time the distance to 100 % halves.
const curveTicks = 5

// Looks of the two runs: the old one dashed and in another colour.
const (
	newPair = iota
	oldPair
)

// drawSeconds draws p99 of each second of both runs, nil when neither has any.
func (d *Diff) drawSeconds() ([]template.HTML, error) {
	if d.loads == nil || !hasSeconds(d.loads[0]) && !hasSeconds(d.loads[1]) {
		return nil, nil
	}
	drawn, err := chart.Timeline("p99 of each second", chart.Microseconds, []chart.Line{
		{Name: "old", Dashed: true, Pair: oldPair, Points: p99Points(d.loads[0])},
		{Name: "new", Pair: newPair, Points: p99Points(d.loads[1])},
	})
	return []template.HTML{drawn}, err
}

func hasSeconds(l *reports.Load) bool {
	for _, s := range l.Timeline {
		if s.P99Us > 0 {
			return true
		}
	}
	return false
}

// p99Points returns p99 of each second, with a gap where a second had no message.
func p99Points(l *reports.Load) (points []chart.Point) {
	for _, s := range l.Timeline {
		us := float64(s.P99Us)
		if us <= 0 {
			us = math.NaN()
		}
		points = append(points, chart.Point{X: float64(s.AtMs) / 1000, Y: us})
	}
	return points
}

// drawCurves draws the percentiles of both runs, a chart for each kind that
// either has.
func (d *Diff) drawCurves() (drawn []template.HTML, err error) {
	if d.loads == nil {
		return nil, nil
	}
	for _, pair := range latencyPairs(d.loads[0], d.loads[1]) {
		if pair.old.Transport != reports.AllTransports || pair.old.Count == 0 && pair.new.Count == 0 {
			continue
		}
		curves, err := chart.Percentiles(content.KindWords(pair.old.Kind), []chart.Curve{
			{Name: "old", Dashed: true, Pair: oldPair, Points: quantilesOf(pair.old)},
			{Name: "new", Pair: newPair, Points: quantilesOf(pair.new)},
		})
		if err != nil {
			return nil, err
		}
		drawn = append(drawn, curves)
	}
	return drawn, nil
}

// quantilesOf returns the points of a latency's curve; none without values.
func quantilesOf(l reports.Latency) []chart.Quantile {
	if l.Count == 0 {
		return nil
	}
	return page.Quantiles(l, curveTicks)
}
