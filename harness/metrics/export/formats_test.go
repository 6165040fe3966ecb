package export

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/exp/api/remote"
	writev2 "github.com/prometheus/client_golang/exp/api/remote/genproto/v2"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// someFigures have a metric of each type.
func someFigures(t *testing.T) figuresOf {
	t.Helper()
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "clients", Help: "Clients."})
	gauge.Set(59)
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "errors_total", Help: "Errors."}, []string{"cause"})
	counter.WithLabelValues("session lost").Add(2)
	counter.WithLabelValues("message lost").Add(0)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "delivery_seconds", Help: "Delivery.", Objectives: map[float64]float64{0.5: 0, 0.99: 0}})
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "latency_seconds", Help: "Latencies.", Buckets: []float64{0.001, 0.01, 1}, NativeHistogramBucketFactor: 1.1,
	}, []string{"kind"})
	for i, value := range []float64{0, 0.0005, 0.001, 0.002, 0.5, 20} {
		summary.Observe(value)
		histogram.WithLabelValues("login").Observe(value)
		histogram.WithLabelValues("heartbeat").Observe(value * float64(i))
	}
	return figuresOf{[]prometheus.Collector{gauge, counter, summary, histogram}, time.Now().Add(-time.Minute)}
}

// flat has the value of each series of classic metrics, by name and labels in their order.
type flat map[string]float64

func (f flat) add(name string, value float64, labels map[string]string) {
	parts := []string{name}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, label+"="+labels[label])
	}
	f[strings.Join(parts, " ")] = value
}

// with returns labels and one more.
func with(labels map[string]string, name string, value float64) map[string]string {
	labels = maps.Clone(labels)
	labels[name] = fmt.Sprint(value)
	return labels
}

