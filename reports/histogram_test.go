package reports

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The percentile text says what the model says of the same latency.
func TestWriteHistogramAgreesWithTheModel(t *testing.T) {
	l := histogramOf(t, readModel(t, "load-good").Load)
	text := rendered(t, func(w io.Writer) error { return WriteHistogram(w, l) })
	var value, percentile float64
	var count int64
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) == 4 && !strings.HasPrefix(lines.Text(), "#") {
			_, _ = fmt.Sscan(lines.Text(), &value, &percentile, &count) // the head is no number; the last line counts
		}
	}
	if percentile != 1 || count != l.Count {
		t.Errorf("the last line is percentile %v with %d values, want 1 with %d", percentile, count, l.Count)
	}
	if want := float64(l.MaxUs) / 1000; value < want*0.999 || value > want*1.001 {
		t.Errorf("the largest value is %v ms, want %v within the histogram's precision", value, want)
	}
}

func TestWriteHistogramErrors(t *testing.T) {
	good := histogramOf(t, readModel(t, "load-good").Load).Histogram
	tests := map[string]string{
		"none":      "",
		"no base64": "!!!",
		"short":     "AAAA",
		"cut":       good[:len(good)/2/4*4],
		"other":     "SGVsbG8sIHRoaXMgaXMgbm8gaGlzdG9ncmFt",
	}
	for name, histogram := range tests {
		t.Run(name, func(t *testing.T) {
			err := WriteHistogram(io.Discard, Latency{Kind: "login", Transport: "udp", From: FromDue, Histogram: histogram})
			if err == nil || !strings.Contains(err.Error(), "login on udp from due") {
				t.Errorf("got %v, want an error that names the latency", err)
			}
		})
	}
}

// A kind from a report cannot make a file outside of the folder.
func TestSaveHistogramsStayInTheirFolder(t *testing.T) {
	good := histogramOf(t, readModel(t, "load-good").Load).Histogram
	dir := t.TempDir()
	err := saveHistograms(filepath.Join(dir, HistogramFolder), []Latency{
		{Kind: "../escaped", Transport: AllTransports, From: FromDue, Histogram: good},
		{Kind: "login", Transport: AllTransports, From: FromDue, Histogram: good},
		{Kind: "login", Transport: "udp", From: FromDue, Histogram: good},
		{Kind: "heartbeat", Transport: AllTransports, From: FromDue},
	})
	if err == nil || !strings.Contains(err.Error(), "../escaped") {
		t.Errorf("got %v, want an error that names the kind", err)
	}
	if got := entries(t, dir); len(got) != 1 {
		t.Errorf("beside the folder: %q", got)
	}
	if got := entries(t, filepath.Join(dir, HistogramFolder)); len(got) != 1 || got[0] != "login.all.due.hgrm" {
		t.Errorf("in the folder: %q", got)
	}
}

// Without any histogram no folder is made.
func TestSaveHistogramsWithoutAny(t *testing.T) {
	dir := filepath.Join(t.TempDir(), HistogramFolder)
	if err := saveHistograms(dir, []Latency{{Kind: "login", Transport: AllTransports}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("got %v, want no folder", err)
	}
}
