package cli

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"imcheck/loadgen/swarm"
)

// loadMetrics shows how a load goes, as the progress line does, to whoever asks
// for it in Prometheus' format. A time in it is in seconds.
type loadMetrics struct {
	latest atomic.Pointer[swarm.Snapshot]
	server *http.Server
}

// metric is one of them.
type metric struct {
	*prometheus.Desc
	kind  prometheus.ValueType
	value func(s *swarm.Snapshot) float64
}

func newMetric(name, help string, kind prometheus.ValueType, value func(s *swarm.Snapshot) float64) metric {
	return metric{prometheus.NewDesc("imcheck_load_"+name, help, nil, nil), kind, value}
}

var loadMetricsList = []metric{
	newMetric("clients", "Clients that were asked for.", prometheus.GaugeValue, func(s *swarm.Snapshot) float64 { return float64(s.Clients) }),
	newMetric("clients_online", "Clients that are logged in.", prometheus.GaugeValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Online) }),
	newMetric("elapsed_seconds", "Time since the start.", prometheus.GaugeValue, func(s *swarm.Snapshot) float64 { return s.Elapsed.Seconds() }),
	newMetric("logins_total", "Logins that succeeded.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.LoggedIn) }),
	newMetric("messages_sent_total", "Messages sent for the first time, warm-up included.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Sent) }),
	newMetric("messages_delivered_total", "Messages that arrived, warm-up included.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Delivered) }),
	newMetric("errors_total", "Sessions and messages lost, and sends that could not be made.", prometheus.CounterValue, func(s *swarm.Snapshot) float64 { return float64(s.Total.Errors) }),
}

var (
	stageMetric = prometheus.NewDesc("imcheck_load_stage", "The stage of the run that is under way has 1.", []string{"stage"}, nil)
	delayMetric = prometheus.NewDesc("imcheck_load_delivery_seconds", "Delivery since due, during the last second.", []string{"quantile"}, nil)
)

// Describe implements prometheus.Collector.
func (m *loadMetrics) Describe(into chan<- *prometheus.Desc) {
	for _, one := range loadMetricsList {
		into <- one.Desc
	}
	into <- stageMetric
	into <- delayMetric
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
	into <- prometheus.MustNewConstMetric(delayMetric, prometheus.GaugeValue, float64(s.Second.P50Us)/1e6, "0.5")
	into <- prometheus.MustNewConstMetric(delayMetric, prometheus.GaugeValue, float64(s.Second.P99Us)/1e6, "0.99")
}

func (m *loadMetrics) show(s swarm.Snapshot) { m.latest.Store(&s) }

// handler serves the metrics at /metrics.
func (m *loadMetrics) handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// listen begins to serve at an address and returns the one that it is bound to.
func (m *loadMetrics) listen(address string) (bound string, err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", fmt.Errorf("--metrics: %w: write it as host:port, such as 127.0.0.1:9100, with a port that is free", err)
	}
	m.server = &http.Server{Handler: m.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = m.server.Serve(listener) }() // until close
	return listener.Addr().String(), nil
}

func (m *loadMetrics) close() {
	if m.server != nil {
		_ = m.server.Close() // nobody is waited for
	}
}
