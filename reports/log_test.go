package reports_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// Values that are recorded into one histogram, and the same values spread over
// four logs of ten seconds each, come to the same counts.
func TestLogsAddUpExactly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	login := reports.Series{Kind: "login", Transport: "tcp", From: reports.FromDue}
	whole := reporttest.Histogram()
	var sum reports.Interval
	for shard := range 4 {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(shard))
		var seconds []*hdrhistogram.Histogram
		for range 10 {
			h := reporttest.Histogram()
			for range 200 {
				v := int64(1) << random.IntN(26) // every bucket, up to a minute
				v += random.Int64N(v)
				v = min(v, time.Minute.Microseconds())
				if err := errors.Join(whole.RecordValue(v), h.RecordValue(v)); err != nil {
					t.Fatal(err)
				}
			}
			seconds = append(seconds, h)
		}
		reporttest.WriteLogs(t, dir, login, seconds...)
		for _, interval := range reporttest.ReadLog(t, filepath.Join(dir, "login.tcp.hlog")) {
			if err := sum.Add(interval); err != nil {
				t.Fatal(err)
			}
		}
	}
	if whole.TotalCount() != 8000 || !whole.Equals(sum.Histogram) {
		t.Errorf("the sum of the logs has %d values, want the %d of the whole, each in its place", sum.Histogram.TotalCount(), whole.TotalCount())
	}
	if !sum.Start.Equal(reporttest.LogStart) || !sum.End.Equal(reporttest.LogStart.Add(10*time.Second)) || sum.Tag != "login/tcp/due" {
		t.Errorf("the sum is %s from %v to %v", sum.Tag, sum.Start, sum.End)
	}
	one, err1 := reports.NewLatency(login, whole)
	four, err2 := reports.NewLatency(login, sum.Histogram)
	if err := errors.Join(err1, err2); err != nil || one != four {
		t.Errorf("rows %+v and %+v differ, %v", one, four, err)
	}
}

// The library of the format reads a log as this package does.
func TestLogIsReadByOthers(t *testing.T) {
	dir := t.TempDir()
	reporttest.WriteLogs(t, dir, reports.Series{Kind: "c2c_ack", Transport: "ws", From: reports.FromSend}, reporttest.Histogram(5, 7), reporttest.Histogram(1_000_000))
	path := filepath.Join(dir, "c2c_ack.ws.hlog")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const head = "#[Latencies of imcheck in microseconds; Interval_Max in seconds]\n" +
		"#[Histogram log format version 1.3]\n" +
		"#[StartTime: 1773480413 (seconds since epoch), 2026-03-14T09:26:53Z]\n" +
		"\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n" +
		"Tag=c2c_ack/ws/send,1773480413.250,1.000,0.000007,HISTF"
	if !strings.HasPrefix(string(text), head) {
		t.Errorf("the log begins\n%.400s\nwant\n%s", text, head)
	}
	reader := hdrhistogram.NewHistogramLogReader(strings.NewReader(string(text)))
	for i, ours := range reporttest.ReadLog(t, path) {
		theirs, err := reader.NextIntervalHistogram()
		if err != nil || theirs == nil {
			t.Fatalf("interval %d: %v, %v", i, theirs, err)
		}
		if !theirs.Equals(ours.Histogram) || theirs.Tag() != ours.Tag || theirs.StartTimeMs() != ours.Start.UnixMilli() || theirs.EndTimeMs() != ours.End.UnixMilli() {
			t.Errorf("interval %d is read in two ways", i)
		}
	}
	if rest, err := reader.NextIntervalHistogram(); rest != nil || err != nil {
		t.Errorf("there is more: %v, %v", rest, err)
	}
}

// A line that cannot be read is an error with its number, never left out.
func TestLogReaderRefuses(t *testing.T) {
	encoded, err := reports.EncodeHistogram(reporttest.Histogram(1))
	if err != nil {
		t.Fatal(err)
	}
	good := "Tag=x,1.000,1.000,0.1," + encoded + "\n"
	tests := map[string]struct{ text, reason string }{
		"cut in a line":        {good + good[:30], "line 2: it is cut short"},
		"cut before its end":   {strings.TrimSuffix(good, "\n"), "line 1: it is cut short"},
		"a line of no meaning": {"#\n" + good + "hello\n", "line 3: 1 fields instead"},
		"an empty line":        {"\n", "line 1: 1 fields"},
		"a tag alone":          {"Tag=x\n", "line 1: 0 fields"},
		"no number":            {"Tag=x,soon,1,1," + encoded + "\n", `"soon" is not a number of seconds`},
		"no length":            {"1,-1,1," + encoded + "\n", `"-1" is not a number of seconds`},
		"not a number":         {"NaN,1,1," + encoded + "\n", `"NaN" is not a number of seconds`},
		"no histogram":         {"1,1,1,HISTF\n", "its histogram cannot be decoded"},
		"half a histogram":     {"1,1,1," + encoded[:len(encoded)/2/4*4] + "\n", "its histogram cannot be decoded"},
		"a base time":          {"#[BaseTime: 1 (seconds since epoch)]\n" + good, "line 1: its times count from a base time"},
		"a start of no time":   {"#[StartTime: x (seconds since epoch)]\n", `"x" is not a number of seconds`},
		"a line without end":   {strings.Repeat("x", reports.MaxLogLine+1), "line 1: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := reports.NewLogReader("some.hlog", io.NopCloser(strings.NewReader(test.text)))
			var err error
			for err == nil {
				_, err = r.Next()
			}
			var format *reports.FormatError
			if !errors.As(err, &format) || format.Path != "some.hlog" || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got %v, want a *FormatError with %q", err, test.reason)
			}
		})
	}
}

