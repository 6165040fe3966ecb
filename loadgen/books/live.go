package books

import (
	"slices"

	"imcheck/reports"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Live are the histograms of a run that goes on. Each kind is merged when it is first
// asked for.
type Live struct {
	workers   Workers
	intervals *Intervals
	merged    *Recorder
	kinds     [Kinds]bool // kinds that are merged
	lateness  bool        // is merged
}

// NewLive returns the histograms of workers, a part of which intervals has taken away from
// them.
func NewLive(workers Workers, intervals *Intervals) *Live {
	return &Live{workers: workers, intervals: intervals, merged: NewRecorder(nil)}
}

// Latency returns the histogram of a kind on a transport, or on all, from an origin; each
// by its name in reports.
func (l *Live) Latency(name reports.LatencyKind, transport, from string) *hdrhistogram.Histogram {
	k := Kind(slices.Index(KindNames[:], name))
	if !l.kinds[k] {
		l.kinds[k] = true
		l.merged.mergeKind(l.intervals.total, k)
		for _, w := range l.workers {
			l.merged.mergeKind(w.Latencies, k)
		}
	}
	return l.merged.Total(k, transport, slices.Index(Origins[:], from))
}

// Lateness returns the histogram of how late the generator's own sends were.
func (l *Live) Lateness() *hdrhistogram.Histogram {
	if !l.lateness {
		l.lateness = true
		l.merged.mergeLateness(l.intervals.total)
		for _, w := range l.workers {
			l.merged.mergeLateness(w.Latencies)
		}
	}
	return l.merged.Lateness
}
