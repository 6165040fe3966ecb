package books

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// IntervalLog receives the recorded figures as the run goes on, about once a
// second, on one goroutine. *reports.HistogramLogs is one.
type IntervalLog interface {
	// Start comes first, with the time from which the run counts.
	Start(started time.Time)
	// Add receives the part of a series between two times. Without values there it
	// is not called. The histogram, of microseconds, is not to be kept.
	Add(s reports.Series, start, end time.Time, h *hdrhistogram.Histogram) error
}

// Intervals adds up what the workers record. With a log it takes that away
// from them every second, so that what the log gets and what the report says
// are the same values; without one it takes how late sends were, which the
// timeline has, and the rest once, at the end.
type Intervals struct {
	log       IntervalLog // nil for none
	start     time.Time
	recorders []*Recorder
	since     time.Duration // the interval that is under way began
	total     *Recorder
	second    *Recorder // empty between two calls, as is spare
	spare     *Recorder
	err       error // the first one of the log, which is not used any more then
}

// NewIntervals returns the intervals of what workers record on these transports, from
// start on. log may be nil.
func NewIntervals(log IntervalLog, start time.Time, transports []wire.Transport, workers Workers) *Intervals {
	n := &Intervals{
		log: log, start: start, recorders: workers.recorders(),
		total: NewRecorder(transports), second: NewRecorder(transports), spare: NewRecorder(transports),
	}
	if n.log != nil {
		n.log.Start(n.start.Round(time.Millisecond)) // as the report has it
	}
	return n
}

// Tick ends an interval. delivery is what the timeline's second has. late gets how late the
// sends of the interval were.
func (n *Intervals) Tick(now time.Duration, delivery, late *hdrhistogram.Histogram) {
	if n.log == nil {
		n.take((*Recorder).exchangeLateness)
	} else {
		n.write(reports.Series{Kind: reports.SeriesTimeline}, now, delivery)
		n.take((*Recorder).exchange)
	}
	mergeAny(late, n.second.Lateness)
	n.end(now)
}

// SoFar returns what was recorded so far of a run that goes on, in a recorder of its own.
func (n *Intervals) SoFar() *Recorder {
	sum := NewRecorder(nil)
	sum.merge(n.total)
	for _, r := range n.recorders {
		sum.merge(r)
	}
	return sum
}

// Finish ends the last interval, when the workers have ended, and returns all
// that was recorded. The error is that of the log.
func (n *Intervals) Finish(now time.Duration) (*Recorder, error) {
	n.take((*Recorder).exchange)
	n.end(now)
	if n.err != nil {
		return n.total, fmt.Errorf("the histogram logs are not complete: %w", n.err)
	}
	return n.total, nil
}

// take adds what exchange takes away from every worker to the interval.
func (n *Intervals) take(exchange func(from, empty *Recorder)) {
	for _, r := range n.recorders {
		exchange(r, n.spare)
		n.second.merge(n.spare)
		n.spare.reset()
	}
}

// end closes the interval: what it has goes to the log and to the total.
func (n *Intervals) end(now time.Duration) {
	n.second.each(func(s reports.Series, h *hdrhistogram.Histogram) { n.write(s, now, h) })
	n.total.merge(n.second)
	n.second.reset()
	n.since = now
}

// write gives one histogram of the interval to the log, unless it is empty.
func (n *Intervals) write(s reports.Series, now time.Duration, h *hdrhistogram.Histogram) {
	if n.log == nil || n.err != nil || h.TotalCount() == 0 {
		return
	}
	n.err = errors.Join(n.err, n.log.Add(s, n.start.Add(n.since), n.start.Add(now), h))
}

// each calls f with every histogram of a recorder.
func (r *Recorder) each(f func(s reports.Series, h *hdrhistogram.Histogram)) {
	for k := range r.latency {
		for t := range r.latency[k] {
			for o, h := range r.latency[k][t] {
				if h != nil {
					f(series(Kind(k), wire.Transport(t), o), h)
				}
			}
		}
	}
	f(reports.Series{Kind: reports.SeriesLateness}, r.Lateness)
}

// reset empties every histogram that has anything in it.
func (r *Recorder) reset() {
	r.each(func(_ reports.Series, h *hdrhistogram.Histogram) {
		resetAny(h)
	})
}
