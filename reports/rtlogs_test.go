package reports

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

var logStart = time.Date(2026, 3, 14, 9, 26, 53, 250_000_000, time.UTC)

func newTestHistogram(values ...int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	for _, v := range values {
		if err := h.RecordValue(v); err != nil {
			panic(err)
		}
	}
	return h
}

// writeLogs writes intervals of a second each, one histogram each.
func writeLogs(t *testing.T, dir string, s Series, histograms ...*hdrhistogram.Histogram) {
	t.Helper()
	logs := NewHistogramLogs(dir)
	logs.Start(logStart)
	for i, h := range histograms {
		start := logStart.Add(time.Duration(i) * time.Second)
		if err := logs.Add(s, start, start.Add(time.Second), h); err != nil {
			t.Fatal(err)
		}
	}
	if err := logs.Close(); err != nil {
		t.Fatal(err)
	}
}

// readLog returns every interval of a log.
func readLog(t *testing.T, path string) (intervals []Interval) {
	t.Helper()
	r, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		interval, err := r.Next()
		if errors.Is(err, io.EOF) {
			return intervals
		}
		if err != nil {
			t.Fatal(err)
		}
		intervals = append(intervals, interval)
	}
}
