package cli

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"imcheck/loadgen/books"
	"imcheck/loadgen/swarm"
)

// loadMetrics are the figures of a load as Prometheus collects them. Times are in seconds.
type loadMetrics struct {
	latest     atomic.Pointer[swarm.Snapshot]
	histograms metricHistograms
}

// metric is a figure without labels.
type metric struct {
	*prometheus.Desc
	kind  prometheus.ValueType
	value func(s *swarm.Snapshot) float64
}

// describeMetric returns the description of a metric.
func describeMetric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("imcheck_load_"+name, help, labels, nil)
}

func newMetric(name, help string, kind prometheus.ValueType, value func(s *swarm.Snapshot) float64) metric {
	return metric{describeMetric(name, help), kind, value}
}

var loadMetricsList = []metric{
	newMetric("clients", "Clients that were asked for.", prometheus.GaugeValue, func(s *swarm.Snapshot) float64 { return float64(s.Clients) }),
	newMetric("clients_online", "Clients that are logged in.", prometheus.GaugeValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Online) }),
	newMetric("elapsed_seconds", "Time since the start.", prometheus.GaugeValue, func(s *swarm.Snapshot) float64 { return s.Elapsed.Seconds() }),
	newMetric("logins_total", "Logins that succeeded.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.LoggedIn) }),
	newMetric("messages_sent_total", "Messages sent for the first time, warm-up included.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Sent) }),
	newMetric("messages_delivered_total", "Messages that arrived, warm-up included.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Delivered) }),
}

var (
	stageMetric  = describeMetric("stage", "The stage of the run that is under way has 1.", "stage")
	errorsMetric = describeMetric("errors_total", "Sessions and messages lost, connections that failed, and sends that could not be made, by cause.", "cause")
	lostMetric   = describeMetric("sessions_lost_total", "Sessions that ended too soon, and clients that never got in, by cause, as the report has them; codes of the server are not distinguished.", "cause")
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
		into <- prometheus.MustNewConstMetric(one.Desc, one.kind, one.value(s))
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

func (m *loadMetrics) show(s swarm.Snapshot) { m.latest.Store(&s) }
