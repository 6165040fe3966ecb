package chart

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
)

// Curve is one distribution of latencies.
type Curve struct {
	Name   string
	Dashed bool
	Pair   int // from 0 on: curves of the same pair have the same colour and mark
	Points []Quantile
}

// Quantile says that a share of the values is not above a latency.
type Quantile struct {
	Share        float64 // from 0 to 1; 1 is that of the largest value, which is drawn above the share before it
	Microseconds int64
}

// Percentiles draws latencies by the share of values that are not above them,
// on a scale of nines: as much room for each ten times rarer case.
func Percentiles(title string, curves []Curve) (template.HTML, error) {
	c := chart{title: title, unit: Microseconds}
	least := ofNines(2)
	var values []float64
	var parts []string
	for _, curve := range curves {
		points := placed(curve.Points)
		if len(points) == 0 {
			continue
		}
		for _, at := range points {
			values = append(values, at.Y)
			least = max(least, at.X)
		}
		c.lines = append(c.lines, series{points: points, look: newLook(curve.Pair, curve.Dashed)})
		c.names = append(c.names, curve.Name)
		parts = append(parts, clipped(curve.Name, maxName)+": "+quantileWords(points))
	}
	c.y = valueAxis(values, Microseconds, true)
	c.x = func(a *plot.Axis) {
		a.Min, a.Max = 0, least
		a.Scale, a.Tick.Marker = ninesScale{}, ninesTicks{}
	}
	c.desc = "Latency by percentile. " + strings.Join(parts, "; ") + "."
	return c.render()
}

// placed returns the points on the axes, by share.
func placed(quantiles []Quantile) []Point {
	var points []Point
	for _, q := range quantiles {
		if math.IsNaN(q.Share) {
			continue
		}
		points = append(points, Point{min(max(q.Share, 0), 1), min(max(float64(q.Microseconds), 1), largest)})
	}
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) })
	last := 0.0
	for i, at := range points {
		if at.X > ofNines(mostNines) {
			points[i].X = min(max(last, ofNines(1)), ofNines(mostNines))
		}
		last = points[i].X
	}
	return points
}

// quantileWords says a curve in words.
func quantileWords(points []Point) string {
	at := func(share float64) float64 {
		i := slices.IndexFunc(points, func(p Point) bool { return p.X >= share })
		if i < 0 {
			i = len(points) - 1
		}
		return points[i].Y
	}
	return fmt.Sprintf("half within %s, 99 %% within %s, at most %s", inWords(at(0.5), Microseconds),
		inWords(at(0.99), Microseconds), inWords(points[len(points)-1].Y, Microseconds))
}
