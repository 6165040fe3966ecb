package chart

import (
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Span is a part of a timeline that has a name, such as an outage. A part that
// ends where it begins is a moment, shown as an upright line.
type Span struct {
	Name     string
	From, To float64 // seconds since the start
}

// maxSpans bounds the spans of a chart.
const maxSpans = 20

// bands are the spans of a chart, below its lines.
type bands []Span

// newBands returns the spans that begin before the end.
func newBands(spans []Span, end float64) bands {
	var kept bands
	for _, s := range spans {
		s.From, s.To = drawable(s.From), drawable(s.To)
		if math.IsNaN(s.From) || math.IsNaN(s.To) || s.To < s.From || s.From > end || s.To < 0 || len(kept) == maxSpans {
			continue
		}
		s.From, s.To = max(s.From, 0), min(s.To, end)
		kept = append(kept, s)
	}
	return kept
}

var momentStyle = draw.LineStyle{Color: roleColour(textRole), Width: 1.25, Dashes: []vg.Length{2, 3}}

// Plot draws them from the bottom to the top.
func (b bands) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, s := range b {
		s.plot(&c, x(s.From), x(s.To))
	}
}

func (s Span) plot(c *draw.Canvas, left, right vg.Length) {
	if s.From == s.To {
		c.StrokeLine2(momentStyle, left, c.Min.Y, left, c.Max.Y)
		return
	}
	right = max(right, left+2)
	c.FillPolygon(roleColour(spanRole), []vg.Point{{X: left, Y: c.Min.Y}, {X: right, Y: c.Min.Y}, {X: right, Y: c.Max.Y}, {X: left, Y: c.Max.Y}})
}

// legend has an entry for each name.
func (b bands) legend() ([]legendEntry, error) {
	var entries []legendEntry
	named := map[string]bool{}
	for _, s := range b {
		if named[s.Name] {
			continue
		}
		named[s.Name] = true
		swatch, err := swatch(func(canvas draw.Canvas) {
			if middle := canvas.Center(); s.From == s.To {
				s.plot(&canvas, middle.X, middle.X)
			} else {
				s.plot(&canvas, canvas.Min.X+4, canvas.Max.X-4)
			}
		})
		if err != nil {
			return nil, err
		}
		entries = append(entries, legendEntry{clipped(s.Name, maxName), swatch})
	}
	return entries, nil
}

// swatch draws a sample of a line or span for the legend.
func swatch(of func(draw.Canvas)) (template.HTML, error) {
	return drawing{class: "swatch", width: 30, height: 10, size: `width="30" height="10"`, draw: of}.render()
}
