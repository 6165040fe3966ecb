package chart

import (
	"cmp"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Strip has the bounds of a time and measured times, all in milliseconds.
type Strip struct {
	LowerMs, UpperMs float64 // bounds
	ToleranceMs      float64 // granted on both sides
	Points           []StripPoint
}

// StripPoint is one measured time.
type StripPoint struct {
	Ms    float64
	Class string // StripGood, StripBad or StripOdd; any other is taken for odd
}

// Classes of points: a dot, a cross and a triangle.
const (
	StripGood = "good"
	StripBad  = "bad"
	StripOdd  = "odd"
)

// Size of a strip.
const (
	stripWidth    = 260
	stripHeight   = 40
	stripFontSize = 11
)

// DrawStrip draws a strip for the cell of a table: the allowed time as a band,
// the tolerance lighter on both sides, and a mark for each measured time.
func DrawStrip(s Strip) (template.HTML, error) {
	s = s.finite()
	d := drawing{
		class: "strip", width: stripWidth, height: stripHeight, size: `width="260" height="40"`, fontSize: stripFontSize,
		title: s.title(), desc: s.desc(), draw: s.plot,
	}
	return d.render()
}

// finite leaves out what cannot be drawn, and marks that lie on each other.
func (s Strip) finite() Strip {
	for _, bound := range []*float64{&s.LowerMs, &s.UpperMs, &s.ToleranceMs} {
		if *bound = drawable(*bound); math.IsNaN(*bound) {
			*bound = 0
		}
	}
	s.UpperMs, s.ToleranceMs = max(s.LowerMs, s.UpperMs), max(s.ToleranceMs, 0)
	s.Points = slices.DeleteFunc(slices.Clone(s.Points), func(p StripPoint) bool { return math.IsNaN(drawable(p.Ms)) })
	slices.SortStableFunc(s.Points, func(a, b StripPoint) int {
		return cmp.Or(cmp.Compare(severity(a.Class), severity(b.Class)), cmp.Compare(a.Ms, b.Ms))
	})
	return s
}

// severity orders marks for drawing: the worst on top.
func severity(class string) int {
	switch class {
	case StripGood:
		return 0
	case StripBad:
		return 2
	}
	return 1
}

func (s Strip) title() string {
	if s.LowerMs == s.UpperMs {
		return "Allowed: " + inWords(s.LowerMs, Milliseconds)
	}
	return fmt.Sprintf("Allowed: %s to %s", inWords(s.LowerMs, Milliseconds), inWords(s.UpperMs, Milliseconds))
}

// desc names the first measured times; a table beside it has all of them.
func (s Strip) desc() string {
	const most = 20
	var parts []string
	for i, p := range s.Points {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(s.Points)-most))
			break
		}
		word := "odd"
		if p.Class == StripGood || p.Class == StripBad {
			word = p.Class
		}
		parts = append(parts, inWords(p.Ms, Milliseconds)+" ("+word+")")
	}
	if len(parts) == 0 {
		return "Nothing was measured."
	}
	return "Measured: " + strings.Join(parts, ", ") + "."
}

// plot draws the band, the marks and the axis below them.
func (s Strip) plot(canvas draw.Canvas) {
	p := newPlot(stripFontSize)
	p.Y.Min, p.Y.Max = 0, 1
	p.HideY()
	s.axis().apply(&p.X)
	p.X.Tick.Length = 3
	p.Add(stripBody(s))
	p.Draw(draw.Crop(canvas, 8, -8, 0, 0))
}

// axis returns an axis that covers the band and every point, with some room beside them.
func (s Strip) axis() axis {
	low, high := s.LowerMs-s.ToleranceMs, s.UpperMs+s.ToleranceMs
	for _, p := range s.Points {
		low, high = min(low, p.Ms), max(high, p.Ms)
	}
	room := (high - low) / 12
	if room < smallest {
		room = max(math.Abs(high)/12, 1)
	}
	a := axis{min: low - room, max: high + room}
	unit := scaleFor(Milliseconds, max(math.Abs(low), math.Abs(high)))
	inside := linearAxis(a.min, a.max, Milliseconds, false)
	for _, tick := range inside.ticks {
		if tick.Value >= a.min && tick.Value <= a.max {
			label := significant(tick.Value/unit.size, 6)
			a.ticks = append(a.ticks, plot.Tick{Value: tick.Value, Label: label})
		}
	}
	if n := len(a.ticks); n > 0 {
		a.ticks[n-1].Label += unit.suffix
	}
	return a
}

// stripBody is the part of a strip above its axis.
type stripBody Strip

// Plot draws the band and the marks over it.
func (s stripBody) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	middle := c.Center().Y
	const height, least = 9, 2 // height of the band from its middle, and its least width
	band := func(colour color.Color, from, to float64) {
		left, right := x(from), x(to)
		if right-left < least {
			left, right = (left+right-least)/2, (left+right+least)/2
		}
		c.FillPolygon(colour, []vg.Point{{X: left, Y: middle - height}, {X: right, Y: middle - height}, {X: right, Y: middle + height}, {X: left, Y: middle + height}})
	}
	band(roleColour(toleranceRole), s.LowerMs-s.ToleranceMs, s.UpperMs+s.ToleranceMs)
	band(roleColour(windowRole), s.LowerMs, s.UpperMs)
	type place struct{ class, at int }
	drawn := map[place]bool{}
	for _, point := range s.Points {
		at := vg.Point{X: x(point.Ms), Y: middle}
		if here := (place{severity(point.Class), int(at.X.Points() * 2)}); !drawn[here] {
			drawn[here] = true
			c.DrawGlyphNoClip(stripMark(point.Class), at)
		}
	}
}

func stripMark(class string) draw.GlyphStyle {
	switch class {
	case StripGood:
		return draw.GlyphStyle{Color: roleColour(goodRole), Radius: 3, Shape: draw.CircleGlyph{}}
	case StripBad:
		return draw.GlyphStyle{Color: roleColour(badRole), Radius: 5, Shape: cross{}}
	}
	return draw.GlyphStyle{Color: roleColour(oddRole), Radius: 4, Shape: draw.PyramidGlyph{}}
}
