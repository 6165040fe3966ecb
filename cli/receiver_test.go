package cli_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/exp/api/remote"
	writev2 "github.com/prometheus/client_golang/exp/api/remote/genproto/v2"
	"github.com/rogpeppe/go-internal/testscript"
	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// receiver is where a load sends its figures: the latest value of each series, by protocol.
type receiver struct {
	status int

	mu      sync.Mutex
	byOTLP  map[string]float64
	byWrite map[string]float64
	unknown []string // requests that could not be read
}

// receivers are those of all scripts, by their URL.
var receivers sync.Map

// startReceiver implements receiver NAME [STATUS]: it takes figures by OTLP at
// NAME_URL/v1/metrics and by remote write at NAME_URL/api/v1/write, and answers with a status.
func startReceiver(ts *testscript.TestScript, _ bool, args []string) {
	r := &receiver{status: http.StatusOK, byOTLP: map[string]float64{}, byWrite: map[string]float64{}}
	if len(args) > 1 {
		var err error
		r.status, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/metrics", r.takes(r.takeOTLP))
	mux.HandleFunc("POST /api/v1/write", r.takes(r.takeWrite))
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	receivers.Store(server.URL, r)
	ts.Setenv(args[0]+"_URL", server.URL)
}

// takes answers a request, of which the body and the number of samples in it are read.
func (r *receiver) takes(take func(request *http.Request, body []byte) (samples int, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		body, err := io.ReadAll(request.Body)
		samples := 0
		if err == nil {
			samples, err = take(request, body)
		}
		if err != nil {
			r.unknown = append(r.unknown, err.Error())
		}
		w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", strconv.Itoa(samples))
		w.WriteHeader(r.status)
		if r.status/100 != 2 {
			fmt.Fprintf(w, "refused to %s", request.Header.Get("Authorization"))
		}
	}
}

func (r *receiver) takeWrite(request *http.Request, body []byte) (samples int, err error) {
	if body, err = snappy.Decode(nil, body); err != nil {
		return 0, err
	}
	if kind, err := remote.ParseProtoMsg(request.Header.Get("Content-Type")); err != nil || kind != remote.WriteV2MessageType {
		return 0, fmt.Errorf("type %s, %w", kind, err)
	}
	var message writev2.Request
	if err := proto.Unmarshal(body, &message); err != nil {
		return 0, err
	}
	for _, s := range message.Timeseries {
		labels := map[string]string{}
		for names := writev2.DesymbolizeLabels(s.LabelsRefs, message.Symbols, nil); len(names) > 1; names = names[2:] {
			labels[names[0]] = names[1]
		}
		name := labels["__name__"]
		delete(labels, "__name__")
		for _, sample := range s.Samples {
			r.byWrite[seriesName(name, labels)] = sample.Value
			samples++
		}
	}
	return samples, nil
}

func (r *receiver) takeOTLP(_ *http.Request, body []byte) (int, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if body, err = io.ReadAll(unzipped); err != nil {
		return 0, err
	}
	var message collectorpb.ExportMetricsServiceRequest
	if err := proto.Unmarshal(body, &message); err != nil {
		return 0, err
	}
	for _, resource := range message.ResourceMetrics {
		of := attributesOf(resource.Resource.Attributes)
		for _, scope := range resource.ScopeMetrics {
			for _, m := range scope.Metrics {
				r.takeMetric(m, map[string]string{"job": of["service.name"], "instance": of["service.instance.id"]})
			}
		}
	}
	return 0, nil
}

// takeMetric notes a metric of OTLP as the series that Prometheus makes of it.
func (r *receiver) takeMetric(m *metricspb.Metric, common map[string]string) {
	add := func(suffix string, value float64, attributes []*commonpb.KeyValue, further ...string) {
		labels := attributesOf(attributes)
		maps.Copy(labels, common)
		if len(further) > 0 {
			labels[further[0]] = further[1]
		}
		r.byOTLP[seriesName(m.Name+suffix, labels)] = value
	}
	for _, p := range append(m.GetGauge().GetDataPoints(), m.GetSum().GetDataPoints()...) {
		add("", p.GetAsDouble(), p.Attributes)
	}
	for _, p := range m.GetSummary().GetDataPoints() {
		for _, q := range p.QuantileValues {
			add("", q.Value, p.Attributes, "quantile", fmt.Sprint(q.Quantile))
		}
		add("_sum", p.Sum, p.Attributes)
		add("_count", float64(p.Count), p.Attributes)
	}
	for _, p := range m.GetHistogram().GetDataPoints() {
		sofar := uint64(0)
		for i, n := range p.BucketCounts {
			sofar += n
			bound := math.Inf(1)
			if i < len(p.ExplicitBounds) {
				bound = p.ExplicitBounds[i]
			}
			add("_bucket", float64(sofar), p.Attributes, "le", fmt.Sprint(bound))
		}
		add("_sum", p.GetSum(), p.Attributes)
		add("_count", float64(p.Count), p.Attributes)
	}
}

func attributesOf(attributes []*commonpb.KeyValue) map[string]string {
	labels := map[string]string{}
	for _, a := range attributes {
		labels[a.Key] = a.Value.GetStringValue()
	}
	return labels
}

// seriesName writes a name and labels in their order, each after a line break.
func seriesName(name string, labels map[string]string) string {
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		name += "\n" + label + "=" + labels[label]
	}
	return name
}

