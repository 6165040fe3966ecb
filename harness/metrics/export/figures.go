// Package export sends figures to where teams keep theirs: by OTLP over HTTP to an OpenTelemetry
// collector, or by Prometheus remote write. The figures are those that a scraper gets from
// package metrics, with the same names and labels.
package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Source has the figures of one run. Several goroutines may use it.
type Source interface {
	prometheus.Collector
	// Began returns the time since which everything is counted.
	Began() time.Time
}

// Label is a name and a value that all figures of a sender have.
type Label struct{ Name, Value string }

// Origin identifies whose figures they are. Job and Instance are labels of these names in
// Prometheus, and service.name and service.instance.id of an OTLP resource, of which a collector
// for Prometheus makes the same labels.
type Origin struct {
	Job      string
	Instance string // unique among those that send at the same time
	Version  string
	Labels   []Label
}

// With returns the origin with a further label.
func (o Origin) With(name, value string) Origin {
	o.Labels = append(slices.Clone(o.Labels), Label{name, value})
	return o
}

// Histograms says in which form histograms are sent.
type Histograms string

// Forms of histograms. Each metric that has one has both.
const (
	Classic Histograms = "classic" // fixed buckets: of OTLP an explicit-bucket histogram
	Native  Histograms = "native"  // exponential buckets: of OTLP an exponential histogram
)

// figures are the values of all metrics at one time.
type figures struct {
	families  []*dto.MetricFamily
	began, at time.Time
}

// gather reads all figures of a source.
func gather(s Source, at time.Time) (figures, error) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(s); err != nil {
		return figures{}, fmt.Errorf("read the figures: %w", err)
	}
	families, err := registry.Gather()
	if err != nil {
		return figures{}, fmt.Errorf("read the figures: %w", err)
	}
	return figures{families, s.Began(), at}, nil
}

// ParseLabel reads "name=value". reserved are names that are taken.
func ParseLabel(text string, reserved ...string) (Label, error) {
	name, value, found := strings.Cut(text, "=")
	l := Label{strings.TrimSpace(name), strings.TrimSpace(value)}
	switch {
	case !found || l.Value == "":
		return l, fmt.Errorf("%q is not a label: write it as name=value, such as run=nightly", text)
	case !isLabelName(l.Name):
		return l, fmt.Errorf("%q is not the name of a label: use letters, digits and _, and no digit in front", l.Name)
	case slices.Contains(reserved, l.Name):
		return l, fmt.Errorf("figures have a label %s already: choose another name", l.Name)
	}
	return l, nil
}

// isLabelName reports whether Prometheus and OTLP take a name as it is.
func isLabelName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != "" && !strings.HasPrefix(name, "__")
}

// unitOf returns the unit in the name of a metric, as UCUM has it; "" for a number of things.
func unitOf(name string) string {
	name = strings.TrimSuffix(name, "_total")
	switch {
	case strings.HasSuffix(name, "_seconds"):
		return "s"
	case strings.HasSuffix(name, "_bytes"):
		return "By"
	}
	return ""
}
