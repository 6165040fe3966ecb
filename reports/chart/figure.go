package chart

import (
	"bytes"
	"fmt"
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Size of a chart's view box. A page shows it between 0.8 times (a phone) and
// 1.2 times as large, which leaves its text readable on both.
const (
	chartWidth    = 460
	chartHeight   = 230
	chartFontSize = 13
	// chartSize shows it in the same way where no style applies: as large as there is room
	// for, up to 1.2 times, at the left.
	chartSize = `width="100%" height="276" preserveAspectRatio="xMinYMin"`
)

// face is measured where texts are placed. Readers have fonts of the same
// widths under other names; svg.go lists them.
var face = font.Font{Typeface: "Liberation", Variant: "Sans"}

// figure is a chart with its caption and legend.
type figure struct {
	Title, Unit string
	Drawing     template.HTML
	Legend      []legendEntry
}

type legendEntry struct {
	Name   string
	Swatch template.HTML
}

var figureTemplate = template.Must(template.New("figure").Parse(`<figure class="chart">
<figcaption>{{.Title}}{{with .Unit}} <small>{{.}}</small>{{end}}</figcaption>
{{if .Drawing}}{{.Drawing}}{{else}}<p class="quiet">Nothing was recorded.</p>{{end}}
{{- if .Legend}}
<ul class="legend">
{{- range .Legend}}
<li>{{.Swatch}} {{.Name}}</li>
{{- end}}
</ul>
{{- end}}
</figure>`))

// chart has what the charts with two axes have in common.
type chart struct {
	title, unit string // title and unit of the values
	desc        string
	x           func(*plot.Axis)
	y           axis
	spans       bands
	lines       []series
	names       []string // names of the lines
	parts       []string // what the description says of them
}

// addLine adds a line, unless none of its points can be drawn, and returns its range. all is
// whether each point has a mark.
func (c *chart) addLine(line Line, points []Point, all bool) (low, high float64, drawn bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, at := range points {
		if at.drawn() {
			low, high = min(low, at.Y), max(high, at.Y)
		}
	}
	if low > high {
		return 0, 0, false
	}
	c.lines = append(c.lines, series{points: points, look: newLook(line.Pair, line.Dashed), all: all})
	c.names = append(c.names, line.Name)
	c.parts = append(c.parts, rangeWords(line.Name, low, high, c.unit))
	return low, high, true
}

// render draws the figure. Without a point that can be drawn it says so.
func (c chart) render() (template.HTML, error) {
	f := figure{Title: clipped(c.title, maxName)}
	if !hasScales(c.unit) {
		f.Unit = clipped(c.unit, maxName)
	}
	if c.drawn() {
		var err error
		d := drawing{class: "plot", width: chartWidth, height: chartHeight, size: chartSize, fontSize: chartFontSize, title: f.Title, desc: c.desc, draw: c.plot}
		if f.Drawing, err = d.render(); err != nil {
			return "", err
		}
		if f.Legend, err = c.legend(); err != nil {
			return "", err
		}
	}
	var out bytes.Buffer
	if err := figureTemplate.Execute(&out, f); err != nil {
		return "", fmt.Errorf("write the chart %q: %w", f.Title, err)
	}
	return template.HTML(out.String()), nil
}

func (c chart) drawn() bool {
	for _, line := range c.lines {
		for _, at := range line.points {
			if at.drawn() {
				return true
			}
		}
	}
	return false
}

func (c chart) plot(canvas draw.Canvas) {
	p := newPlot(chartFontSize)
	c.x(&p.X)
	c.y.apply(&p.Y)
	rule := draw.LineStyle{Color: roleColour(ruleRole), Width: 0.75}
	p.Add(c.spans)
	p.Add(&plotter.Grid{Vertical: rule, Horizontal: rule})
	for i, line := range c.lines {
		line.order, line.of = i, len(c.lines)
		p.Add(line)
	}
	const margin = 6 // for marks and lines at the edge
	p.Draw(draw.Crop(canvas, 1, -margin, 1, -margin))
}

// newPlot has no title and no background: the page has both.
func newPlot(fontSize vg.Length) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.Color = roleColour(ruleRole)
		a.Width = 1
		a.Tick.LineStyle = draw.LineStyle{Color: roleColour(ruleRole), Width: 1}
		a.Tick.Length = 5
		a.Tick.Label.Font = font.From(face, fontSize)
		a.Tick.Label.Color = roleColour(textRole)
	}
	return p
}

// legend names the lines, each with a piece of it, and the spans.
func (c chart) legend() ([]legendEntry, error) {
	var entries []legendEntry
	for i, line := range c.lines {
		piece, err := swatch(func(canvas draw.Canvas) {
			middle := canvas.Center()
			canvas.StrokeLine2(line.line, 1, middle.Y, 29, middle.Y)
			canvas.DrawGlyphNoClip(line.mark, middle)
		})
		if err != nil {
			return nil, err
		}
		entries = append(entries, legendEntry{clipped(c.names[i], maxName), piece})
	}
	spans, err := c.spans.legend()
	return append(entries, spans...), err
}