// served are the series that a scraper gets, each with the label of the origin.
func served(t *testing.T, s Source) (all flat, native map[string]*dto.Histogram) {
	t.Helper()
	f, err := gather(s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	all, native = flat{}, map[string]*dto.Histogram{}
	for _, family := range f.families {
		for _, m := range family.Metric {
			name, labels := family.GetName(), map[string]string{"run": "nightly"}
			for _, l := range m.Label {
				labels[l.GetName()] = l.GetValue()
			}
			switch {
			case m.Summary != nil:
				for _, q := range m.Summary.Quantile {
					all.add(name, q.GetValue(), with(labels, "quantile", q.GetQuantile()))
				}
				all.add(name+"_sum", m.Summary.GetSampleSum(), labels)
				all.add(name+"_count", float64(m.Summary.GetSampleCount()), labels)
			case m.Histogram != nil:
				for _, b := range m.Histogram.Bucket {
					all.add(name+"_bucket", float64(b.GetCumulativeCount()), with(labels, "le", b.GetUpperBound()))
				}
				all.add(name+"_bucket", float64(m.Histogram.GetSampleCount()), with(labels, "le", math.Inf(1)))
				all.add(name+"_sum", m.Histogram.GetSampleSum(), labels)
				all.add(name+"_count", float64(m.Histogram.GetSampleCount()), labels)
				native[labels["kind"]] = m.Histogram
			default:
				all.add(name, valueOf(m), labels)
			}
		}
	}
	return all, native
}

// bucketsOf returns the counts of native buckets by their index.
func bucketsOf(spans []*dto.BucketSpan, deltas []int64) map[int32]int64 {
	counts, index, count := map[int32]int64{}, int32(0), int64(0)
	for _, span := range spans {
		index += span.GetOffset()
		for range span.GetLength() {
			count += deltas[0]
			deltas = deltas[1:]
			if count > 0 {
				counts[index] = count
			}
			index++
		}
	}
	return counts
}

// sentOnce exports a source to a receiver once.
func sentOnce(t *testing.T, s Source, p Protocol, answer func(context.Context, int, received) (*http.Response, error)) ([]received, Result) {
	t.Helper()
	to := newReceiver(answer)
	result := Start(Config{Receiver: receiverAt(t, "http://receiver", p), Origin: anOrigin, Source: s, Every: time.Second, Transport: to}).Result()
	return to.got, result
}

func labelsOf(attributes []*commonpb.KeyValue) map[string]string {
	labels := map[string]string{}
	for _, a := range attributes {
		labels[a.Key] = a.Value.GetStringValue()
	}
	return labels
}

// A collector gets by OTLP what a scraper gets, in either form of histogram.
func TestOTLPHasAllFigures(t *testing.T) {
	for _, form := range []Histograms{"", Classic, Native} {
		t.Run("form "+string(form), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // so that the time is known
				source := someFigures(t)
				want, native := served(t, source)
				got, result := sentOnce(t, source, &OTLP{Histograms: form}, always(200))
				if result != (Result{Sent: 1, End: true}) {
					t.Fatalf("got %+v", result)
				}
				resource := otlpOf(t, got[0]).ResourceMetrics[0]
				attributes := map[string]string{"service.name": "imcheck", "service.instance.id": "machine:7", "service.version": "1.2", "imcheck.run": "nightly"}
				if got := labelsOf(resource.Resource.Attributes); !maps.Equal(got, attributes) {
					t.Errorf("the resource has %v", got)
				}
				all, began, now := flat{}, uint64(source.began.UnixNano()), uint64(time.Now().UnixNano())
				timely := func(p interface {
					GetStartTimeUnixNano() uint64
					GetTimeUnixNano() uint64
				}) {
					if p.GetStartTimeUnixNano() != began || p.GetTimeUnixNano() != now {
						t.Errorf("a point has the wrong times: %v", p)
					}
				}
				for _, m := range resource.ScopeMetrics[0].Metrics {
					for _, p := range append(m.GetGauge().GetDataPoints(), m.GetSum().GetDataPoints()...) {
						timely(p)
						all.add(m.Name, p.GetAsDouble(), labelsOf(p.Attributes))
					}
					for _, p := range m.GetSummary().GetDataPoints() {
						timely(p)
						labels := labelsOf(p.Attributes)
						for _, q := range p.QuantileValues {
							all.add(m.Name, q.Value, with(labels, "quantile", q.Quantile))
						}
						all.add(m.Name+"_sum", p.Sum, labels)
						all.add(m.Name+"_count", float64(p.Count), labels)
					}
					for _, p := range m.GetHistogram().GetDataPoints() {
						timely(p)
						addExplicit(all, m.Name, p)
					}
					for _, p := range m.GetExponentialHistogram().GetDataPoints() {
						timely(p)
						compareExponential(t, p, native[labelsOf(p.Attributes)["kind"]])
						delete(native, labelsOf(p.Attributes)["kind"])
					}
					if sum := m.GetSum(); sum != nil && (!sum.IsMonotonic || sum.AggregationTemporality != metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE) {
						t.Errorf("%s does not only grow", m.Name)
					}
					if strings.HasSuffix(m.Name, "_seconds") != (m.Unit == "s") || m.Description == "" {
						t.Errorf("%s has the unit %q and the description %q", m.Name, m.Unit, m.Description)
					}
				}
				if form == Native {
					maps.DeleteFunc(want, func(name string, _ float64) bool { return strings.HasPrefix(name, "latency") })
				} else {
					native = nil
				}
				if !maps.Equal(all, want) || len(native) > 0 {
					t.Errorf("got %v\nwant %v\nwithout %v", all, want, native)
				}
			})
		})
	}
}

func addExplicit(all flat, name string, p *metricspb.HistogramDataPoint) {
	labels, sofar := labelsOf(p.Attributes), uint64(0)
	for i, n := range p.BucketCounts {
		sofar += n
		bound := math.Inf(1)
		if i < len(p.ExplicitBounds) {
			bound = p.ExplicitBounds[i]
		}
		all.add(name+"_bucket", float64(sofar), with(labels, "le", bound))
	}
	all.add(name+"_sum", p.GetSum(), labels)
	all.add(name+"_count", float64(p.Count), labels)
}

