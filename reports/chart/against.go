package chart

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"gonum.org/v1/plot"
)

// Against draws values against another one that is over 0, such as a load: X is in units
// of along, which ends the caption. It is on a logarithmic axis when the largest X is many
// times the smallest. Units of the values are those of Timeline. Points at the same X are
// drawn each. Spans are parts of the X axis.
func Against(title, unit, along string, lines []Line, spans ...Span) (template.HTML, error) {
	c := chart{title: title + ", by " + along, unit: unit}
	var values, places []float64
	for _, line := range lines {
		points := placedAlong(line.Points)
		for _, at := range points {
			places = append(places, at.X)
			if at.drawn() {
				values = append(values, at.Y)
			}
		}
		c.addLine(line, points, len(points) <= manyRuns)
	}
	c.y = valueAxis(values, unit, unit == Microseconds || unit == Milliseconds)
	x := alongAxis(places)
	c.x = x.apply
	for _, line := range c.lines {
		line.keepOn(x, c.y)
	}
	for _, s := range newBands(spans, x.max) {
		s.From, s.To = x.clamp(s.From), x.clamp(s.To)
		c.spans = append(c.spans, s)
		c.parts = append(c.parts, fmt.Sprintf("%s: from %s to %s", clipped(s.Name, maxName), inWords(s.From, ""), inWords(s.To, "")))
	}
	if len(places) > 0 {
		c.desc = fmt.Sprintf("From %s to %s %s. %s.", inWords(slices.Min(places), ""), inWords(slices.Max(places), ""), clipped(along, maxName), strings.Join(c.parts, "; "))
	}
	return c.render()
}

// placedAlong returns the points that have a place, by X.
func placedAlong(points []Point) (placed []Point) {
	for _, at := range points {
		if x := drawable(at.X); x > 0 {
			placed = append(placed, Point{x, drawable(at.Y)})
		}
	}
	slices.SortStableFunc(placed, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
	return placed
}

// alongAxis covers the places, from about the first to about the last one.
func alongAxis(places []float64) axis {
	if len(places) == 0 {
		return axis{min: 1, max: 2, ticks: plot.ConstantTicks{}}
	}
	return valueAxis(places, "", true)
}
