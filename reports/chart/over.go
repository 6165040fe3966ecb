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
	var values, places []float64
	for _, line := range lines {
		var points []Point
		for _, at := range line.Points {
			at = Point{drawable(at.X), drawable(at.Y)}
			if at.drawn() {
				places = append(places, at.X)
			} else {
				at = Point{0, math.NaN()}
			}
			points = append(points, at)
		}
		if low, high, drawn := c.addLine(line, points, true); drawn {
			values = append(values, low, high)
		}
	}
	c.y = valueAxis(values, unit, unit == Microseconds)
	c.x = valueAxis(places, "", false).apply
	c.desc = fmt.Sprintf("Over %s. %s.", clipped(over, maxName), strings.Join(c.parts, "; "))
	return c.render()
}
