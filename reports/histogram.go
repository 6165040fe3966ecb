package reports

import (
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Of the percentile text: steps each time the distance to 100 % halves, as
// other tools write it, and milliseconds, the unit that plotters of these files
// put on their axis.
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

// fileNamePart is what a kind or an origin has to look like to become a part of
// a file's name: a slash or a dot would lead out of the folder.
var fileNamePart = regexp.MustCompile(`^[a-z0-9_]+$`)

// saveHistograms writes one file for each latency of all transports together;
// the others can be had from the JSON.
func saveHistograms(dir string, latencies []Latency) error {
	var outputs []output
	var failures error
	for _, l := range latencies {
		if l.Transport != AllTransports || l.Histogram == "" {
			continue
		}
		if !fileNamePart.MatchString(l.Kind) || !fileNamePart.MatchString(l.From) {
			failures = errors.Join(failures, fmt.Errorf("the histogram of kind %q from %q has no file: only a–z, 0–9 and _ can stand in its name", l.Kind, l.From))
			continue
		}
		name := fmt.Sprintf("%s.%s.%s.hgrm", l.Kind, l.Transport, l.From)
		outputs = append(outputs, output{name, func(w io.Writer) error { return WriteHistogram(w, l) }})
	}
	if len(outputs) == 0 {
		return failures
	}
	return errors.Join(failures, save(dir, outputs))
}
