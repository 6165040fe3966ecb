package diff_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"imcheck/reports"
	"imcheck/reports/diff"
	"imcheck/reports/index"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/text"
)

// writeRun puts a report under the name of its kind, with a log beside it; it is
// false for a text that is not a report.
func writeRun(t *testing.T, dir, report, log string) bool {
	t.Helper()
	histograms := filepath.Join(dir, reports.HistogramFolder)
	file := filepath.Join(dir, reports.ConformanceFile)
	if err := errors.Join(os.MkdirAll(histograms, 0o777), os.WriteFile(file, []byte(report), 0o666)); err != nil {
		t.Fatal(err)
	}
	b, err := reports.Read(file)
	if err != nil {
		return false
	}
	if b.Load != nil {
		if err := os.Rename(file, filepath.Join(dir, reports.LoadFile)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(histograms, "login.tcp.hlog"), []byte(log), 0o666); err != nil {
		t.Fatal(err)
	}
	return true
}

// FuzzCompare compares two reports of any content and shows what came of it in
// every form. Their logs are any text as well.
func FuzzCompare(f *testing.F) {
	conformance := func(outcome, rest string) string {
		return fmt.Sprintf(`{"schema":1,"kind":"conformance","outcome":%q,"target":{"senseModes":{"tcp":"3S"}},"results":[{"case":"heartbeat/expiry","transport":"tcp",%s}]}`, outcome, rest)
	}
	load := func(us int64, rest string) string {
		return fmt.Sprintf(`{"schema":1,"kind":"load","outcome":"pass","latencies":[{"kind":"login","transport":"tcp","from":"due","count":9,"p99Us":%d},{"kind":"login","transport":"all","from":"due","count":9,"p99Us":%d}]%s}`, us, us, rest)
	}
	encoded, err := reports.EncodeHistogram(reporttest.Histogram(1, 50))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(conformance("pass", `"verdict":"pass","measurements":[{"name":"expiry","valueMs":7000,"lowerMs":7000}]`), conformance("fail", `"verdict":"fail","measurements":[{"name":"expiry","valueMs":1e308,"lowerMs":-1e308}]`), "")
	f.Add(conformance("pass", `"verdict":"pass"`), conformance("fail", `"round":2,"verdict":"error"`), "")
	f.Add(load(10, ""), load(-1<<62, `,"timeline":[{"atMs":-1,"p99Us":9}],"messages":[{"kind":"c2c","lost":-1}]`), "")
	f.Add(load(10, ""), load(90_000, ""), "#[StartTime: 1 (seconds since epoch), x]\nTag=login/tcp/due,1.5,1,0.1,"+encoded+"\n")
	f.Fuzz(func(t *testing.T, old, new, log string) {
		root := t.TempDir()
		dirs := []string{filepath.Join(root, "old"), filepath.Join(root, "new")}
		if !writeRun(t, dirs[0], old, log) || !writeRun(t, dirs[1], new, log) {
			return // FuzzRead looks at that
		}
		runs, err := index.Read(dirs)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(index.WriteHTML(io.Discard, runs, root), index.WriteText(io.Discard, runs, text.Options{})); err != nil {
			t.Error(err)
		}
		d, err := diff.Dirs(dirs[0], dirs[1], diff.DefaultBounds)
		if err != nil {
			_, refused := errors.AsType[*diff.Error](err)
			_, broken := errors.AsType[*reports.FormatError](err)
			if !refused && !broken {
				t.Fatalf("%v is neither an *Error nor a *FormatError", err)
			}
			return
		}
		if err := errors.Join(diff.WriteText(io.Discard, d, text.Options{Verbose: true}), diff.WriteMarkdown(io.Discard, d), diff.WriteHTML(io.Discard, d, root)); err != nil {
			t.Error(err)
		}
		if err := diff.WriteJSON(io.Discard, d); err != nil {
			t.Error(err)
		}
	})
}
