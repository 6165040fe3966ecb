package chart

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// role is a property of the page that gives a drawing a colour, and the colour that it has
// where no style applies: that of the light style, or of the text around the drawing.
type role struct{ property, plain string }

// roles lists all of them. The canvas knows colours only: each role has a placeholder until
// the drawing is written.
var roles = []role{
	{"--text", "currentColor"}, {"--rule", "#d9dde2"}, {"--good", "#1a6b34"}, {"--bad", "#a51d24"}, {"--odd", "#7a5200"},
	{"--chart-window", "#bfe3ca"}, {"--chart-tolerance", "#f6e3b0"}, {"--chart-span", "#f3d6d6"},
	{"--chart-1", "#0069b4"}, {"--chart-2", "#c8500a"}, {"--chart-3", "#00825f"}, {"--chart-4", "#a3479b"}, {"--chart-5", "#7d6608"}, {"--chart-6", "#5b6570"},
}

const (
	textRole = iota
	ruleRole
	goodRole
	badRole
	oddRole
	windowRole
	toleranceRole
	spanRole
	firstLineRole
)

// lineRoles is the number of colours for lines.
var lineRoles = len(roles) - firstLineRole

func roleColour(role int) color.Color {
	return color.NRGBA{R: 1, G: 2, B: uint8(role), A: 255}
}

// pageColour returns the property of the page for a colour of the canvas; "none" and the
// like stay.
func pageColour(hex string) string {
	var n int
	if _, err := fmt.Sscanf(strings.ToLower(hex), "#0102%02x", &n); err != nil || n >= len(roles) {
		return hex
	}
	return "var(" + roles[n].property + "," + roles[n].plain + ")"
}

// marks distinguish lines without colour.
var marks = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{}, cross{}}

// diamond is a square on its corner.
type diamond struct{}

// DrawGlyph fills the diamond.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.2
	var path vg.Path
	path.Move(vg.Point{X: at.X, Y: at.Y + r})
	path.Line(vg.Point{X: at.X + r, Y: at.Y})
	path.Line(vg.Point{X: at.X, Y: at.Y - r})
	path.Line(vg.Point{X: at.X - r, Y: at.Y})
	path.Close()
	c.Fill(path)
}

// cross is an X with strokes that can be seen from afar.
type cross struct{}

// DrawGlyph strokes the cross.
func (cross) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	c.SetLineStyle(draw.LineStyle{Color: style.Color, Width: style.Radius / 2})
	r := style.Radius * 0.9
	var path vg.Path
	path.Move(vg.Point{X: at.X - r, Y: at.Y - r})
	path.Line(vg.Point{X: at.X + r, Y: at.Y + r})
	path.Move(vg.Point{X: at.X - r, Y: at.Y + r})
	path.Line(vg.Point{X: at.X + r, Y: at.Y - r})
	c.Stroke(path)
}

// look is the style of a line, in the chart and in the legend.
type look struct {
	line draw.LineStyle
	mark draw.GlyphStyle
}

func newLook(pair int, dashed bool) look {
	pair = max(0, pair)
	colour := roleColour(firstLineRole + pair%lineRoles)
	l := look{
		line: draw.LineStyle{Color: colour, Width: 1.75},
		mark: draw.GlyphStyle{Color: colour, Radius: 3.2, Shape: marks[pair%len(marks)]},
	}
	if dashed {
		l.line.Dashes = []vg.Length{5, 4}
	}
	return l
}
