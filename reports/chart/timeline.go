package chart

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"gonum.org/v1/plot"
)

// Line is a value over time, or over runs.
type Line struct {
	Name   string
	Dashed bool
	Pair   int // from 0 on: lines of the same pair have the same colour and mark
	Points []Point
}

// Timeline draws values over the time since the start: X is in seconds. With a
// unit of Microseconds, Milliseconds or Bytes each value has its own; any other
// unit is in the caption, and its values are plain numbers.
// Of long lines the peaks are kept and the rest is thinned out. Where Y is NaN,
// or where points are missing, the line has a gap. Spans are drawn below the lines.
func Timeline(title, unit string, lines []Line, spans ...Span) (template.HTML, error) {
	c := chart{title: title, unit: unit}
	end := 0.0
	var values []float64
	for _, line := range lines {
		points := downsample(ordered(line.Points), maxBuckets)
		for _, at := range points {
			end = max(end, at.X) // gaps as well: several charts of a run are to have the same axis
			if at.drawn() {
				values = append(values, at.Y)
			}
		}
		c.addLine(line, points, false)
	}
	c.y = valueAxis(values, unit, unit == Microseconds || unit == Milliseconds)
	c.spans = newBands(spans, end)
	time := timeAxis(end)
	c.x = time.apply
	for _, line := range c.lines {
		line.keepOn(time, c.y)
	}
	for _, s := range c.spans {
		c.parts = append(c.parts, spanWords(s))
	}
	c.desc = fmt.Sprintf("Over %s. %s.", timeLabel(end, 0), strings.Join(c.parts, "; "))
	return c.render()
}

// keepOn moves points that have no place on the axes to their edge.
func (s series) keepOn(x, y axis) {
	for i, at := range s.points {
		if at.drawn() {
			s.points[i] = Point{x.clamp(at.X), y.clamp(at.Y)}
		}
	}
}

func rangeWords(name string, low, high float64, unit string) string {
	return fmt.Sprintf("%s: from %s to %s", clipped(name, maxName), inWords(low, unit), inWords(high, unit))
}

func spanWords(s Span) string {
	name := clipped(s.Name, maxName)
	if s.From == s.To {
		return fmt.Sprintf("%s: after %s", name, timeLabel(s.From, 0))
	}
	return fmt.Sprintf("%s: from %s to %s", name, timeLabel(s.From, 0), timeLabel(s.To, 0))
}

// timeSteps are the steps in which people count time, in seconds.
var timeSteps = []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400}

// timeAxis goes from the start to the end, which need not be round.
func timeAxis(end float64) axis {
	const steps = 6
	if end <= 0 {
		end = 1
	}
	step := math.Ceil(end/steps/86400) * 86400
	for _, candidate := range timeSteps {
		if end/candidate <= steps {
			step = candidate
			break
		}
	}
	a := axis{max: end}
	for i := range steps + 1 {
		if value := float64(i) * step; value <= end {
			a.ticks = append(a.ticks, plot.Tick{Value: value, Label: timeLabel(value, step)})
		}
	}
	return a
}

// timeLabel writes a time in the largest unit that its step is a multiple of;
// without a step in the unit that suits it.
func timeLabel(seconds, step float64) string {
	if step == 0 {
		for step = 86400; step > 1 && seconds < 2*step; {
			step = map[float64]float64{86400: 3600, 3600: 60, 60: 1}[step]
		}
	}
	switch {
	case seconds == 0:
		return "0"
	case step >= 86400:
		return significant(seconds/86400, 3) + " d"
	case math.Mod(step, 3600) == 0:
		return significant(seconds/3600, 3) + " h"
	case math.Mod(step, 60) == 0:
		return significant(seconds/60, 3) + " min"
	}
	return significant(seconds, 3) + " s"
}
