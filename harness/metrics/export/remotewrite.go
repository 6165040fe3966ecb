package export

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/exp/api/remote"
	writev2 "github.com/prometheus/client_golang/exp/api/remote/genproto/v2"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// RemoteWrite is the protocol by which Prometheus hands on its samples. It begins with version
// 2.0 and goes over to 1.0, which every receiver takes, where that is not understood. Histograms
// have both their forms, unless one is asked for.
type RemoteWrite struct {
	Histograms Histograms
	settled    remote.WriteMessageType // the version that was understood; "" until then
}

// Name implements Protocol.
func (*RemoteWrite) Name() string { return "remote write" }

// Headers of remote write.
const (
	versionHeader        = "X-Prometheus-Remote-Write-Version"
	samplesWrittenHeader = "X-Prometheus-Remote-Write-Samples-Written"
)

func (w *RemoteWrite) send(ctx context.Context, to *poster, o Origin, f figures) error {
	request, samples := w.request(o, f)
	if w.settled == remote.WriteV1MessageType {
		return w.sendVersion1(ctx, to, request)
	}
	body, err := proto.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode the figures: %w", err)
	}
	got, err := w.post(ctx, to, remote.WriteV2MessageType, "2.0.0", body)
	if err != nil {
		return err
	}
	written, writtenErr := strconv.Atoi(got.header.Get(samplesWrittenHeader))
	switch {
	case got.ok() && writtenErr == nil && written >= samples:
		w.settled = remote.WriteV2MessageType
		return nil
	case got.ok() && writtenErr == nil && written > 0:
		return got.rejection("it has written %d of %d samples", written, samples)
	case w.settled == "" && (got.ok() || got.status == http.StatusUnsupportedMediaType || got.status == http.StatusBadRequest):
		// A receiver of before 2.0 may refuse it or, as it has no field that it knows, take it for
		// empty: then it does not say how many samples it has written.
		return w.sendVersion1(ctx, to, request)
	case got.ok():
		return got.rejection("it does not say that it has written any of %d samples", samples)
	}
	return got.refusal(string(got.body))
}

func (w *RemoteWrite) sendVersion1(ctx context.Context, to *poster, request *writev2.Request) error {
	body, err := asVersion1(request)
	if err != nil {
		return fmt.Errorf("encode the figures: %w", err)
	}
	got, err := w.post(ctx, to, remote.WriteV1MessageType, "0.1.0", body)
	if err != nil {
		return err
	}
	if !got.ok() {
		return got.refusal(string(got.body))
	}
	w.settled = remote.WriteV1MessageType
	return nil
}

func (w *RemoteWrite) post(ctx context.Context, to *poster, kind remote.WriteMessageType, version string, body []byte) (answer, error) {
	content := "application/x-protobuf"
	if kind == remote.WriteV2MessageType {
		content += ";proto=" + string(kind)
	}
	return to.post(ctx, content, snappyBlock, map[string]string{versionHeader: version}, body)
}

// snappyBlock compresses as remote write wants it.
var snappyBlock = compression{"snappy", func(body []byte) []byte { return snappy.Encode(nil, body) }}

// request returns the figures as series of one sample each, and counts the samples that are
// plain numbers.
func (w *RemoteWrite) request(o Origin, f figures) (r *writev2.Request, samples int) {
	s := seriesWriter{origin: o, figures: f, symbols: writev2.NewSymbolTable()}
	for _, family := range f.families {
		s.family = family
		for _, m := range family.GetMetric() {
			switch family.GetType() {
			case dto.MetricType_SUMMARY:
				s.summary(m)
			case dto.MetricType_HISTOGRAM:
				if w.Histograms != Native {
					s.classic(m)
				}
				if w.Histograms != Classic {
					s.native(m)
				}
			default:
				s.sample("", m, valueOf(m))
			}
		}
	}
	return &writev2.Request{Symbols: s.symbols.Symbols(), Timeseries: s.series}, s.samples
}

