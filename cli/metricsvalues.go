package cli

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"imcheck/harness/metrics"
	"imcheck/loadgen/books"
	"imcheck/loadgen/swarm"
)

// loadMetrics are the figures of a load as Prometheus collects them. Times are in seconds.
type loadMetrics struct {
	latest     atomic.Pointer[swarm.Snapshot]
	histograms metricHistograms
}

// loadPrefix begins the names of the metrics of a load.
const loadPrefix metrics.Prefix = "imcheck_load_"

var loadMetricsList = []metrics.Figure[swarm.Snapshot]{
	metrics.NewGauge(loadPrefix, "clients", "Clients that were asked for.", func(s *swarm.Snapshot) float64 { return float64(s.Clients) }),
	metrics.NewGauge(loadPrefix, "clients_online", "Clients that are logged in.", func(s *swarm.Snapshot) float64 { return float64(s.Total.Online) }),
	metrics.NewGauge(loadPrefix, "elapsed_seconds", "Time since the start.", func(s *swarm.Snapshot) float64 { return s.Elapsed.Seconds() }),
	metrics.NewCounter(loadPrefix, "logins_total", "Logins that succeeded.", func(s *swarm.Snapshot) float64 { return float64(s.Total.LoggedIn) }),
	metrics.NewCounter(loadPrefix, "messages_sent_total", "Messages sent for the first time, warm-up included.", func(s *swarm.Snapshot) float64 { return float64(s.Total.Sent) }),
	metrics.NewCounter(loadPrefix, "messages_delivered_total", "Messages that arrived, warm-up included.", func(s *swarm.Snapshot) float64 { return float64(s.Total.Delivered) }),
}

var (
	stageMetric  = loadPrefix.Describe("stage", "The stage of the run that is under way has 1.", "stage")
	errorsMetric = loadPrefix.Describe("errors_total", "Sessions and messages lost, connections that failed, and sends that could not be made, by cause.", "cause")
	lostMetric   = loadPrefix.Describe("sessions_lost_total", "Sessions that ended too soon, and clients that never got in, by cause, as the report has them; codes of the server are not distinguished.", "cause")
)

// Describe implements prometheus.Collector.
func (m *loadMetrics) Describe(into chan<- *prometheus.Desc) {
	for _, one := range loadMetricsList {
		into <- one.Desc
	}
	for _, one := range []*prometheus.Desc{stageMetric, errorsMetric, lostMetric, delayMetric, latencyMetric, latenessMetric} {
		into <- one
	}
}

// Collect implements prometheus.Collector. Before the first second is over
// there is nothing to show.
func (m *loadMetrics) Collect(into chan<- prometheus.Metric) {
	s := m.latest.Load()
	if s == nil {
		return
	}
	for _, one := range loadMetricsList {
		into <- one.Of(s)
	}
	for _, stage := range swarm.Phases {
		is := 0.0
		if stage == s.Phase {
			is = 1
		}
		into <- prometheus.MustNewConstMetric(stageMetric, prometheus.GaugeValue, is, string(stage))
	}
	for cause, n := range s.Errors {
		into <- prometheus.MustNewConstMetric(errorsMetric, prometheus.CounterValue, float64(n), books.ErrorCauseNames[cause])
	}
	for _, cause := range swarm.LossCauses {
		into <- prometheus.MustNewConstMetric(lostMetric, prometheus.CounterValue, float64(s.Lost[cause]), cause)
	}
	m.histograms.collect(into, s)
}

// Began returns the time since which everything is counted.
func (m *loadMetrics) Began() time.Time { return m.histograms.start() }

func (m *loadMetrics) show(s swarm.Snapshot) { m.latest.Store(&s) }
