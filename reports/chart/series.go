package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Point is one value of a line. Y is NaN for a gap in the line.
type Point struct{ X, Y float64 }

func (p Point) drawn() bool { return !math.IsNaN(p.X) && !math.IsNaN(p.Y) }

// Bounds of values that are drawn. Larger ones are neither times nor counts, and smaller
// ones are drawn as 0. Between them the arithmetic of the axes is sound.
const (
	largest  = 1e15
	smallest = 1e-9
)

// drawable clamps a value to these bounds, and returns NaN for one above them.
func drawable(v float64) float64 {
	switch a := math.Abs(v); {
	case !(a <= largest):
		return math.NaN()
	case a < smallest:
		return 0
	}
	return v
}

// fewPoints is up to how many points each of them has a mark; on longer lines
// there are as many marks as tell it from the others.
const (
	fewPoints = 12
	someMarks = 6
)

// series is a line in a plot, with its marks.
type series struct {
	points []Point // on the axes
	look
	order, of int  // its place, and the number of lines: so marks do not lie on each other
	all       bool // every point has a mark
}

// Plot draws the line as one path, whatever gaps it has.
func (s series) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	place := func(at Point) vg.Point { return vg.Point{X: x(at.X), Y: y(at.Y)} }
	var path vg.Path
	for i, at := range s.points {
		before := i > 0 && s.points[i-1].drawn()
		after := i+1 < len(s.points) && s.points[i+1].drawn()
		switch {
		case !at.drawn():
		case before:
			path.Line(place(at))
		default:
			path.Move(place(at))
			if !after {
				path.Line(place(at)) // with round ends a dot
			}
		}
	}
	if len(path) == 0 {
		return
	}
	c.SetLineStyle(s.line)
	c.Stroke(path)
	for _, i := range s.marked() {
		c.DrawGlyphNoClip(s.mark, place(s.points[i]))
	}
}

// marked returns the indices of the points that have a mark.
func (s series) marked() (indices []int) {
	var drawn []int
	for i, at := range s.points {
		if at.drawn() {
			drawn = append(drawn, i)
		}
	}
	if len(drawn) <= fewPoints || s.all {
		return drawn
	}
	shift := float64(s.order+1) / float64(s.of+1)
	for i := range someMarks {
		place := (float64(i) + shift) / someMarks
		indices = append(indices, drawn[int(place*float64(len(drawn)))])
	}
	return indices
}
