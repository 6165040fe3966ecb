package export

import (
	"context"
	"fmt"

	dto "github.com/prometheus/client_model/go"
	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// OTLP is the protocol of OpenTelemetry, over HTTP as protocol buffers. A metric has one form of
// histogram only: the classic ones, unless native ones are asked for.
type OTLP struct{ Histograms Histograms }

// Name implements Protocol.
func (*OTLP) Name() string { return "OTLP" }

const cumulative = metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE

func (p *OTLP) send(ctx context.Context, to *poster, o Origin, f figures) error {
	body, err := proto.Marshal(p.request(o, f))
	if err != nil {
		return fmt.Errorf("encode the figures: %w", err)
	}
	got, err := to.post(ctx, "application/x-protobuf", gzipped, nil, body)
	if err != nil {
		return err
	}
	if !got.ok() {
		return got.refusal(statusText(got))
	}
	var response collectorpb.ExportMetricsServiceResponse
	if err := proto.Unmarshal(got.body, &response); err != nil {
		return nil // it says that it has them
	}
	if rejected := response.GetPartialSuccess(); rejected.GetRejectedDataPoints() > 0 {
		return got.rejection("it has rejected %d figures: %s", rejected.GetRejectedDataPoints(), rejected.GetErrorMessage())
	}
	return nil
}

// statusText returns the message of a google.rpc.Status, which errors have as their body, or the
// body itself where it is a text.
func statusText(got answer) string {
	if got.header.Get("Content-Type") != "application/x-protobuf" {
		return string(got.body)
	}
	text, rest := "", got.body
	for len(rest) > 0 {
		number, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return text
		}
		rest = rest[n:]
		if number == 2 && kind == protowire.BytesType {
			if message, n := protowire.ConsumeString(rest); n >= 0 {
				text = message
			}
		}
		if n = protowire.ConsumeFieldValue(number, kind, rest); n < 0 {
			return text
		}
		rest = rest[n:]
	}
	return text
}

// request returns the figures as a collector takes them.
func (p *OTLP) request(o Origin, f figures) *collectorpb.ExportMetricsServiceRequest {
	scope := &metricspb.ScopeMetrics{Scope: &commonpb.InstrumentationScope{Name: o.Job, Version: o.Version}}
	for _, family := range f.families {
		scope.Metrics = append(scope.Metrics, p.metric(o, f, family))
	}
	resource := &resourcepb.Resource{Attributes: []*commonpb.KeyValue{
		attribute("service.name", o.Job), attribute("service.instance.id", o.Instance), attribute("service.version", o.Version),
	}}
	for _, l := range o.Labels {
		resource.Attributes = append(resource.Attributes, attribute(o.Job+"."+l.Name, l.Value))
	}
	return &collectorpb.ExportMetricsServiceRequest{ResourceMetrics: []*metricspb.ResourceMetrics{{
		Resource: resource, ScopeMetrics: []*metricspb.ScopeMetrics{scope},
	}}}
}

func attribute(name, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

// metric returns one metric with the values for all its labels.
func (p *OTLP) metric(o Origin, f figures, family *dto.MetricFamily) *metricspb.Metric {
	metric := &metricspb.Metric{Name: family.GetName(), Description: family.GetHelp(), Unit: unitOf(family.GetName())}
	points := otlpPoints{o, uint64(f.began.UnixNano()), uint64(f.at.UnixNano())}
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		metric.Data = &metricspb.Metric_Sum{Sum: &metricspb.Sum{AggregationTemporality: cumulative, IsMonotonic: true, DataPoints: each(family, points.number)}}
	case dto.MetricType_SUMMARY:
		metric.Data = &metricspb.Metric_Summary{Summary: &metricspb.Summary{DataPoints: each(family, points.summary)}}
	case dto.MetricType_HISTOGRAM:
		if p.Histograms == Native {
			metric.Data = &metricspb.Metric_ExponentialHistogram{ExponentialHistogram: &metricspb.ExponentialHistogram{AggregationTemporality: cumulative, DataPoints: each(family, points.native)}}
		} else {
			metric.Data = &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{AggregationTemporality: cumulative, DataPoints: each(family, points.classic)}}
		}
	default:
		metric.Data = &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: each(family, points.number)}}
	}
	return metric
}

