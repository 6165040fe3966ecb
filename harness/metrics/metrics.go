// Package metrics serves figures in the formats of Prometheus: as text, as OpenMetrics, or as
// protocol buffers with native histograms, whichever a scraper accepts.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Path is where metrics are served.
const Path = "/metrics"

// Handler serves what collectors collect, each time anew. They must not describe the same
// metric.
func Handler(collectors ...prometheus.Collector) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors...)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Prefix begins the names of the metrics of one program, such as imcheck_load_.
type Prefix string

// Describe returns the description of a metric.
func (p Prefix) Describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(string(p)+name, help, labels, nil)
}

// Figure is a metric without labels, whose value is taken from a state.
type Figure[State any] struct {
	*prometheus.Desc
	kind  prometheus.ValueType
	value func(*State) float64
}

// NewGauge returns a figure that may fall.
func NewGauge[State any](p Prefix, name, help string, value func(*State) float64) Figure[State] {
	return Figure[State]{p.Describe(name, help), prometheus.GaugeValue, value}
}

// NewCounter returns a figure that only grows; its name ends with _total.
func NewCounter[State any](p Prefix, name, help string, value func(*State) float64) Figure[State] {
	return Figure[State]{p.Describe(name, help), prometheus.CounterValue, value}
}

// Of returns the metric of a state.
func (f Figure[State]) Of(s *State) prometheus.Metric {
	return prometheus.MustNewConstMetric(f.Desc, f.kind, f.value(s))
}
