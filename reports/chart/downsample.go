package chart

import (
	"cmp"
	"math"
	"slices"
)

// maxBuckets is the number of buckets into which a long line is divided. Of each at most
// two points remain, and a gap.
const maxBuckets = 250

// ordered sorts points by X, and makes a gap where points are missing: where the
// distance is far more than is usual on this line.
func ordered(points []Point) []Point {
	const farMore = 5
	var sorted []Point
	for _, at := range points {
		if x := drawable(at.X); !math.IsNaN(x) {
			sorted = append(sorted, Point{x, drawable(at.Y)})
		}
	}
	slices.SortStableFunc(sorted, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
	usual := usualDistance(sorted)
	var out []Point
	for i, at := range sorted {
		if i > 0 && usual > 0 && at.X-sorted[i-1].X > farMore*usual {
			out = append(out, Point{sorted[i-1].X, math.NaN()})
		}
		out = append(out, at)
	}
	return out
}

// usualDistance returns the median distance of neighbours.
func usualDistance(sorted []Point) float64 {
	if len(sorted) < 3 {
		return 0
	}
	distances := make([]float64, len(sorted)-1)
	for i := range distances {
		distances[i] = sorted[i+1].X - sorted[i].X
	}
	slices.Sort(distances)
	return distances[len(distances)/2]
}

// downsample keeps the smallest and the largest value of each bucket, in their order, and
// gaps: no peak is lost, and no outage. Points have to be in order of X.
func downsample(points []Point, buckets int) []Point {
	if len(points) <= 2*buckets {
		return points
	}
	first, width := points[0].X, points[len(points)-1].X-points[0].X
	bucketOf := func(p Point) int {
		if width == 0 {
			return 0
		}
		return min(int((p.X-first)/width*float64(buckets)), buckets-1)
	}
	var out []Point
	for start := 0; start < len(points); {
		end := start + 1
		for end < len(points) && bucketOf(points[end]) == bucketOf(points[start]) {
			end++
		}
		out = append(out, extremes(points[start:end])...)
		start = end
	}
	return out
}

// extremes returns the points of a bucket that have to stay.
func extremes(points []Point) []Point {
	low, high, gap := -1, -1, -1
	for i, at := range points {
		switch {
		case !at.drawn():
			if gap < 0 {
				gap = i
			}
			continue
		case low < 0:
			low, high = i, i
		}
		if at.Y < points[low].Y {
			low = i
		}
		if at.Y > points[high].Y {
			high = i
		}
	}
	indices := []int{low, high, gap}
	slices.Sort(indices)
	var kept []Point
	for _, i := range slices.Compact(indices) {
		if i >= 0 {
			kept = append(kept, points[i])
		}
	}
	return kept
}