// each returns the point of every metric of a family.
func each[Point any](family *dto.MetricFamily, point func(*dto.Metric) Point) (points []Point) {
	for _, m := range family.GetMetric() {
		points = append(points, point(m))
	}
	return points
}

// otlpPoints makes data points of a time, in nanoseconds since 1970.
type otlpPoints struct {
	origin    Origin
	began, at uint64
}

// attributes returns the labels of a metric and those of the origin.
func (p otlpPoints) attributes(m *dto.Metric) (all []*commonpb.KeyValue) {
	for _, l := range m.GetLabel() {
		all = append(all, attribute(l.GetName(), l.GetValue()))
	}
	for _, l := range p.origin.Labels {
		all = append(all, attribute(l.Name, l.Value))
	}
	return all
}

func (p otlpPoints) number(m *dto.Metric) *metricspb.NumberDataPoint {
	return &metricspb.NumberDataPoint{
		Attributes: p.attributes(m), StartTimeUnixNano: p.began, TimeUnixNano: p.at,
		Value: &metricspb.NumberDataPoint_AsDouble{AsDouble: valueOf(m)},
	}
}

// valueOf returns the value of a counter or a gauge.
func valueOf(m *dto.Metric) float64 {
	if m.Counter != nil {
		return m.Counter.GetValue()
	}
	return m.Gauge.GetValue()
}

func (p otlpPoints) summary(m *dto.Metric) *metricspb.SummaryDataPoint {
	point := &metricspb.SummaryDataPoint{
		Attributes: p.attributes(m), StartTimeUnixNano: p.began, TimeUnixNano: p.at,
		Count: m.Summary.GetSampleCount(), Sum: m.Summary.GetSampleSum(),
	}
	for _, q := range m.Summary.GetQuantile() {
		point.QuantileValues = append(point.QuantileValues, &metricspb.SummaryDataPoint_ValueAtQuantile{Quantile: q.GetQuantile(), Value: q.GetValue()})
	}
	return point
}

func (p otlpPoints) classic(m *dto.Metric) *metricspb.HistogramDataPoint {
	h := m.Histogram
	point := &metricspb.HistogramDataPoint{
		Attributes: p.attributes(m), StartTimeUnixNano: p.began, TimeUnixNano: p.at, Count: h.GetSampleCount(), Sum: h.SampleSum,
	}
	below := uint64(0)
	for _, b := range h.GetBucket() {
		point.ExplicitBounds = append(point.ExplicitBounds, b.GetUpperBound())
		point.BucketCounts = append(point.BucketCounts, b.GetCumulativeCount()-below)
		below = b.GetCumulativeCount()
	}
	point.BucketCounts = append(point.BucketCounts, h.GetSampleCount()-below)
	return point
}

// native returns exponential buckets. Those of Prometheus are numbered by their upper bound,
// those of OTLP by their lower one, which is one less.
func (p otlpPoints) native(m *dto.Metric) *metricspb.ExponentialHistogramDataPoint {
	h := m.Histogram
	point := &metricspb.ExponentialHistogramDataPoint{
		Attributes: p.attributes(m), StartTimeUnixNano: p.began, TimeUnixNano: p.at, Count: h.GetSampleCount(), Sum: h.SampleSum,
		Scale: h.GetSchema(), ZeroCount: h.GetZeroCount(), ZeroThreshold: h.GetZeroThreshold(),
		Positive: &metricspb.ExponentialHistogramDataPoint_Buckets{},
	}
	deltas, count := h.GetPositiveDelta(), int64(0)
	for i, span := range h.GetPositiveSpan() {
		if i == 0 {
			point.Positive.Offset = span.GetOffset() - 1
		} else {
			point.Positive.BucketCounts = append(point.Positive.BucketCounts, make([]uint64, span.GetOffset())...)
		}
		for range min(int(span.GetLength()), len(deltas)) {
			count += deltas[0]
			deltas = deltas[1:]
			point.Positive.BucketCounts = append(point.Positive.BucketCounts, uint64(count))
		}
	}
	return point
}
