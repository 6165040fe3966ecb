package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is a name that a target or a user might give.
const hostile = "\"'></svg><script>alert(1)</script>]]>\x1b[2J\x00\u202e\n\xff&{{.}}"

// element is an element of a parsed chart.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

// parsed reads a chart as XML: what a chart is, that every start has its end and
// every text its escapes.
func parsed(t *testing.T, html template.HTML) (elements []element) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader("<page>" + string(html) + "</page>"))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		if err != nil {
			t.Fatalf("%v in %.500s", err, html)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			elements = append(elements, e)
		case xml.CharData:
			if n := len(elements); n > 0 {
				elements[n-1].text += string(token)
			}
		}
	}
}

// fine holds what is asked of every chart: it loads nothing, has no id and no
// colour of its own, and numbers that are numbers.
func fine(t *testing.T, html template.HTML) {
	t.Helper()
	known := map[string]bool{
		"page": true, "figure": true, "figcaption": true, "small": true, "p": true, "ul": true, "li": true,
		"svg": true, "title": true, "desc": true, "g": true, "path": true, "text": true,
	}
	for _, e := range parsed(t, html) {
		if !known[e.name] {
			t.Errorf("the chart has a <%s>", e.name)
		}
		for name, value := range e.attrs {
			switch name {
			case "class", "viewBox", "role", "aria-hidden", "font-family", "font-size", "d", "x", "y", "transform",
				"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
				"width", "height", "preserveAspectRatio":
			default:
				t.Errorf("<%s %s=%q>", e.name, name, value)
			}
			value = pageColours.ReplaceAllString(value, "")
			if strings.ContainsAny(value, "#") || strings.Contains(value, "url(") {
				t.Errorf("%s=%q: a colour of its own, or something to load", name, value)
			}
			if numberless.MatchString(value) {
				t.Errorf("%s=%q: no number", name, value)
			}
		}
		if e.name == "svg" && (e.attrs["viewBox"] == "" || (e.attrs["role"] == "") == (e.attrs["aria-hidden"] == "")) {
			t.Errorf("an svg with %v", e.attrs)
		}
	}
}

// pageColours matches a colour of the page with the one in its place without a style.
var pageColours = regexp.MustCompile(`^var\(--[a-z0-9-]+,(#[0-9a-f]{6}|currentColor)\)$`)

// What a drawing has where no style applies is the light style of the page.
func TestPlainColoursAreThoseOfTheStyle(t *testing.T) {
	var style []byte
	for _, name := range []string{"base.css", "charts.css"} {
		text, err := os.ReadFile(filepath.Join("..", "page", "assets", name))
		if err != nil {
			t.Fatal(err)
		}
		light, _, _ := bytes.Cut(text, []byte("prefers-color-scheme: dark"))
		style = append(style, light...)
	}
	for _, r := range roles {
		if r.plain != "currentColor" && !bytes.Contains(style, []byte(r.property+": "+r.plain+";")) {
			t.Errorf("the light style has another colour than %s for %s", r.plain, r.property)
		}
	}
}

// Each path says how it is painted, and each drawing how large it is: without a style
// everything would be filled with black.
func TestDrawingsNeedNoStyle(t *testing.T) {
	for name, html := range examples(t) {
		for _, e := range parsed(t, html) {
			switch e.name {
			case "path", "text":
				if e.attrs["fill"] == "" || e.attrs["fill"] == "none" && e.attrs["stroke"] == "" {
					t.Errorf("%s: a <%s> with %v", name, e.name, e.attrs)
				}
			case "svg":
				if e.attrs["width"] == "" || e.attrs["height"] == "" {
					t.Errorf("%s: an <svg> with %v", name, e.attrs)
				}
			}
		}
	}
}

var numberless = regexp.MustCompile(`NaN|Inf|e[+-]?\d`)

func compareGolden(t *testing.T, got template.HTML, name string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	lines := []byte(strings.ReplaceAll(string(got), "><", ">\n<") + "\n")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, lines, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if !bytes.Equal(lines, want) {
		t.Errorf("%s differs:\n%s", path, lines)
	}
}

// drawn fails the test when a chart could not be drawn.
func drawn(t *testing.T) func(template.HTML, error) template.HTML {
	return func(html template.HTML, err error) template.HTML {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return html
	}
}

