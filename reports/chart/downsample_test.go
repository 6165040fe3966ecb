package chart

import (
	"math"
	"slices"
	"testing"
)

// Of a day of seconds every peak and every trough is kept, and every gap.
func TestDownsampleKeepsPeaks(t *testing.T) {
	const seconds, buckets = 86_400, 250
	points := make([]Point, seconds)
	for i := range points {
		points[i] = Point{float64(i), 100}
	}
	peaks := []int{0, 1234, 50_000, 50_001, seconds - 1}
	for n, i := range peaks {
		points[i].Y = 1000 + float64(n)
	}
	points[70_000].Y = -5
	for i := 30_000; i < 30_003; i++ {
		points[i].Y = math.NaN()
	}
	got := downsample(points, buckets)
	if len(got) > 3*buckets {
		t.Errorf("%d points are left of %d", len(got), seconds)
	}
	for _, i := range []int{0, 1234, 50_001, seconds - 1, 70_000} { // 50,000 is beside a higher one
		if !slices.Contains(got, points[i]) {
			t.Errorf("the peak of %v after %d s is lost", points[i].Y, i)
		}
	}
	if !slices.ContainsFunc(got, func(p Point) bool { return p.X >= 30_000 && p.X < 30_003 && math.IsNaN(p.Y) }) {
		t.Error("the gap after 30,000 s is lost")
	}
	if !slices.IsSortedFunc(got, func(a, b Point) int { return int(a.X - b.X) }) {
		t.Error("the points are not in order")
	}
	if short := points[:2*buckets]; len(downsample(short, buckets)) != len(short) {
		t.Error("points were taken from a line that is short enough")
	}
	same := make([]Point, 1000) // all at one time
	if n := len(downsample(same, buckets)); n != 1 {
		t.Errorf("%d points are left of 1000 equal ones", n)
	}
}

func TestOrderedHasGapsWherePointsAreMissing(t *testing.T) {
	got := ordered([]Point{{9, 1}, {1, 1}, {2, 1}, {3, 1}, {math.Inf(1), 1}, {10, math.Inf(-1)}})
	want := []Point{{1, 1}, {2, 1}, {3, 1}, {3, math.NaN()}, {9, 1}, {10, math.NaN()}}
	equal := func(a, b Point) bool { return a.X == b.X && (a.Y == b.Y || math.IsNaN(a.Y) && math.IsNaN(b.Y)) }
	if !slices.EqualFunc(got, want, equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// An hour of seconds is some tens of kilobytes.
func TestTimelineOfAnHourIsSmall(t *testing.T) {
	var line Line
	for i := range 3600 {
		line.Points = append(line.Points, Point{float64(i), 1000 + 400*math.Sin(float64(i)*7)})
	}
	html := drawn(t)(Timeline("Messages", "per second", []Line{line, {Pair: 1, Points: line.Points}}))
	if len(html) > 30_000 {
		t.Errorf("two lines of an hour take %d bytes", len(html))
	}
}
