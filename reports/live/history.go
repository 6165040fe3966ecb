package live

import (
	"slices"

	"imcheck/reports"
)

// maxSamples bounds the samples of a History: more than a chart has room for, and few enough for
// a run of days.
const maxSamples = 1200

// History keeps the course of a run in at most maxSamples samples, each of which is about
// equally many seconds: more and more of them as the run goes on. It is not for several
// goroutines at once.
type History struct {
	samples []reports.Sample
	last    int // seconds in the last sample
	per     int // seconds in each of the others
}

// Add adds a second, unless it was added before: a run may tell of its last one twice.
func (h *History) Add(s reports.Sample) {
	h.per = max(h.per, 1)
	n := len(h.samples)
	if n > 0 && s.AtMs <= h.samples[n-1].AtMs {
		return
	}
	if n > 0 && h.last < h.per {
		h.samples[n-1] = joined(h.samples[n-1], s, h.last, 1)
		h.last++
		return
	}
	if n == maxSamples {
		h.halve()
	}
	h.samples = append(h.samples, s)
	h.last = 1
}

// halve joins each two neighbours.
func (h *History) halve() {
	for i := range maxSamples / 2 {
		h.samples[i] = joined(h.samples[2*i], h.samples[2*i+1], h.per, h.per)
	}
	h.samples = h.samples[:maxSamples/2]
	h.per *= 2
}

// Samples returns the course so far, the oldest first, and how many seconds each sample is
// about; the last may be about fewer.
func (h *History) Samples() (samples []reports.Sample, per int) {
	return slices.Clone(h.samples), max(h.per, 1)
}

// joined returns what two samples of so many seconds were together: counts are added, of
// percentiles and of time that was lost the highest stays, of what was used the mean.
func joined(a, b reports.Sample, secondsA, secondsB int) reports.Sample {
	mean := func(x, y float64) float64 {
		return (x*float64(secondsA) + y*float64(secondsB)) / float64(secondsA+secondsB)
	}
	b.Sent += a.Sent
	b.Delivered += a.Delivered
	b.Errors += a.Errors
	b.LoggedIn += a.LoggedIn
	b.P50Us, b.P99Us, b.LateP99Us = max(a.P50Us, b.P50Us), max(a.P99Us, b.P99Us), max(a.LateP99Us, b.LateP99Us)
	b.GeneratorCPU = mean(a.GeneratorCPU, b.GeneratorCPU)
	if a.Target != nil && b.Target != nil {
		used := *b.Target
		used.CPU, used.GCMs = mean(a.Target.CPU, used.CPU), max(a.Target.GCMs, used.GCMs)
		b.Target = &used
	}
	return b
}
