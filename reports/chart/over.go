package chart

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Over draws values over something that is not time, such as the offered load: X is a number
// from 0 on, in what over says, such as "messages a second". Units are those of Timeline.
// Every point has a mark. Where Y is NaN the line has a gap.
func Over(title, unit, over string, lines []Line) (template.HTML, error) {
	c := chart{title: title + ", over " + over, unit: unit}
	var parts []string
	var values, places []float64
	for _, line := range lines {
		low, high := math.Inf(1), math.Inf(-1)
		s := series{look: newLook(line.Pair, line.Dashed), all: true}
		for _, at := range line.Points {
			at = Point{drawable(at.X), drawable(at.Y)}
			if !at.drawn() {
				s.points = append(s.points, Point{0, math.NaN()})
				continue
			}
			s.points = append(s.points, at)
			places = append(places, at.X)
			low, high = min(low, at.Y), max(high, at.Y)
		}
		if low > high {
			continue
		}
		values = append(values, low, high)
		c.lines = append(c.lines, s)
		c.names = append(c.names, line.Name)
		parts = append(parts, rangeWords(line.Name, low, high, unit))
	}
	c.y = valueAxis(values, unit, unit == Microseconds)
	c.x = valueAxis(places, "", false).apply
	c.desc = fmt.Sprintf("Over %s. %s.", clipped(over, maxName), strings.Join(parts, "; "))
	return c.render()
}
