package reporttest

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// LogStart is the time at which the logs of WriteLogs begin.
var LogStart = time.Date(2026, 3, 14, 9, 26, 53, 250_000_000, time.UTC)

// Histogram has these values, in microseconds.
func Histogram(values ...int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	for _, v := range values {
		if err := h.RecordValue(v); err != nil {
			panic(err)
		}
	}
	return h
}

// WriteLogs writes intervals of a second each, one histogram each.
func WriteLogs(t *testing.T, dir string, s reports.Series, histograms ...*hdrhistogram.Histogram) {
	t.Helper()
	logs := reports.NewHistogramLogs(dir)
	logs.Start(LogStart)
	for i, h := range histograms {
		start := LogStart.Add(time.Duration(i) * time.Second)
		if err := logs.Add(s, start, start.Add(time.Second), h); err != nil {
			t.Fatal(err)
		}
	}
	if err := logs.Close(); err != nil {
		t.Fatal(err)
	}
}

// ReadLog returns every interval of a log.
func ReadLog(t *testing.T, path string) (intervals []reports.Interval) {
	t.Helper()
	r, err := reports.OpenLog(path)
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