func TestOpenLogMissing(t *testing.T) {
	if _, err := reports.OpenLog(filepath.Join(t.TempDir(), "none.hlog")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

// A log has no name before it is whole, and replaces an older one only then.
func TestLogsAppearWhole(t *testing.T) {
	dir := t.TempDir()
	login := reports.Series{Kind: "login", Transport: "udp", From: reports.FromDue}
	reporttest.WriteLogs(t, dir, login, reporttest.Histogram(1))
	logs := reports.NewHistogramLogs(dir)
	logs.Start(reporttest.LogStart)
	if err := logs.Add(login, reporttest.LogStart, reporttest.LogStart.Add(time.Second), reporttest.Histogram(1, 2, 3)); err != nil {
		t.Fatal(err)
	}
	count := func() int64 {
		return reporttest.ReadLog(t, filepath.Join(dir, "login.udp.hlog"))[0].Histogram.TotalCount()
	}
	if got := count(); got != 1 {
		t.Errorf("before Close the log has %d values, want the 1 of the older one", got)
	}
	if err := logs.Close(); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 3 {
		t.Errorf("after Close the log has %d values, want 3", got)
	}
	if got := reporttest.Entries(t, dir); len(got) != 1 {
		t.Errorf("the folder has %q", got)
	}
}

func TestLogsDiscard(t *testing.T) {
	dir := t.TempDir()
	logs := reports.NewHistogramLogs(dir)
	if err := logs.Add(reports.Series{Kind: reports.SeriesLateness}, reporttest.LogStart, reporttest.LogStart, reporttest.Histogram(1)); err != nil {
		t.Fatal(err)
	}
	logs.Discard()
	if err := logs.Close(); err != nil {
		t.Error(err)
	}
	if got := reporttest.Entries(t, dir); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

// Logs that lack an interval are not left for others to add up.
func TestLogsThatAreNotComplete(t *testing.T) {
	dir := t.TempDir()
	logs := reports.NewHistogramLogs(dir)
	login := reports.Series{Kind: "login", Transport: "udp", From: reports.FromDue}
	if err := logs.Add(login, reporttest.LogStart, reporttest.LogStart, reporttest.Histogram(1)); err != nil {
		t.Fatal(err)
	}
	logs.CloseFile(login.LogFile())
	if err := logs.Add(login, reporttest.LogStart, reporttest.LogStart, reporttest.Histogram(1)); err == nil || !strings.Contains(err.Error(), "login.udp.hlog") {
		t.Fatalf("got %v, want an error that names the log", err)
	}
	if err := logs.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want what Add failed for", err)
	}
	if got := reporttest.Entries(t, dir); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

// A series cannot make a file outside of the folder, nor a line of its own.
func TestLogsStayInTheirFolder(t *testing.T) {
	dir := t.TempDir()
	logs := reports.NewHistogramLogs(filepath.Join(dir, reports.HistogramFolder))
	for _, s := range []reports.Series{{Kind: "../escaped"}, {Kind: "login", Transport: "a/b"}, {Kind: "login", From: "x,y"}, {}} {
		if err := logs.Add(s, reporttest.LogStart, reporttest.LogStart, reporttest.Histogram(1)); err == nil {
			t.Errorf("%+v was written", s)
		}
	}
	if got := reporttest.Entries(t, dir); len(got) != 0 {
		t.Errorf("written was %q", got)
	}
}

// A folder where a log is to be is an error, and leaves no other files.
func TestLogsCloseFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lateness.hlog"), 0o777); err != nil {
		t.Fatal(err)
	}
	logs := reports.NewHistogramLogs(dir)
	if err := logs.Add(reports.Series{Kind: reports.SeriesLateness}, reporttest.LogStart, reporttest.LogStart, reporttest.Histogram(1)); err != nil {
		t.Fatal(err)
	}
	if err := logs.Close(); err == nil || !strings.Contains(err.Error(), "lateness.hlog") {
		t.Errorf("got %v, want an error that names the log", err)
	}
	if got := reporttest.Entries(t, dir); len(got) != 1 {
		t.Errorf("the folder has %q", got)
	}
}

// Histograms that cannot be added exactly are not added.
func TestAddHistogramRefuses(t *testing.T) {
	sum := reports.Interval{Histogram: reporttest.Histogram(1)}
	coarse := hdrhistogram.New(1, time.Minute.Microseconds(), 2)
	if err := sum.Add(reports.Interval{Histogram: coarse}); err == nil || !strings.Contains(err.Error(), "cannot be added exactly") {
		t.Errorf("got %v", err)
	}
}

func FuzzLogReader(f *testing.F) {
	encoded, err := reports.EncodeHistogram(reporttest.Histogram(1, 50))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("#[StartTime: 1 (seconds since epoch), x]\nTag=a/b/due,1.5,1,0.1," + encoded + "\n")
	f.Add("1,1,1," + encoded + "\n\r\n#\n")
	f.Add("Tag=,NaN,1e400,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := reports.NewLogReader("p", io.NopCloser(strings.NewReader(text)))
		for {
			interval, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				var format *reports.FormatError
				if !errors.As(err, &format) {
					t.Fatalf("%v is no *FormatError", err)
				}
				return
			}
			if interval.Histogram == nil || interval.End.Before(interval.Start) {
				t.Fatalf("%+v is no interval", interval)
			}
		}
	})
}
