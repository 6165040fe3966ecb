package reports

import (
	"io"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// These exports are for the tests of this package, which are outside of it for the sake
// of their fixtures.

// MaxLogLine is maxLogLine.
const MaxLogLine = maxLogLine

// Parse is parse.
func Parse(path string, text []byte) (Bundle, error) { return parse(path, text) }

// NewLogReader is newLogReader.
func NewLogReader(path string, r io.ReadCloser) *LogReader { return newLogReader(path, r) }

// CloseFile closes the file of a log, which is as good as a full disk.
func (l *HistogramLogs) CloseFile(name string) { l.files[name].file.Close() }

// Encoder is encoder.
type Encoder = encoder

// Encode is encode.
func (e *encoder) Encode(h *hdrhistogram.Histogram) ([]byte, error) { return e.encode(h) }
