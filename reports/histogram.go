package reports

import (
	"fmt"
	"io"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Constants of the percentile text: the steps each time the distance to 100 % halves,
// as other tools write it, and milliseconds, the unit that plotters of these files use.
const (
	hgrmSteps           = 5
	hgrmMicrosPerMillis = 1000
)

// WriteHistogram writes the percentiles of l.Histogram as text (".hgrm"), in
// milliseconds. The error says so when there is no histogram or it is not in
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
