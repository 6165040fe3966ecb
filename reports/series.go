package reports

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports/words"
)

// Kinds of a Series that are not a latency of the target. They have neither transport
// nor origin.
const (
	// SeriesLateness is the lateness of the generator's own sends.
	SeriesLateness LatencyKind = "lateness"
	// SeriesTimeline is the latency of the timeline: of C2C deliveries since due, on all
	// transports, warm-up included.
	SeriesTimeline LatencyKind = "timeline"
)

// Series identifies the histograms with one tag in a histogram log.
type Series struct {
	Kind      LatencyKind // as Latency.Kind, or SeriesLateness or SeriesTimeline
	Transport string      // as Latency.Transport, never AllTransports
	From      string      // as Latency.From
}

// Tag returns the name of the series in a histogram log: "c2c_ack/tcp/due", or its kind
// alone.
func (s Series) Tag() string {
	parts := slices.DeleteFunc([]string{string(s.Kind), s.Transport, s.From}, func(part string) bool { return part == "" })
	return strings.Join(parts, "/")
}

// LogFile returns the name of the log of a series. Both origins of a kind and transport
// share a log.
func (s Series) LogFile() string {
	if s.Transport == "" {
		return string(s.Kind) + logSuffix
	}
	return string(s.Kind) + "." + s.Transport + logSuffix
}

// logSuffix is the end of the name of a histogram log.
const logSuffix = ".hlog"

// Check refuses a series whose name cannot be part of a tag or of the name of a file.
func (s Series) Check() error {
	for _, part := range []string{string(s.Kind), s.Transport, s.From} {
		if part != "" && !IsFileNamePart(part) || s.Kind == "" {
			return fmt.Errorf("the histogram of kind %q on %q from %q has no file: its name may have a–z, 0–9 and _ only", s.Kind, s.Transport, s.From)
		}
	}
	return nil
}

// Interval has the values of a series that were recorded during a part of a run.
type Interval struct {
	Tag        string // tag of the series
	Start, End time.Time
	Histogram  *hdrhistogram.Histogram
}

// Add adds another interval of the same series. Values are counted again, so that the
// sum is exact; one that a histogram of another range cannot represent is an error.
func (i *Interval) Add(other Interval) error {
	if i.Histogram == nil {
		i.Tag, i.Start, i.End = other.Tag, other.Start, other.End
		i.Histogram = other.Histogram.Clone()
		return nil
	}
	if err := addHistogram(i.Histogram, other.Histogram); err != nil {
		return err
	}
	if other.Start.Before(i.Start) {
		i.Start = other.Start
	}
	if other.End.After(i.End) {
		i.End = other.End
	}
	return nil
}

// addHistogram adds exactly. Histograms of another range or resolution, which put the
// same value into another bucket, are refused.
func addHistogram(to, from *hdrhistogram.Histogram) error {
	if to.LowestTrackableValue() != from.LowestTrackableValue() || to.HighestTrackableValue() != from.HighestTrackableValue() ||
		to.SignificantFigures() != from.SignificantFigures() {
		return fmt.Errorf("a histogram of %s cannot be added exactly to one of %s", rangeWords(from), rangeWords(to))
	}
	if dropped := to.Merge(from); dropped > 0 {
		return fmt.Errorf("%s cannot be counted any more", words.Counted(dropped, "value", "values"))
	}
	return nil
}

func rangeWords(h *hdrhistogram.Histogram) string {
	return fmt.Sprintf("%d to %d with %d digits", h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures())
}

// NewLatency returns the row of a histogram of microseconds.
func NewLatency(s Series, h *hdrhistogram.Histogram) (Latency, error) {
	encoded, err := EncodeHistogram(h)
	if err != nil {
		return Latency{}, fmt.Errorf("encode the histogram of %s on %s from %s: %w", s.Kind, s.Transport, s.From, err)
	}
	row := SummarizedLatency(s, h)
	row.Histogram = encoded
	return row, nil
}

// SummarizedLatency is NewLatency without the histogram itself.
func SummarizedLatency(s Series, h *hdrhistogram.Histogram) Latency {
	return Latency{
		Kind: s.Kind, Transport: s.Transport, From: s.From, Count: h.TotalCount(),
		MinUs: h.Min(), MeanUs: h.Mean(), MaxUs: h.Max(),
		P50Us: h.ValueAtPercentile(50), P90Us: h.ValueAtPercentile(90),
		P99Us: h.ValueAtPercentile(99), P999Us: h.ValueAtPercentile(99.9),
	}
}

// EncodeHistogram returns every count of a histogram as text, in the compressed V2
// encoding and base64.
func EncodeHistogram(h *hdrhistogram.Histogram) (string, error) {
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(encoded), err
}

// CompareSeries orders rows by kind, then by origin, then by transport with the sum of
// all last.
func CompareSeries(kinds []LatencyKind, a, b Series) int {
	last := func(s Series) int { return Rank([]string{AllTransports}, s.Transport) }
	return cmp.Or(
		cmp.Compare(Rank(kinds, a.Kind), Rank(kinds, b.Kind)), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.From, b.From), -cmp.Compare(last(a), last(b)), CompareTransports(a.Transport, b.Transport))
}

// IsFileNamePart reports whether a kind, a transport or an origin can become a
// part of a file's name: a slash or a dot would lead out of the folder.
func IsFileNamePart(text string) bool { return fileNamePart.MatchString(text) }

var fileNamePart = regexp.MustCompile(`^[a-z0-9_]+$`)
