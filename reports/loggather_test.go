package reports

import (
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"
)

// Logs that gather have an interval where others have many, which end at multiples of its
// length, and lose no value.
func TestLogsGather(t *testing.T) {
	dir, started := t.TempDir(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	logs := NewHistogramLogs(dir)
	logs.Every(10 * time.Second)
	logs.Start(started)
	series := Series{Kind: KindLogin, Transport: "tcp", From: FromDue}
	for second := range 35 {
		if second == 12 {
			continue // one without values is not added
		}
		h := NewHistogram()
		Record(h, time.Duration(second+1)*time.Millisecond)
		at := started.Add(time.Duration(second) * time.Second)
		if err := logs.Add(series, at, at.Add(time.Second), h); err != nil {
			t.Fatal(err)
		}
	}
	if err := logs.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenLog(filepath.Join(dir, series.LogFile()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := []struct {
		from, to time.Duration
		values   int64
	}{{0, 10 * time.Second, 10}, {10 * time.Second, 20 * time.Second, 9}, {20 * time.Second, 30 * time.Second, 10}, {30 * time.Second, 35 * time.Second, 5}}
	for i := 0; ; i++ {
		got, err := r.Next()
		if errors.Is(err, io.EOF) && i == len(want) {
			return
		}
		if err != nil || i == len(want) {
			t.Fatalf("interval %d: %v", i, err)
		}
		if from, to := got.Start.Sub(started), got.End.Sub(started); from != want[i].from || to != want[i].to || got.Histogram.TotalCount() != want[i].values {
			t.Errorf("interval %d: from %v to %v with %d values, want %+v", i, from, to, got.Histogram.TotalCount(), want[i])
		}
	}
}
