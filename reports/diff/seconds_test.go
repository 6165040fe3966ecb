package diff

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// recordRun writes the logs of a run on tcp and udp, ten seconds of a thousand values
// each, and returns its report. On udp everything takes ten times as long.
func recordRun(t *testing.T, us int64) (dir string, l *reports.Load) {
	t.Helper()
	dir = t.TempDir()
	l = &reports.Load{Header: reports.Header{Started: reporttest.LogStart}}
	for transport, factor := range map[string]int64{"tcp": 1, "udp": 10} {
		var seconds []*hdrhistogram.Histogram
		for i := range int64(10) {
			v := (us + i) * factor
			seconds = append(seconds, reporttest.Histogram(slices.Repeat([]int64{v, v, v, v, 2 * v}, 200)...))
		}
		s := reports.Series{Kind: "c2c_ack", Transport: transport, From: reports.FromDue}
		reporttest.WriteLogs(t, filepath.Join(dir, reports.HistogramFolder), s, seconds...)
		l.Latencies = append(l.Latencies, reports.Latency{Kind: s.Kind, Transport: transport, From: reports.FromDue, Count: 10_000})
	}
	l.Latencies = append(l.Latencies, reports.Latency{Kind: "c2c_ack", Transport: reports.AllTransports, From: reports.FromDue, Count: 20_000})
	return dir, l
}

func TestSecondsOfEachTransportAndOfAll(t *testing.T) {
	dir, l := recordRun(t, 100)
	r := recordedRun{dir: dir, load: l}
	seconds, err := r.seconds("c2c_ack")
	if err != nil {
		t.Fatal(err)
	}
	for transport, first := range map[string][3]int64{
		"tcp":                 {100, 200, 200},
		"udp":                 {1000, 2000, 2000},
		reports.AllTransports: {200, 2000, 2000}, // the middle of 800 times 100, 200 times 200, 800 times 1000, 200 times 2000
	} {
		got := seconds[transport]
		if got == nil || len(got[0]) != 10 || [3]int64{got[0][0], got[1][0], got[2][0]} != first {
			t.Errorf("%s: got %v, want %v first", transport, got, first)
		}
	}
}

func TestNoiseOfLogs(t *testing.T) {
	oldDir, old := recordRun(t, 100)
	newDir, new := recordRun(t, 200)
	test := noiseBetween(oldDir, old, newDir, new)
	for _, transport := range []string{"tcp", "udp", reports.AllTransports} {
		for _, percentile := range percentiles {
			if got, err := test("c2c_ack", transport, percentile, true); err != nil || got.p >= noiseLevel || got.seconds != 10 {
				t.Errorf("%s p%v: %+v, %v", transport, percentile, got, err)
			}
		}
	}
	again := noiseBetween(oldDir, old, oldDir, old)
	if got, err := again("c2c_ack", "tcp", 99, true); err != nil || got.p < 0.4 {
		t.Errorf("a run differs from itself: %+v, %v", got, err)
	}
	if got, err := test("login", "tcp", 99, true); err != nil || got.seconds != 0 {
		t.Errorf("a kind without values: %+v, %v", got, err)
	}
}

// The seconds of a closed loop are those since the send.
func TestSecondsOfAClosedLoop(t *testing.T) {
	dir, l := recordRun(t, 100)
	s := reports.Series{Kind: "echo", Transport: "tcp", From: reports.FromSend}
	reporttest.WriteLogs(t, filepath.Join(dir, reports.HistogramFolder), s, reporttest.Histogram(300), reporttest.Histogram(400))
	l.Latencies = append(l.Latencies, reports.Latency{Kind: "echo", Transport: "tcp", From: reports.FromSend, Count: 2})
	r := recordedRun{dir: dir, load: l}
	seconds, err := r.seconds("echo")
	if err != nil {
		t.Fatal(err)
	}
	if got := seconds["tcp"]; got == nil || len(got[0]) != 2 || got[0][0] != 300 || got[0][1] != 400 {
		t.Errorf("got %v", got)
	}
}

func TestNoiseWithoutLogs(t *testing.T) {
	oldDir, old := recordRun(t, 100)
	newDir, new := recordRun(t, 200)
	if err := os.Remove(filepath.Join(newDir, reports.HistogramFolder, "c2c_ack.udp.hlog")); err != nil {
		t.Fatal(err)
	}
	if got, err := noiseBetween(oldDir, old, newDir, new)("c2c_ack", "tcp", 99, true); err != nil || got.missing != newDir {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNoiseOfBrokenLogs(t *testing.T) {
	for name, breakIt := range map[string]func(text []byte) []byte{
		"cut within a line":   func(text []byte) []byte { return text[:len(text)-5] },
		"cut between lines":   func(text []byte) []byte { return text[:strings.LastIndexByte(string(text[:len(text)-1]), '\n')+1] },
		"not a histogram log": func([]byte) []byte { return []byte("something else\n") },
		"empty":               func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			dir, l := recordRun(t, 100)
			path := filepath.Join(dir, reports.HistogramFolder, "c2c_ack.tcp.hlog")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, breakIt(text), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err = noiseBetween(dir, l, dir, l)("c2c_ack", "udp", 99, true)
			if format, ok := errors.AsType[*reports.FormatError](err); !ok || format.Path != path {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNoiseOfHostileNames(t *testing.T) {
	dir, l := recordRun(t, 100)
	l.Latencies[0].Transport = "../../etc"
	_, err := noiseBetween(dir, l, dir, l)("c2c_ack", reports.AllTransports, 99, true)
	if _, ok := errors.AsType[*reports.FormatError](err); !ok {
		t.Errorf("got %v", err)
	}
}