// examples are small charts of every kind.
func examples(t *testing.T) map[string]template.HTML {
	is := drawn(t)
	return map[string]template.HTML{
		"percentiles.svg": is(Percentiles("Delivery", []Curve{
			{Name: "tcp, due → reply", Points: []Quantile{{0, 210}, {0.5, 900}, {0.9, 1200}, {0.99, 21_000}, {0.999, 32_000}, {1, 40_000}}},
			{Name: "tcp, send → reply", Dashed: true, Points: []Quantile{{0.5, 800}, {0.99, 2000}}},
		})),
		"timeline.svg": is(Timeline("Throughput", "messages/s", []Line{
			{Name: "sent", Points: []Point{{1, 1000}, {2, 1010}, {3, 990}, {4, 1000}}},
			{Name: "delivered", Pair: 1, Points: []Point{{1, 1000}, {2, math.NaN()}, {3, 0}, {4, 12_400}}},
		}, Span{"nobody online", 2, 3}, Span{"dropped", 1.5, 1.5})),
		"trend.svg": is(Trend("p99", Microseconds, []string{"monday", "tuesday", "friday"}, []Line{
			{Name: "delivery", Points: []Point{{0, 1500}, {1, 1700}, {2, 900}}},
		})),
		"over.svg": is(Over("Cases that hold", "percent", "messages a second", []Line{
			{Name: "hold", Points: []Point{{0, 100}, {200, 100}, {500, 97.5}, {2000, 61}}},
			{Name: "hold, or it is not known", Dashed: true, Pair: 1, Points: []Point{{0, 100}, {200, 100}, {500, math.NaN()}, {2000, 80}}},
		})),
		"strip.svg": is(DrawStrip(Strip{LowerMs: 10_000, UpperMs: 13_000, ToleranceMs: 500,
			Points: []StripPoint{{10_200, StripGood}, {13_900, StripBad}, {13_300, StripOdd}}})),
	}
}

func TestGolden(t *testing.T) {
	for name, html := range examples(t) {
		t.Run(name, func(t *testing.T) {
			fine(t, html)
			compareGolden(t, html, name)
		})
	}
}

// The same input gives the same bytes.
func TestDeterministic(t *testing.T) {
	again := examples(t)
	for name, html := range examples(t) {
		if html != again[name] {
			t.Errorf("%s differs when it is drawn again", name)
		}
	}
}

// Names come out as text, whatever they are.
func TestHostileNames(t *testing.T) {
	is := drawn(t)
	points := []Point{{0, 1}, {1, 2}}
	for name, html := range map[string]template.HTML{
		"percentiles": is(Percentiles(hostile, []Curve{{Name: hostile, Points: []Quantile{{0.5, 3}}}})),
		"timeline":    is(Timeline(hostile, hostile, []Line{{Name: hostile, Points: points}}, Span{hostile, 0, 1})),
		"trend":       is(Trend(hostile, hostile, []string{hostile, hostile}, []Line{{Name: hostile, Points: points}})),
		"over":        is(Over(hostile, hostile, hostile, []Line{{Name: hostile, Points: points}})),
		"strip":       is(DrawStrip(Strip{LowerMs: 1, UpperMs: 2, Points: []StripPoint{{1, hostile}}})),
	} {
		t.Run(name, func(t *testing.T) {
			fine(t, html)
			if name == "strip" {
				return // it shows no text that it is given
			}
			found := false
			for _, e := range parsed(t, html) {
				found = found || strings.Contains(e.text, "<script>")
			}
			if !found {
				t.Error("the hostile name is nowhere: the test shows nothing")
			}
		})
	}
}

// Input that has no place on an axis, or hardly any, neither fails nor panics.
func TestOddInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	values := map[string][]float64{
		"none": nil, "one": {5}, "zero": {0}, "zeros": {0, 0, 0}, "equal": {7, 7, 7}, "negative": {-5, -1, -3},
		"both signs": {-1e9, 1e9}, "not a number": {nan, nan}, "a gap": {1, nan, 3}, "infinite": {inf, -inf, 2},
		"zero on a logarithmic axis": {0, 1, 1e6}, "tiny": {1e-300, 1e-12}, "huge": {math.MaxFloat64, 1}, "both huge": {-math.MaxFloat64, math.MaxFloat64},
		"far apart": {1e-9, 1e15},
	}
	is := drawn(t)
	for name, ys := range values {
		t.Run(name, func(t *testing.T) {
			var byIndex, byValue []Point
			var quantiles []Quantile
			var measured []StripPoint
			var spans []Span
			runs := make([]string, len(ys))
			for i, y := range ys {
				byIndex, byValue = append(byIndex, Point{float64(i), y}), append(byValue, Point{y, y})
				quantiles = append(quantiles, Quantile{y, int64(i - 1)}, Quantile{float64(i) / 2, math.MaxInt64}, Quantile{0.5, math.MinInt64})
				spans = append(spans, Span{"", y, 1}, Span{"", 0, y}, Span{"", y, y})
				measured = append(measured, StripPoint{y, StripGood})
			}
			for _, unit := range []string{"", "things", Microseconds, Milliseconds, Bytes} {
				for _, points := range [][]Point{byIndex, byValue} {
					fine(t, is(Timeline(name, unit, []Line{{Points: points}}, spans...)))
					fine(t, is(Over(name, unit, name, []Line{{Points: points}})))
					fine(t, is(Trend(name, unit, runs, []Line{{Points: points, Pair: -3}})))
				}
			}
			fine(t, is(Percentiles(name, []Curve{{Points: quantiles, Pair: 99}, {}})))
			fine(t, is(DrawStrip(Strip{Points: measured})))
			for _, y := range ys {
				fine(t, is(DrawStrip(Strip{LowerMs: y, UpperMs: -y, ToleranceMs: y, Points: measured})))
			}
		})
	}
	fine(t, is(Timeline("no lines", "", nil)))
	fine(t, is(Trend("no lines", "", nil, nil)))
	fine(t, is(Over("no lines", "", "", nil)))
	fine(t, is(Percentiles("no curves", nil)))
	fine(t, is(DrawStrip(Strip{})))
}