// seriesWriter writes the series of one family after the other.
type seriesWriter struct {
	origin  Origin
	figures figures
	family  *dto.MetricFamily
	symbols writev2.SymbolsTable
	series  []*writev2.TimeSeries
	samples int
}

// add begins the series of a metric, whose name may have a suffix.
func (s *seriesWriter) add(suffix string, m *dto.Metric, further ...Label) *writev2.TimeSeries {
	labels := slices.Concat([]Label{{"__name__", s.family.GetName() + suffix}, {"job", s.origin.Job}, {"instance", s.origin.Instance}}, s.origin.Labels, further)
	for _, l := range m.GetLabel() {
		labels = append(labels, Label{l.GetName(), l.GetValue()})
	}
	slices.SortFunc(labels, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	one := &writev2.TimeSeries{Metadata: s.metadata()}
	for _, l := range labels {
		one.LabelsRefs = append(one.LabelsRefs, s.symbols.Symbolize(l.Name), s.symbols.Symbolize(l.Value))
	}
	if s.family.GetType() != dto.MetricType_GAUGE {
		one.CreatedTimestamp = s.figures.began.UnixMilli()
	}
	s.series = append(s.series, one)
	return one
}

func (s *seriesWriter) metadata() *writev2.Metadata {
	kind := map[dto.MetricType]writev2.Metadata_MetricType{
		dto.MetricType_COUNTER: writev2.Metadata_METRIC_TYPE_COUNTER, dto.MetricType_GAUGE: writev2.Metadata_METRIC_TYPE_GAUGE,
		dto.MetricType_SUMMARY: writev2.Metadata_METRIC_TYPE_SUMMARY, dto.MetricType_HISTOGRAM: writev2.Metadata_METRIC_TYPE_HISTOGRAM,
	}[s.family.GetType()]
	return &writev2.Metadata{Type: kind, HelpRef: s.symbols.Symbolize(s.family.GetHelp())}
}

// sample adds a series with one number.
func (s *seriesWriter) sample(suffix string, m *dto.Metric, value float64, further ...Label) {
	one := s.add(suffix, m, further...)
	one.Samples = []*writev2.Sample{{Value: value, Timestamp: s.figures.at.UnixMilli()}}
	s.samples++
}

func (s *seriesWriter) summary(m *dto.Metric) {
	for _, q := range m.Summary.GetQuantile() {
		s.sample("", m, q.GetValue(), Label{"quantile", number(q.GetQuantile())})
	}
	s.sample("_sum", m, m.Summary.GetSampleSum())
	s.sample("_count", m, float64(m.Summary.GetSampleCount()))
}

func (s *seriesWriter) classic(m *dto.Metric) {
	for _, b := range m.Histogram.GetBucket() {
		s.sample("_bucket", m, float64(b.GetCumulativeCount()), Label{"le", number(b.GetUpperBound())})
	}
	count := float64(m.Histogram.GetSampleCount())
	s.sample("_bucket", m, count, Label{"le", number(math.Inf(1))})
	s.sample("_sum", m, m.Histogram.GetSampleSum())
	s.sample("_count", m, count)
}

// number writes a number in a label as the text format does.
func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

func (s *seriesWriter) native(m *dto.Metric) {
	h := m.Histogram
	native := &writev2.Histogram{
		Count: &writev2.Histogram_CountInt{CountInt: h.GetSampleCount()}, Sum: h.GetSampleSum(), Schema: h.GetSchema(),
		ZeroThreshold: h.GetZeroThreshold(), ZeroCount: &writev2.Histogram_ZeroCountInt{ZeroCountInt: h.GetZeroCount()},
		PositiveDeltas: h.GetPositiveDelta(), Timestamp: s.figures.at.UnixMilli(),
	}
	for _, span := range h.GetPositiveSpan() {
		if span.GetLength() > 0 {
			native.PositiveSpans = append(native.PositiveSpans, &writev2.BucketSpan{Offset: span.GetOffset(), Length: span.GetLength()})
		}
	}
	s.add("", m).Histograms = []*writev2.Histogram{native}
}