// atReceiver returns what the receiver of a name has got, by protocol.
func atReceiver(ts *testscript.TestScript, name string) map[string]map[string]float64 {
	found, ok := receivers.Load(ts.Getenv(name + "_URL"))
	if !ok {
		ts.Fatalf("there is no receiver %s", name)
	}
	r := found.(*receiver)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unknown != nil {
		ts.Fatalf("%s has got what it cannot read: %q", name, r.unknown)
	}
	return map[string]map[string]float64{"OTLP": maps.Clone(r.byOTLP), "remote write": maps.Clone(r.byWrite)}
}

// receivedAt implements received NAME METRIC VALUE [LABEL=VALUE...]: by either protocol the latest value
// of the only series with these labels, among others.
func receivedAt(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	for protocol, all := range atReceiver(ts, args[0]) {
		var found []string
		for series, value := range all {
			lines := strings.Split(series, "\n")
			if lines[0] != args[1] || slices.ContainsFunc(args[3:], func(label string) bool { return !slices.Contains(lines, label) }) {
				continue
			}
			found = append(found, series)
			if value != want {
				ts.Fatalf("by %s %s is %v, not %v", protocol, series, value, want)
			}
		}
		if len(found) != 1 {
			ts.Fatalf("by %s there are %d series %s with %s: %q", protocol, len(found), args[1], args[3:], found)
		}
	}
}

// sameFigures implements same-figures NAME FOLDER LABEL...: by either protocol the receiver has what was saved of
// the metrics of a load, and each series has these labels besides.
func sameFigures(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(filepath.Join(ts.MkAbs(args[1]), "text"))
	ts.Check(err)
	families, err := parseMetrics(text)
	ts.Check(err)
	want := map[string]float64{}
	for _, family := range families {
		for _, m := range family.Metric {
			labels := map[string]string{}
			for _, l := range m.Label {
				labels[l.GetName()] = l.GetValue()
			}
			add := func(suffix string, value float64, further ...string) {
				all := maps.Clone(labels)
				if len(further) > 0 {
					all[further[0]] = further[1]
				}
				want[seriesName(family.GetName()+suffix, all)] = value
			}
			for _, q := range m.GetSummary().GetQuantile() {
				add("", q.GetValue(), "quantile", fmt.Sprint(q.GetQuantile()))
			}
			for _, b := range m.GetHistogram().GetBucket() {
				add("_bucket", float64(b.GetCumulativeCount()), "le", fmt.Sprint(b.GetUpperBound()))
			}
			switch {
			case m.Summary != nil:
				add("_sum", m.Summary.GetSampleSum())
				add("_count", float64(m.Summary.GetSampleCount()))
			case m.Histogram != nil:
				add("_sum", m.Histogram.GetSampleSum())
				add("_count", float64(m.Histogram.GetSampleCount()))
			default:
				add("", m.GetCounter().GetValue()+m.GetGauge().GetValue())
			}
		}
	}
	for protocol, all := range atReceiver(ts, args[0]) {
		got := map[string]float64{}
		for series, value := range all {
			lines := strings.Split(series, "\n")
			kept := slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
				return slices.ContainsFunc(args[2:], func(label string) bool { return strings.HasPrefix(line, label+"=") })
			})
			if len(kept)+len(args[2:]) != len(lines) {
				ts.Fatalf("by %s there is %q, without one of %s", protocol, series, args[2:])
			}
			got[strings.Join(kept, "\n")] = value
		}
		if len(want) < 50 || !maps.Equal(got, want) {
			for series, value := range want {
				if other, ok := got[series]; !ok || other != value {
					ts.Logf("by %s %q is %v (%t), not %v", protocol, series, other, ok, value)
				}
			}
			ts.Fatalf("by %s there are %d series, and %d were served; or some differ", protocol, len(got), len(want))
		}
	}
}
