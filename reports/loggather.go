package reports

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Every has the logs gather what is added to intervals of this length, of which each ends at
// a multiple of it since the start, so that those of shards go together. What is shorter than
// twice a second is added as it comes. It is to be called before Add.
func (l *HistogramLogs) Every(length time.Duration) {
	if l.length = 0; length >= 2*time.Second {
		l.length, l.gathered = length, map[Series]*Interval{}
	}
}

// gather adds an interval of a series to the one that is under way, and writes that once it
// is over.
func (l *HistogramLogs) gather(s Series, start, end time.Time, h *hdrhistogram.Histogram) error {
	under := l.gathered[s]
	if under == nil {
		under = &Interval{}
		l.gathered[s] = under
	}
	if under.Histogram != nil && under.Histogram.TotalCount() > 0 && l.number(start, end) > l.number(under.Start, under.End) {
		if err := l.writeGathered(s, under); err != nil {
			return err
		}
	}
	if under.Histogram != nil && under.Histogram.TotalCount() == 0 {
		under.Start, under.End = start, end
	}
	return under.Add(Interval{Start: start, End: end, Histogram: h})
}

// number counts the intervals since the start.
func (l *HistogramLogs) number(start, end time.Time) int64 {
	return Clock{Origin: l.started, Length: l.length}.Second(start, end)
}

// writeGathered writes what was gathered of a series, and empties it.
func (l *HistogramLogs) writeGathered(s Series, under *Interval) error {
	if under.Histogram == nil || under.Histogram.TotalCount() == 0 {
		return nil
	}
	err := l.write(s, under.Start, under.End, under.Histogram)
	under.Histogram.Reset()
	return err
}

// flush writes all that was gathered.
func (l *HistogramLogs) flush() error {
	var order []Series
	for s := range l.gathered {
		order = append(order, s)
	}
	slices.SortFunc(order, func(a, b Series) int { return CompareSeries(LatencyKinds, a, b) })
	for _, s := range order {
		if err := l.writeGathered(s, l.gathered[s]); err != nil {
			return err
		}
	}
	return nil
}
