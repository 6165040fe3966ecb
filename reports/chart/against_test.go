package chart

import (
	"math"
	"strings"
	"testing"
)

// knee is a latency that rises where a load of 1000 is reached.
func knee() []Line {
	line := func(name string, pair int, factor float64) Line {
		l := Line{Name: name, Pair: pair}
		for _, x := range []float64{100, 200, 400, 800, 950, 950, 1000, 1200} {
			y := factor * 1000
			if x > 960 {
				y = factor * 1000 * (x - 900)
			}
			l.Points = append(l.Points, Point{x, y})
		}
		return l
	}
	return []Line{line("p50", 0, 1), line("p99", 1, 4)}
}

// The axis is that of the load, from the smallest to the largest, whatever the order of
// the points.
func TestAgainst(t *testing.T) {
	lines := knee()
	drawing, err := Against("Latency", Microseconds, "messages a second", lines, Span{Name: "the edge", From: 950, To: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Latency, by messages a second", "From 100 to 1200 messages a second. p50: from 1 ms to 300 ms; p99: from 4 ms to 1.2 s; the edge: from 950 to 1000.", ">1 s<", "the edge",
	} {
		if !strings.Contains(string(drawing), want) {
			t.Errorf("%q is not in %s", want, drawing)
		}
	}
	for i := range lines {
		points := lines[i].Points
		points[0], points[5] = points[5], points[0]
	}
	if again, err := Against("Latency", Microseconds, "messages a second", lines, Span{Name: "the edge", From: 950, To: 1000}); err != nil || again != drawing {
		t.Errorf("in another order: %v, %s", err, again)
	}
}

// Loads that are many times each other have a logarithmic axis.
func TestAgainstManyTimes(t *testing.T) {
	drawing, err := Against("Achieved", "messages a second", "messages a second", []Line{{Name: "achieved", Points: []Point{{10, 10}, {100, 100}, {10_000, 5000}}}})
	if err != nil || !strings.Contains(string(drawing), ">10 k<") || !strings.Contains(string(drawing), "From 10 to 10 k messages a second") {
		t.Errorf("got %v, %s", err, drawing)
	}
}

// What has no place on an axis is left out, and nothing is drawn of nothing.
func TestAgainstOddities(t *testing.T) {
	for name, lines := range map[string][]Line{
		"nothing": nil, "no points": {{Name: "x"}},
		"nowhere": {{Name: "x", Points: []Point{{math.NaN(), 1}, {0, 1}, {-5, 1}, {math.Inf(1), 1}, {5, math.NaN()}}}},
	} {
		drawing, err := Against("Title", "", "load", lines, Span{Name: "edge", From: -1, To: math.NaN()}, Span{From: 3, To: 2})
		if err != nil || !strings.Contains(string(drawing), "Nothing was recorded") {
			t.Errorf("%s: %v, %s", name, err, drawing)
		}
	}
	if drawing, err := Against("Title", "", "load", []Line{{Name: "x", Points: []Point{{7, 3}}}}); err != nil || !strings.Contains(string(drawing), "<svg") {
		t.Errorf("one point: %v, %s", err, drawing)
	}
}
