package reports

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// HistogramLogs writes the histogram logs (".hlog") of one run into a folder:
// intervals as they end, so that a long run takes no more memory than a short one. No
// file has its name before Close, so that a folder never shows half a log. It is for
// use by one goroutine.
type HistogramLogs struct {
	dir     string
	started time.Time
	files   map[string]*logFile
	encoder encoder
	failed  error // error of the first Add that failed

	// Of logs that gather, see Every; 0 and nil for others.
	length   time.Duration
	gathered map[Series]*Interval
}

// logFile is a log that does not have its name yet.
type logFile struct {
	file *os.File
	path string // final path of the file
}

// NewHistogramLogs returns logs for a folder, which is made with the first interval.
func NewHistogramLogs(dir string) *HistogramLogs {
	return &HistogramLogs{dir: dir, files: map[string]*logFile{}}
}

// Start sets when the run began, for the head of each log.
func (l *HistogramLogs) Start(started time.Time) { l.started = started }

// Add writes one interval of a series, or adds it to one that is under way, see Every. Its histogram has microseconds and belongs to
// the caller again afterwards. After an error the logs are useless.
func (l *HistogramLogs) Add(s Series, start, end time.Time, h *hdrhistogram.Histogram) error {
	add := l.write
	if l.length > 0 {
		add = l.gather
	}
	err := add(s, start, end, h)
	if l.failed == nil {
		l.failed = err
	}
	return err
}

// write writes a line.
func (l *HistogramLogs) write(s Series, start, end time.Time, h *hdrhistogram.Histogram) error {
	if err := s.Check(); err != nil {
		return err
	}
	f, err := l.open(s.LogFile())
	if err != nil {
		return fmt.Errorf("begin the histogram log %s: %w", filepath.Join(l.dir, s.LogFile()), err)
	}
	text, err := l.encoder.encode(h)
	if err == nil {
		_, err = fmt.Fprintf(f.file, "Tag=%s,%s,%s,%.6f,%s\n",
			s.Tag(), inSeconds(start.UnixMilli()), inSeconds(end.UnixMilli()-start.UnixMilli()), float64(h.Max())/1e6, text)
	}
	if err != nil {
		return fmt.Errorf("write the histogram log %s: %w", f.path, err)
	}
	return nil
}

// inSeconds formats a time as the format demands.
func inSeconds(ms int64) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }

// open returns a log, which it begins if need be.
func (l *HistogramLogs) open(name string) (*logFile, error) {
	if f := l.files[name]; f != nil {
		return f, nil
	}
	if err := os.MkdirAll(l.dir, 0o777); err != nil {
		return nil, err
	}
	path := filepath.Join(l.dir, name)
	// As WriteFile does: readable as any other file is.
	file, err := os.OpenFile(path+"."+rand.Text()+".tmp", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	f := &logFile{file: file, path: path}
	l.files[name] = f
	return f, f.head(l.started)
}

// head writes the lines before the intervals.
func (f *logFile) head(started time.Time) error {
	w := hdrhistogram.NewHistogramLogWriter(f.file)
	return errors.Join(
		w.OutputComment("[Latencies of imcheck in microseconds; Interval_Max in seconds]"),
		w.OutputLogFormatVersion(),
		w.OutputStartTime(started.UnixMilli()),
		w.OutputLegend(),
	)
}

// Close gives the logs their names. One that fails does not keep the others from
// getting theirs: the error joins what went wrong. When an interval could not be written
// none gets its name.
func (l *HistogramLogs) Close() error {
	if err := l.flush(); l.failed == nil {
		l.failed = err
	}
	if l.failed != nil {
		l.Discard()
		return fmt.Errorf("no histogram log is kept, as one is not complete: %w", l.failed)
	}
	var failures error
	for name, f := range l.files {
		err := errors.Join(f.file.Sync(), f.file.Close())
		if err == nil {
			err = os.Rename(f.file.Name(), f.path)
		}
		if err != nil {
			os.Remove(f.file.Name()) // it is useless
			failures = errors.Join(failures, fmt.Errorf("write the histogram log %s: %w", f.path, err))
		}
		delete(l.files, name)
	}
	return failures
}

// Discard removes the logs. After Close it does nothing.
func (l *HistogramLogs) Discard() {
	for name, f := range l.files {
		f.file.Close()
		os.Remove(f.file.Name())
		delete(l.files, name)
	}
}
