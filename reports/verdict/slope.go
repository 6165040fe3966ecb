package verdict

import (
	"math"
	"slices"
)

// point is the value of a figure at a time.
type point struct{ x, y float64 }

// line is a straight line through points, and how sure its slope is.
type line struct {
	slope, low, high float64 // in y for one x; the real slope is between low and high
	begin            float64 // y where x is 0
}

// confidence is how many standard deviations the bounds of a slope are away: with 3.29, one
// series in a thousand that has no trend seems to have one.
const confidence = 3.29

// maxCorrelation bounds what is allowed for values that depend on those before them: where all
// values rise, though not along a line, the bounds are to say so.
const maxCorrelation = 0.8

// slopeOf returns the line of Theil and Sen through points in the order of their x, of which
// there have to be three at least: its slope is the median of those between all pairs, so that
// a third of the values may be anything. The bounds are those of Sen, by Kendall's
// distribution, with corrections for equal values, and for values that depend on those before
// them, which tell less than as many independent ones.
func slopeOf(points []point) line {
	var slopes []float64
	for i, a := range points {
		for _, b := range points[i+1:] {
			slopes = append(slopes, (b.y-a.y)/(b.x-a.x))
		}
	}
	slices.Sort(slopes)
	l := line{slope: median(slopes)}
	rests := make([]float64, len(points))
	for i, p := range points {
		rests[i] = p.y - l.slope*p.x
	}
	l.begin = median(slices.Sorted(slices.Values(rests)))
	correlated := correlation(rests)
	width := confidence * math.Sqrt(kendallVariance(points)*(1+correlated)/(1-correlated))
	pairs := float64(len(slopes))
	lowest, highest := int(math.Floor((pairs-width)/2))-1, int(math.Ceil((pairs+width)/2))
	l.low, l.high = slopes[max(0, lowest)], slopes[min(len(slopes)-1, highest)]
	if lowest < 0 { // so few points do not bound it
		l.low, l.high = math.Inf(-1), math.Inf(1)
	}
	return l
}

// median returns the median of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2
}

// kendallVariance returns the variance of the number of pairs that rise less that of pairs
// that fall, of values without a trend.
func kendallVariance(points []point) float64 {
	term := func(n float64) float64 { return n * (n - 1) * (2*n + 5) }
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.y
	}
	slices.Sort(values)
	sum := term(float64(len(values)))
	for i := 0; i < len(values); {
		end := i
		for end < len(values) && values[end] == values[i] {
			end++
		}
		sum -= term(float64(end - i))
		i = end
	}
	return sum / 18
}

// correlation returns how much each value depends on the one before it: 0 for not at all, up
// to maxCorrelation.
func correlation(values []float64) float64 {
	mean := 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	var together, alone float64
	for i, v := range values {
		alone += (v - mean) * (v - mean)
		if i > 0 {
			together += (v - mean) * (values[i-1] - mean)
		}
	}
	if alone == 0 {
		return 0
	}
	found := together / alone
	found += (1 + 4*found) / float64(len(values)) // few values look less correlated than they are
	return min(max(0, found), maxCorrelation)
}
