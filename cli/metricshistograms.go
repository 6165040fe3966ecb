package cli

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"imcheck/loadgen/books"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
)

var (
	delayMetric    = loadPrefix.Describe("delivery_seconds", "Delivery of messages since they were due, and of echoes since they were sent; quantiles of the last second, sum and count of the whole run.")
	latencyMetric  = loadPrefix.Describe("latency_seconds", "Latencies of logins, and of all else that counts, by kind, by the transport of the client that waits, and by origin: since due (from=\"due\") or since the send (from=\"send\").", "kind", "transport", "from")
	latenessMetric = loadPrefix.Describe("lateness_seconds", "Lateness of the generator's own sends that count.")
)

// classicBounds are the upper bounds in seconds of the buckets of classic histograms: two or
// three in each decade, from what a server on the same machine takes to the minute that
// the figures of a load end at.
var classicBounds = []float64{
	0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
}

// Resolution of native histograms: nativeSteps buckets for each doubling, which is what
// nativeSchema means, from half a microsecond on; below there are only zeros.
const (
	nativeSchema        = 3
	nativeSteps         = 1 << nativeSchema
	nativeZeroThreshold = 1.0 / (1 << 21)
)

// metricHistogram has the counts of a histogram in a run so far.
type metricHistogram struct {
	count   uint64
	sum     float64       // in seconds
	classic []uint64      // by bucket of classicBounds, not cumulative
	native  map[int]int64 // by index of the native bucket
	zeros   uint64        // under nativeZeroThreshold
}

// newMetricHistogram returns a histogram that has counted nothing.
func newMetricHistogram() *metricHistogram {
	return &metricHistogram{classic: make([]uint64, len(classicBounds)), native: map[int]int64{}}
}

// add counts the values of a histogram of microseconds, at the lower end of the range
// that they cannot be distinguished in, which is at most a thousandth wide.
func (m *metricHistogram) add(h *hdrhistogram.Histogram) {
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		seconds := float64(bar.From) / 1e6
		m.count += uint64(bar.Count)
		m.sum += seconds * float64(bar.Count)
		if i, _ := slices.BinarySearch(classicBounds, seconds); i < len(classicBounds) {
			m.classic[i] += uint64(bar.Count)
		}
		if seconds <= nativeZeroThreshold {
			m.zeros += uint64(bar.Count)
		} else {
			m.native[int(math.Ceil(math.Log2(seconds)*nativeSteps))] += bar.Count
		}
	}
}

// metric returns the histogram for Prometheus, classic and native.
func (m *metricHistogram) metric(of *prometheus.Desc, began time.Time, labels ...string) prometheus.Metric {
	cumulative, sofar := map[float64]uint64{}, uint64(0)
	for i, n := range m.classic {
		sofar += n
		cumulative[classicBounds[i]] = sofar
	}
	return dualHistogram{
		Metric:  prometheus.MustNewConstNativeHistogram(of, m.count, m.sum, m.native, nil, m.zeros, nativeSchema, nativeZeroThreshold, began, labels...),
		classic: prometheus.MustNewConstHistogram(of, m.count, m.sum, cumulative, labels...),
	}
}

// dualHistogram is a native histogram that has the buckets of a classic one as well, for
// text formats and for those who do not read native ones.
type dualHistogram struct {
	prometheus.Metric
	classic prometheus.Metric
}

// Write implements prometheus.Metric.
func (d dualHistogram) Write(into *dto.Metric) error {
	if err := d.Metric.Write(into); err != nil {
		return err
	}
	var classic dto.Metric
	if err := d.classic.Write(&classic); err != nil {
		return err
	}
	into.Histogram.Bucket = classic.Histogram.Bucket
	return nil
}

// metricHistograms add up the intervals of a run. They are a books.IntervalLog, which one
// goroutine writes to while others collect.
type metricHistograms struct {
	mu       sync.Mutex
	began    time.Time
	bySeries map[reports.Series]*metricHistogram
}

// Start implements books.IntervalLog.
func (m *metricHistograms) Start(began time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.began = began
	m.bySeries = map[reports.Series]*metricHistogram{
		{Kind: reports.SeriesLateness}: newMetricHistogram(), {Kind: reports.SeriesTimeline}: newMetricHistogram(),
	}
}

// start returns when the run began.
func (m *metricHistograms) start() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.began
}

// Add implements books.IntervalLog.
func (m *metricHistograms) Add(s reports.Series, _, _ time.Time, h *hdrhistogram.Histogram) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bySeries[s] == nil {
		m.bySeries[s] = newMetricHistogram()
	}
	m.bySeries[s].add(h)
	return nil
}

// collect hands out every histogram. A latency that has not been measured has none.
func (m *metricHistograms) collect(into chan<- prometheus.Metric, s *swarm.Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	byName := func(a, b reports.Series) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Transport, b.Transport), cmp.Compare(a.From, b.From))
	}
	for _, series := range slices.SortedFunc(maps.Keys(m.bySeries), byName) {
		h := m.bySeries[series]
		switch series.Kind {
		case reports.SeriesTimeline:
			quantiles := map[float64]float64{0.5: float64(s.Second.P50Us) / 1e6, 0.99: float64(s.Second.P99Us) / 1e6}
			into <- prometheus.MustNewConstSummary(delayMetric, h.count, h.sum, quantiles)
		case reports.SeriesLateness:
			into <- h.metric(latenessMetric, m.began)
		default:
			into <- h.metric(latencyMetric, m.began, string(series.Kind), series.Transport, series.From)
		}
	}
}

// intervalLogs writes to several logs.
type intervalLogs []books.IntervalLog

// Start implements books.IntervalLog.
func (all intervalLogs) Start(began time.Time) {
	for _, log := range all {
		log.Start(began)
	}
}

// Add implements books.IntervalLog.
func (all intervalLogs) Add(s reports.Series, start, end time.Time, h *hdrhistogram.Histogram) error {
	for _, log := range all {
		if err := log.Add(s, start, end, h); err != nil {
			return err
		}
	}
	return nil
}
