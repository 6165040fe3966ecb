package chart

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot"
)

// manyRuns is the number of runs from which on not each has a mark.
const manyRuns = 60

// Trend draws a value over runs, the oldest first: X is a run's index in runs.
// Units are those of Timeline. Where Y is NaN a run has no value. Of the runs'
// names as many are below the axis as there is room for.
func Trend(title, unit string, runs []string, lines []Line) (template.HTML, error) {
	c := chart{title: title, unit: unit}
	var values []float64
	for _, line := range lines {
		points := make([]Point, len(runs))
		for i := range points {
			points[i] = Point{float64(i), math.NaN()}
		}
		for _, at := range line.Points {
			y := drawable(at.Y)
			if !math.IsNaN(y) && at.X >= 0 && at.X < float64(len(runs)) {
				points[int(at.X)].Y = y
			}
		}
		if low, high, drawn := c.addLine(line, downsample(points, maxBuckets), len(runs) <= manyRuns); drawn {
			values = append(values, low, high)
		}
	}
	c.y = valueAxis(values, unit, unit == Microseconds)
	c.x = runAxis(runs).apply
	c.desc = fmt.Sprintf("Over %d runs. %s.", len(runs), strings.Join(c.parts, "; "))
	return c.render()
}

// runAxis returns an axis with a place for each run. The first and the last have labels.
func runAxis(runs []string) axis {
	const mostCharacters, perLine = 16, 52 // bounds of a label, and of a line below the axis
	a := axis{min: -0.5, max: max(float64(len(runs))-0.5, 0.5)}
	longest := 1
	labels := make([]string, len(runs))
	for i, run := range runs {
		labels[i] = clipped(run, mostCharacters)
		longest = max(longest, utf8.RuneCountInString(labels[i]))
	}
	room := max(perLine/(longest+2), 2)
	every := max(1, int(math.Ceil(float64(len(runs)-1)/float64(room-1))))
	for i, label := range labels {
		last := len(runs) - 1
		named := i == last || i%every == 0 && last-i >= every
		switch {
		case named && label != "":
			a.ticks = append(a.ticks, plot.Tick{Value: float64(i), Label: label})
		case len(runs) <= manyRuns:
			a.ticks = append(a.ticks, plot.Tick{Value: float64(i)})
		}
	}
	return a
}
