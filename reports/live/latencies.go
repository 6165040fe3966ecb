package live

import (
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// Latencies adds up the intervals of a load, over all transports, as they are handed to a log of
// intervals (loadgen/books.IntervalLog). One goroutine may write while others read. There are
// few kinds, so that its memory is bounded.
type Latencies struct {
	mu   sync.Mutex
	sums map[reports.Series]*hdrhistogram.Histogram
}

// Start begins a run: what was added up before is forgotten.
func (l *Latencies) Start(time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums = map[reports.Series]*hdrhistogram.Histogram{}
}

// Add adds the part of a series between two times. It never fails.
func (l *Latencies) Add(s reports.Series, _, _ time.Time, h *hdrhistogram.Histogram) error {
	if s.Kind == reports.SeriesLateness || s.Kind == reports.SeriesTimeline {
		return nil // the timeline has them
	}
	s.Transport = reports.AllTransports
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := l.sums[s]
	if sum == nil {
		sum = reports.NewHistogram()
		l.sums[s] = sum
	}
	sum.Merge(h)
	return nil
}

// Rows returns the latencies so far: since due, and since the send where nothing has a due time.
func (l *Latencies) Rows() (rows []reports.Latency) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s, sum := range l.sums {
		due := reports.Series{Kind: s.Kind, Transport: s.Transport, From: reports.FromDue}
		if sum.TotalCount() == 0 || s.From != reports.FromDue && l.sums[due] != nil {
			continue
		}
		rows = append(rows, reports.SummarizedLatency(s, sum))
	}
	slices.SortFunc(rows, func(a, b reports.Latency) int {
		return reports.CompareSeries(reports.LatencyKinds, reports.Series{Kind: a.Kind, Transport: a.Transport, From: a.From}, reports.Series{Kind: b.Kind, Transport: b.Transport, From: b.From})
	})
	return rows
}
