package reports

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Constants of the percentile text: the steps each time the distance to 100 % halves,
// as other tools write it, and milliseconds, the unit that plotters of these files use.
const (
	hgrmSteps           = 5
	hgrmMicrosPerMillis = 1000
)

// Range and resolution of the histograms of a load: a microsecond to a minute with
// three digits. What is longer counts as a minute.
const (
	longestTime = time.Minute
	digits      = 3

	coarseDigits = 2
)

// NewHistogram returns an empty histogram of microseconds, as reports of loads have them.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestTime.Microseconds(), digits)
}

// NewCoarseHistogram is NewHistogram with two digits, a seventh of the size, for what there
// are many of.
func NewCoarseHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestTime.Microseconds(), coarseDigits)
}

// Record counts one time in a histogram of NewHistogram. It allocates nothing.
func Record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(d, 0), longestTime).Microseconds()) // in range, so it cannot fail
}

// NewSpread describes the times in a histogram of NewCoarseHistogram. The error is one of
// encoding.
func NewSpread(h *hdrhistogram.Histogram) (Spread, error) {
	if h.TotalCount() == 0 {
		return Spread{}, nil
	}
	s := Spread{P50Us: h.ValueAtPercentile(50), P99Us: h.ValueAtPercentile(99), MaxUs: h.Max()}
	var err error
	s.Histogram, err = EncodeHistogram(h)
	return s, err
}

// WriteHistogram writes the percentiles of l.Histogram as text (".hgrm"), in
// milliseconds. It is an error if the histogram is missing or not in
// the compressed V2 encoding.
func WriteHistogram(w io.Writer, l Latency) error {
	if l.Histogram == "" {
		return fmt.Errorf("no histogram was kept for %s on %s from %s", l.Kind, l.Transport, l.From)
	}
	histogram, err := hdrhistogram.Decode([]byte(l.Histogram))
	if err != nil {
		return fmt.Errorf("decode the histogram of %s on %s from %s: %w", l.Kind, l.Transport, l.From, err)
	}
	if _, err := histogram.PercentilesPrint(w, hgrmSteps, hgrmMicrosPerMillis); err != nil {
		return fmt.Errorf("write the percentiles of %s: %w", l.Kind, err)
	}
	return nil
}
