package reports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports/words"
)

// maxLogLine bounds a line of a histogram log in bytes: a good deal more than a
// histogram takes in which no two counts are equal.
const maxLogLine = 1 << 20

// LogReader reads a histogram log line by line. It is stricter than the reader
// of the format's own library, which skips lines that it does not understand: nobody
// would notice what is missing from a sum.
type LogReader struct {
	path    string
	file    io.Closer
	lines   *bufio.Scanner
	line    int
	started time.Time
}

// OpenLog opens a histogram log. The error matches fs.ErrNotExist when there is
// no such file.
func OpenLog(path string) (*LogReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a histogram log: %w", err)
	}
	return newLogReader(path, f), nil
}

func newLogReader(path string, r io.ReadCloser) *LogReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLogLine)
	lines.Split(wholeLines)
	return &LogReader{path: path, file: r, lines: lines}
}

var errCutShort = errors.New("it is cut short")

// wholeLines is bufio.ScanLines, but refuses a last line without an end, as a full disk
// leaves it.
func wholeLines(data []byte, atEnd bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, bytes.TrimSuffix(data[:i], []byte("\r")), nil
	}
	if atEnd && len(data) > 0 {
		return 0, nil, errCutShort
	}
	return 0, nil, nil
}

// Close closes the file.
func (r *LogReader) Close() error { return r.file.Close() }

// Started returns when the run began, to the second, as the head of the log has it; the
// zero time before Next was called, and when the log does not say.
func (r *LogReader) Started() time.Time { return r.started }

// Next reads the next interval. The error is io.EOF after the last one, and a
// *FormatError that names the line when it cannot be understood.
func (r *LogReader) Next() (Interval, error) {
	for r.lines.Scan() {
		r.line++
		text := r.lines.Text()
		if strings.HasPrefix(text, "#") {
			if err := r.remark(text); err != nil {
				return Interval{}, r.Refuse(err)
			}
			continue
		}
		if strings.HasPrefix(text, `"StartTimestamp"`) {
			continue
		}
		interval, err := parseInterval(text)
		if err != nil {
			return Interval{}, r.Refuse(err)
		}
		return interval, nil
	}
	if err := r.lines.Err(); err != nil {
		r.line++
		return Interval{}, r.Refuse(err)
	}
	return Interval{}, io.EOF
}

// remark reads the one comment that has a meaning. Times that count from a base, which
// imcheck does not write, are refused rather than misread.
func (r *LogReader) remark(text string) error {
	if strings.HasPrefix(text, "#[BaseTime:") {
		return errors.New("its times count from a base time: only logs that imcheck wrote can be read")
	}
	rest, found := strings.CutPrefix(text, "#[StartTime: ")
	if !found {
		return nil
	}
	seconds, _, _ := strings.Cut(rest, " ")
	started, err := parseSeconds(seconds)
	r.started = started
	return err
}

// Refuse returns a *FormatError that names the line that was read last.
func (r *LogReader) Refuse(err error) error {
	return &FormatError{Path: r.path, Reason: fmt.Sprintf("line %d: %v", r.line, err), Err: err}
}

// parseInterval reads "Tag=x,start,length,max,histogram".
func parseInterval(text string) (Interval, error) {
	fields := strings.Split(text, ",")
	var i Interval
	if tag, found := strings.CutPrefix(fields[0], "Tag="); found {
		i.Tag, fields = tag, fields[1:]
	}
	if len(fields) != 4 {
		return Interval{}, fmt.Errorf("%d fields instead of start, length, maximum and histogram", len(fields))
	}
	var err error
	if i.Start, err = parseSeconds(fields[0]); err != nil {
		return Interval{}, err
	}
	length, err := parseSeconds(fields[1])
	if err != nil {
		return Interval{}, err
	}
	i.End = i.Start.Add(time.Duration(length.UnixMilli()) * time.Millisecond)
	if i.Histogram, err = DecodeHistogram(fields[3]); err != nil {
		return Interval{}, err
	}
	return i, nil
}

// maxSeconds is the latest time in a log, in seconds: far off, and still one that a
// time.Duration can represent in nanoseconds.
const maxSeconds = 9e9

// parseSeconds reads seconds since the epoch, to the millisecond.
func parseSeconds(text string) (time.Time, error) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || seconds < 0 || seconds > maxSeconds {
		return time.Time{}, fmt.Errorf("%q is not a number of seconds", words.Clip(words.Printable(text), 40))
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))), nil
}

// DecodeHistogram reads a histogram in the compressed V2 encoding and base64.
func DecodeHistogram(text string) (*hdrhistogram.Histogram, error) {
	h, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("its histogram cannot be decoded: %w", err)
	}
	return h, nil
}