// compareExponential compares buckets: those of OTLP have the index of their lower bound.
func compareExponential(t *testing.T, p *metricspb.ExponentialHistogramDataPoint, want *dto.Histogram) {
	t.Helper()
	counts := map[int32]int64{}
	for i, n := range p.Positive.BucketCounts {
		if n > 0 {
			counts[p.Positive.Offset+int32(i)+1] = int64(n)
		}
	}
	if want == nil || p.Scale != want.GetSchema() || p.ZeroCount != want.GetZeroCount() || p.ZeroThreshold != want.GetZeroThreshold() ||
		p.Count != want.GetSampleCount() || p.GetSum() != want.GetSampleSum() || !maps.Equal(counts, bucketsOf(want.PositiveSpan, want.PositiveDelta)) {
		t.Errorf("got %v, want %v", p, want)
	}
}

// written confirms everything, as a receiver of remote write 2.0 does.
var written = always(204, samplesWrittenHeader, "1000")

// What takes remote write gets what a scraper gets, histograms in the form that was asked for.
func TestRemoteWriteHasAllFigures(t *testing.T) {
	for _, form := range []Histograms{"", Classic, Native} {
		t.Run("form "+string(form), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := someFigures(t)
				want, native := served(t, source)
				got, result := sentOnce(t, source, &RemoteWrite{Histograms: form}, written)
				if len(got) != 1 || result != (Result{Sent: 1, End: true}) {
					t.Fatalf("got %+v in %d requests", result, len(got))
				}
				all := flat{}
				for _, s := range decoded(writeOf(t, got[0])) {
					for _, sample := range s.samples {
						if sample.Timestamp != time.Now().UnixMilli() {
							t.Errorf("%v has the time %d", s.labels, sample.Timestamp)
						}
						all.add(s.name, sample.Value, s.labels)
					}
					for _, h := range s.histograms {
						compareNative(t, h, native[s.labels["kind"]])
						delete(native, s.labels["kind"])
					}
				}
				switch form {
				case Native:
					maps.DeleteFunc(want, func(name string, _ float64) bool { return strings.HasPrefix(name, "latency") })
				case Classic:
					native = nil
				}
				if !maps.Equal(all, want) || len(native) > 0 {
					t.Errorf("got %v\nwant %v\nwithout %v", all, want, native)
				}
			})
		})
	}
}

// series is one of remote write without the labels of every series.
type series struct {
	name       string
	labels     map[string]string
	samples    []*writev2.Sample
	histograms []*writev2.Histogram
}

func decoded(r *writev2.Request) (all []series) {
	for _, s := range r.Timeseries {
		names := writev2.DesymbolizeLabels(s.LabelsRefs, r.Symbols, nil)
		all = append(all, seriesOf(names, s.Samples, s.Histograms))
	}
	return all
}

// seriesOf takes names and values of labels in turn, which have to be in order.
func seriesOf(labels []string, samples []*writev2.Sample, histograms []*writev2.Histogram) series {
	s := series{labels: map[string]string{}, samples: samples, histograms: histograms}
	last := ""
	for ; len(labels) > 1; labels = labels[2:] {
		if labels[0] <= last {
			panic("labels out of order: " + labels[0])
		}
		last = labels[0]
		s.labels[labels[0]] = labels[1]
	}
	if s.labels["job"] != "imcheck" || s.labels["instance"] != "machine:7" {
		panic(fmt.Sprintf("the labels are %v", s.labels))
	}
	s.name = s.labels["__name__"]
	for _, name := range []string{"__name__", "job", "instance"} {
		delete(s.labels, name)
	}
	return s
}

func compareNative(t *testing.T, h *writev2.Histogram, want *dto.Histogram) {
	t.Helper()
	var spans []*dto.BucketSpan
	for _, span := range h.PositiveSpans {
		spans = append(spans, &dto.BucketSpan{Offset: &span.Offset, Length: &span.Length})
	}
	if want == nil || h.Schema != want.GetSchema() || h.GetZeroCountInt() != want.GetZeroCount() || h.ZeroThreshold != want.GetZeroThreshold() ||
		h.GetCountInt() != want.GetSampleCount() || h.Sum != want.GetSampleSum() || !maps.Equal(bucketsOf(spans, h.PositiveDeltas), bucketsOf(want.PositiveSpan, want.PositiveDelta)) {
		t.Errorf("got %v, want %v", h, want)
	}
}

