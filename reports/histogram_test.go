package reports_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// The percentile text says what the model says of the same latency.
func TestWriteHistogramAgreesWithTheModel(t *testing.T) {
	l := reporttest.LatencyWithHistogram(t, reporttest.Model(t, "load-good").Load)
	text := reporttest.Rendered(t, func(w io.Writer) error { return reports.WriteHistogram(w, l) })
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
	good := reporttest.LatencyWithHistogram(t, reporttest.Model(t, "load-good").Load).Histogram
	tests := map[string]string{
		"none":      "",
		"no base64": "!!!",
		"short":     "AAAA",
		"cut":       good[:len(good)/2/4*4],
		"other":     "SGVsbG8sIHRoaXMgaXMgbm8gaGlzdG9ncmFt",
	}
	for name, histogram := range tests {
		t.Run(name, func(t *testing.T) {
			err := reports.WriteHistogram(io.Discard, reports.Latency{Kind: "login", Transport: "udp", From: reports.FromDue, Histogram: histogram})
			if err == nil || !strings.Contains(err.Error(), "login on udp from due") {
				t.Errorf("got %v, want an error that names the latency", err)
			}
		})
	}
}

func TestHistogramGolden(t *testing.T) {
	for _, l := range reporttest.Model(t, "load-good").Load.Latencies {
		if l.Kind == "login" && l.Transport == reports.AllTransports && l.From == reports.FromDue {
			got := reporttest.Rendered(t, func(w io.Writer) error { return reports.WriteHistogram(w, l) })
			reporttest.Golden(t, got, "golden", "login.all.due.hgrm")
			return
		}
	}
	t.Fatal("the fixture has no latency of logins")
}
