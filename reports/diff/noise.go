package diff

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"imcheck/reports"
)

const (
	// noiseLevel is the probability, when nothing has changed, below which a
	// difference between the seconds of two runs is more than noise. It is small
	// because a comparison tests some hundred percentiles.
	noiseLevel = 0.001
	// minSeconds is the number of seconds that a run needs for the test: with fewer,
	// not even seconds that are all slower than all others reach noiseLevel safely.
	minSeconds = 8
)

// noise is the result of comparing the seconds of two runs.
type noise struct {
	p       float64 // probability that it is due to chance, 0 to 1
	seconds int     // those of the run that has fewer
	missing string  // the folder whose histogram logs are missing; then nothing else is set
	unlike  bool    // the logs of the runs have intervals of different lengths; likewise
}

// noiseTest compares the seconds of two runs at one percentile, in the direction
// that up gives.
type noiseTest func(kind reports.LatencyKind, transport string, percentile float64, up bool) (noise, error)

// noiseOf compares what each second of two runs had at one percentile.
func noiseOf(before, after []int64, up bool) noise {
	if up {
		return noise{p: mannWhitney(before, after), seconds: min(len(before), len(after))}
	}
	return noise{p: mannWhitney(after, before), seconds: min(len(before), len(after))}
}

// unjudged explains why noise could not be recognized; "" when it could.
func (n noise) unjudged() string {
	switch {
	case n.missing != "":
		return n.missing + " lacks histogram logs: every change counts as one, though it may be noise"
	case n.unlike:
		return "the histogram logs of the two runs have intervals of different lengths, as one took much longer, so that none of its changes is judged: run both for as long"
	case n.seconds < minSeconds:
		return fmt.Sprintf("a latency that was recorded in less than %d seconds of a run is not judged, for all of its change may be noise: "+
			"ramp up over more seconds, or measure longer", minSeconds)
	}
	return ""
}

// mannWhitney does the one-sided rank test of Mann and Whitney. It returns the probability
// that the values of more exceed those of less by as much as they do, or by more, when
// both have the same distribution. Only the order of the values counts, so that one
// second with a stall weighs no more than any other. The normal approximation, with
// corrections for ties and continuity, is good for eight values and more.
func mannWhitney(less, more []int64) float64 {
	type value struct {
		v    int64
		more bool
	}
	var all []value
	for _, v := range less {
		all = append(all, value{v, false})
	}
	for _, v := range more {
		all = append(all, value{v, true})
	}
	slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.v, b.v) })
	var ranks, ties float64 // sum of the ranks of more; Σ t³-t over groups of equal values
	for i := 0; i < len(all); {
		end := i
		for end < len(all) && all[end].v == all[i].v {
			end++
		}
		t := float64(end - i)
		ties += t*t*t - t
		for _, v := range all[i:end] {
			if v.more {
				ranks += float64(i+end+1) / 2 // the middle of ranks i+1 to end
			}
		}
		i = end
	}
	a, b := float64(len(less)), float64(len(more))
	n := a + b
	u := ranks - b*(b+1)/2 // pairs in which more is ahead
	variance := a * b / 12 * (n + 1 - ties/(n*(n-1)))
	if variance <= 0 {
		return 1 // all values are the same
	}
	return math.Erfc((u-a*b/2-0.5)/math.Sqrt(2*variance)) / 2
}
