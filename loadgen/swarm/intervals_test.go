package swarm

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/transport/memory"
	"imcheck/loadgen/books"
	"imcheck/reports"
)

// memoryLog adds intervals up by the tag of their series.
type memoryLog struct {
	started   time.Time
	sums      map[string]*hdrhistogram.Histogram
	intervals []reports.Interval
	broken    error
}

func (l *memoryLog) Start(started time.Time) {
	l.started, l.sums = started, map[string]*hdrhistogram.Histogram{}
}

func (l *memoryLog) Add(s reports.Series, start, end time.Time, h *hdrhistogram.Histogram) error {
	if l.sums[s.Tag()] == nil {
		l.sums[s.Tag()] = reports.NewHistogram()
	}
	l.sums[s.Tag()].Merge(h)
	l.intervals = append(l.intervals, reports.Interval{Tag: s.Tag(), Start: start, End: end, Histogram: h.Clone()})
	return l.broken
}

// The intervals of a run add up to what its report says, value by value.
func TestIntervalsAreTheTotal(t *testing.T) {
	c, log := load(), &memoryLog{}
	c.Duration, c.Intervals = 10*time.Second, log
	l := runVirtual(t, c, nil)
	rows := 0
	for _, row := range l.Latencies {
		if row.Transport == reports.AllTransports {
			continue
		}
		rows++
		tag := reports.Series{Kind: row.Kind, Transport: row.Transport, From: row.From}.Tag()
		checkSum(t, log, tag, row.Histogram)
	}
	if rows == 0 || len(log.sums) != rows+2 {
		t.Errorf("%d series for %d rows, want one each, the lateness and the timeline", len(log.sums), rows)
	}
	checkSum(t, log, string(reports.SeriesLateness), l.Generator.LatenessHistogram)
	var delivered int64
	for _, s := range l.Timeline {
		delivered += s.Delivered
	}
	if got := log.sums[string(reports.SeriesTimeline)].TotalCount(); got != delivered {
		t.Errorf("the timeline's histograms have %d values, its samples %d", got, delivered)
	}
	ends := map[string]time.Time{}
	for _, i := range log.intervals {
		length := i.End.Sub(i.Start)
		if i.Start.Before(ends[i.Tag]) || i.Start.Before(log.started) || length < 0 || length > time.Second || i.Histogram.TotalCount() == 0 {
			t.Fatalf("an interval of %s from %v to %v with %d values", i.Tag, i.Start, i.End, i.Histogram.TotalCount())
		}
		ends[i.Tag] = i.End
	}
	if !log.started.Equal(l.Started) {
		t.Errorf("the log starts at %v, the report at %v", log.started, l.Started)
	}
}

func checkSum(t *testing.T, log *memoryLog, tag, encoded string) {
	t.Helper()
	want, err := hdrhistogram.Decode([]byte(encoded))
	if err != nil {
		t.Fatal(err)
	}
	if got := log.sums[tag]; got == nil || !got.Equals(want) {
		t.Errorf("the intervals of %s do not add up to the %d values of the report", tag, want.TotalCount())
	}
}

// A log that cannot be written is an error, and costs nothing else.
func TestIntervalsWithBrokenLog(t *testing.T) {
	full := errors.New("no space left on device")
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		c := load()
		log := &memoryLog{broken: full}
		c.Target, c.Intervals = described, log
		l, err := Run(t.Context(), c)
		if !errors.Is(err, full) || !strings.Contains(err.Error(), "histogram logs") {
			t.Errorf("got %v, want the log's own error", err)
		}
		if l == nil || l.Outcome != reports.OutcomePass || latencyOf(l, "login", reports.AllTransports, reports.FromDue).Count != 60 {
			t.Errorf("the report suffered: %+v", l)
		}
		if len(log.intervals) != 1 {
			t.Errorf("the broken log was used %d times", len(log.intervals))
		}
	})
}

// Each interval has the lateness of its own sends only, and the total that of
// all, whether the rest is taken away every second or not.
func TestIntervalsOfLateness(t *testing.T) {
	for name, log := range map[string]books.IntervalLog{"with a log": &memoryLog{}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			workers := books.Workers{books.NewWorker(streams), books.NewWorker(streams)}
			n := books.NewIntervals(log, time.Time{}, mixed, workers)
			late := func(worker int, us ...int64) {
				for _, v := range us {
					workers[worker].Latencies.RecordLateness(time.Duration(v) * time.Microsecond)
				}
			}
			tick := func(second int) int64 {
				lateness := reports.NewHistogram()
				n.Tick(time.Duration(second)*time.Second, reports.NewHistogram(), lateness)
				return lateness.ValueAtPercentile(99)
			}
			late(0, 100, 100)
			late(1, 900)
			if got := tick(1); got != 900 {
				t.Errorf("the first second has %d µs at p99, want 900", got)
			}
			late(0, 50)
			if got := tick(2); got != 50 {
				t.Errorf("the second one has %d µs, want 50", got)
			}
			if got := tick(3); got != 0 {
				t.Errorf("a second without sends has %d µs, want 0", got)
			}
			late(1, 300)
			total, err := n.Finish(4 * time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if h := total.Lateness; h.TotalCount() != 5 || h.Max() != 900 {
				t.Errorf("all %d sends are late by up to %d µs, want 5 and 900", h.TotalCount(), h.Max())
			}
		})
	}
}