// A receiver that knows version 1.0 only gets the same in that, from the first export on.
func TestRemoteWriteVersion1(t *testing.T) {
	for name, refusal := range map[string]func(context.Context, int, received) (*http.Response, error){
		"refused": always(415), "malformed": always(400), "ignored": always(204), "taken for empty": always(200, samplesWrittenHeader, "0"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source, protocol := someFigures(t), &RemoteWrite{}
				want, native := served(t, source)
				to := newReceiver(func(ctx context.Context, n int, r received) (*http.Response, error) {
					if kind, err := remote.ParseProtoMsg(r.header.Get("Content-Type")); err != nil || kind == remote.WriteV2MessageType {
						return refusal(ctx, n, r)
					}
					return status(204)
				})
				e := Start(Config{Receiver: receiverAt(t, "http://receiver", protocol), Origin: anOrigin, Source: source, Every: time.Second, Transport: to})
				time.Sleep(1500 * time.Millisecond)
				if got := e.Result(); got != (Result{Sent: 2, End: true}) || len(to.got) != 3 {
					t.Fatalf("got %+v in %d requests", got, len(to.got))
				}
				last := to.got[2]
				if last.header.Get("Content-Type") != "application/x-protobuf" || last.header.Get(versionHeader) != "0.1.0" {
					t.Errorf("headers %v", last.header)
				}
				all := flat{}
				for _, s := range version1(t, last.body) {
					for _, sample := range s.samples {
						all.add(s.name, sample.Value, s.labels)
					}
					for _, h := range s.histograms {
						compareNative(t, h, native[s.labels["kind"]])
						delete(native, s.labels["kind"])
					}
				}
				if !maps.Equal(all, want) || len(native) > 0 {
					t.Errorf("got %v\nwant %v\nwithout %v", all, want, native)
				}
			})
		})
	}
}

// fieldsOf splits a message into its fields with a length.
func fieldsOf(t *testing.T, message []byte) map[protowire.Number][][]byte {
	t.Helper()
	fields := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 || kind != protowire.BytesType {
			t.Fatalf("field %d of type %d", number, kind)
		}
		value, m := protowire.ConsumeBytes(message[n:])
		if m < 0 {
			t.Fatal(protowire.ParseError(m))
		}
		fields[number] = append(fields[number], value)
		message = message[n+m:]
	}
	return fields
}

// version1 decodes prometheus.WriteRequest by the numbers of its fields in prometheus/prompb:
// timeseries 1; of a series labels 1, samples 2, histograms 4; of a label name 1, value 2.
func version1(t *testing.T, body []byte) (all []series) {
	t.Helper()
	for _, one := range fieldsOf(t, body)[1] {
		var labels []string
		var samples []*writev2.Sample
		var histograms []*writev2.Histogram
		fields := fieldsOf(t, one)
		for _, label := range fields[1] {
			parts := fieldsOf(t, label)
			labels = append(labels, string(parts[1][0]), string(parts[2][0]))
		}
		for _, encoded := range fields[2] {
			var sample writev2.Sample
			if err := proto.Unmarshal(encoded, &sample); err != nil {
				t.Fatal(err)
			}
			samples = append(samples, &sample)
		}
		for _, encoded := range fields[4] {
			var h writev2.Histogram
			if err := proto.Unmarshal(encoded, &h); err != nil {
				t.Fatal(err)
			}
			histograms = append(histograms, &h)
		}
		all = append(all, seriesOf(labels, samples, histograms))
	}
	return all
}

// A receiver of remote write that has less than everything has not taken the export, and one
// that refuses it in both versions says why in the second.
func TestRemoteWriteIsRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(context.Context, int, received) (*http.Response, error)
		want   string
	}{
		{"a part is written", always(200, samplesWrittenHeader, "3"), "it has written 3 of 19 samples"},
		{"refused twice", func(_ context.Context, n int, _ received) (*http.Response, error) {
			return status(400, "body", "reason "+strconv.Itoa(n))
		}, "it answers 400 Bad Request: reason 2"},
		{"not allowed", always(401), "it answers 401 Unauthorized"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if _, got := sentOnce(t, someFigures(t), &RemoteWrite{}, test.answer); got != (Result{Failed: 1, Error: test.want}) {
					t.Errorf("got %+v, want the error %q", got, test.want)
				}
			})
		})
	}
}
