package usage

import (
	"context"
	"fmt"
	"math"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
)

// figure is how metrics may have a figure of a process: the names that libraries give it,
// of which the first that is there counts, each with its unit.
type figure []struct {
	name string
	unit float64
}

// The names are those of the client libraries of Prometheus for Go and Java, and of
// Micrometer.
var (
	cpuFigure    = figure{{"process_cpu_seconds_total", float64(time.Second)}, {"process_cpu_time_ns_total", 1}}
	memoryFigure = figure{{target.ResidentMetric, 1}}
	filesFigure  = figure{{"process_open_fds", 1}, {"process_files_open_files", 1}}
	gcsFigure    = figure{{"go_gc_duration_seconds_count", 1}, {"jvm_gc_collection_seconds_count", 1}, {"jvm_gc_pause_seconds_count", 1}}
	gcTimeFigure = figure{{"go_gc_duration_seconds_sum", float64(time.Second)}, {"jvm_gc_collection_seconds_sum", float64(time.Second)}, {"jvm_gc_pause_seconds_sum", float64(time.Second)}}
)

// metrics is a process that serves metrics.
type metrics struct{ address string }

// Metrics returns the source of a process that serves its metrics to Prometheus at an
// address that target.CheckMetrics takes.
func Metrics(address string) Source { return metrics{address} }

// Read implements Source. A page without any of the figures is an error.
func (m metrics) Read(ctx context.Context) (Reading, error) {
	var names []string
	for _, f := range []figure{cpuFigure, memoryFigure, filesFigure, gcsFigure, gcTimeFigure} {
		for _, n := range f {
			names = append(names, n.name)
		}
	}
	values, err := target.Metrics(ctx, transport.OS{}, m.address, names...)
	if err != nil {
		return Reading{}, err
	}
	if len(values) == 0 {
		return Reading{}, fmt.Errorf("read metrics of %s: it says nothing about its process: %s and %s are usual", m.address, cpuFigure[0].name, memoryFigure[0].name)
	}
	return Reading{
		At: time.Now(), CPU: time.Duration(cpuFigure.in(values)), Resident: memoryFigure.in(values),
		OpenFiles: filesFigure.in(values), GCs: gcsFigure.in(values), GCTime: time.Duration(gcTimeFigure.in(values)),
	}, nil
}

// String implements Source.
func (m metrics) String() string { return m.address }

// in returns the value of a figure among metrics.
func (f figure) in(values map[string]float64) int64 {
	for _, n := range f {
		if value, found := values[n.name]; found {
			return int64(math.Round(min(value*n.unit, 1<<62)))
		}
	}
	return Unknown
}
