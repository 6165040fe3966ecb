package merge

import (
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// startOf counts from the first shard that has got under way.
func startOf(shards []shardRun) reports.Clock {
	c := reports.ClockOf(shards[0].load, time.Time{})
	for _, s := range shards {
		if began := s.load.Started; len(s.load.Timeline) > 0 && (c.Origin.IsZero() || began.Before(c.Origin)) {
			c.Origin = began
		}
	}
	if c.Origin.IsZero() {
		c.Origin = shards[0].load.Started
	}
	return c
}

// samplesOf returns the samples of one shard by the second of the run.
func samplesOf(c reports.Clock, l *reports.Load) map[int64]reports.Sample {
	bySecond := map[int64]reports.Sample{}
	at := func(ms int64) time.Time { return l.Started.Add(time.Duration(ms) * time.Millisecond) }
	since := int64(0)
	for _, s := range l.Timeline {
		second := c.Second(at(since), at(s.AtMs))
		total := bySecond[second]
		total.AtMs, total.Online = s.AtMs, s.Online // those of the later one
		total.Sent += s.Sent
		total.Delivered += s.Delivered
		total.Errors += s.Errors
		total.LoggedIn += s.LoggedIn
		total.Lost += s.Lost
		total.Target = s.Target
		bySecond[second] = total
		since = s.AtMs
	}
	return bySecond
}

// addTimelines lines the shards' seconds up, and sets when the run began and
// how long it took.
func (m *Merged) addTimelines() error {
	total := map[int64]reports.Sample{}
	var each []map[int64]reports.Sample // samples of the shards
	watching := m.watching()
	for _, s := range m.shards {
		own := samplesOf(m.clock, s.load)
		each = append(each, own)
		for second, sample := range own {
			t := total[second]
			t.Sent += sample.Sent
			t.Delivered += sample.Delivered
			t.Errors += sample.Errors
			t.LoggedIn += sample.LoggedIn
			t.Lost += sample.Lost
			if s.load == watching {
				t.Target = sample.Target
			}
			total[second] = t
		}
	}
	seconds := slices.Sorted(maps.Keys(total))
	addOnline(total, seconds, each)
	m.setSpan()
	if err := errors.Join(m.addPercentiles(total), m.addLateness(total)); err != nil {
		return err
	}
	length := m.clock.Length.Milliseconds()
	for _, second := range seconds {
		t := total[second]
		t.AtMs = min((second+1)*length, max(second*length, m.Load.DurationMs))
		m.Load.Timeline = append(m.Load.Timeline, t)
	}
	return nil
}

// addOnline adds who was online. A shard that has skipped a second had as many
// online as in the one before.
func addOnline(total map[int64]reports.Sample, seconds []int64, each []map[int64]reports.Sample) {
	for _, own := range each {
		if len(own) == 0 {
			continue
		}
		end := slices.Max(slices.Collect(maps.Keys(own)))
		var online int64
		for _, second := range seconds {
			if sample, has := own[second]; has {
				online = sample.Online
			} else if second > end {
				break
			}
			t := total[second]
			t.Online += online
			total[second] = t
		}
	}
}

// setSpan sets the time from the first shard's start to the last one's end, and
// to the last login.
func (m *Merged) setSpan() {
	end := m.clock.Origin
	for _, s := range m.shards {
		if e := s.load.Started.Add(time.Duration(s.load.DurationMs) * time.Millisecond); e.After(end) {
			end = e
		}
	}
	m.Load.Started, m.Load.DurationMs = m.clock.Origin, end.Sub(m.clock.Origin).Milliseconds()
	for _, s := range m.shards {
		if s.load.LastLoginMs > 0 {
			late := s.load.Started.Sub(m.clock.Origin).Seconds() * 1000
			m.Load.LastLoginMs = max(m.Load.LastLoginMs, late+s.load.LastLoginMs)
		}
	}
}

// addPercentiles takes the percentiles of each second from the histograms that
// all shards have of it.
func (m *Merged) addPercentiles(total map[int64]reports.Sample) error {
	series := reports.Series{Kind: reports.SeriesTimeline}
	for _, s := range m.shards {
		delivered := slices.ContainsFunc(s.load.Timeline, func(sample reports.Sample) bool { return sample.Delivered > 0 })
		if !delivered {
			continue
		}
		if err := s.checkTimelineLog(series.LogFile()); err != nil {
			return err
		}
		if !slices.Contains(m.series, series) {
			m.series = append(m.series, series)
		}
	}
	if !slices.Contains(m.series, series) {
		return nil
	}
	return m.completeSamples(total, series, func(t *reports.Sample, h *hdrhistogram.Histogram) {
		t.P50Us, t.P99Us = h.ValueAtPercentile(50), h.ValueAtPercentile(99)
	})
}

// addLateness does the same with how late the generators' sends were.
func (m *Merged) addLateness(total map[int64]reports.Sample) error {
	series := reports.Series{Kind: reports.SeriesLateness}
	if !slices.Contains(m.series, series) {
		return nil
	}
	return m.completeSamples(total, series, func(t *reports.Sample, h *hdrhistogram.Histogram) {
		t.LateP99Us = h.ValueAtPercentile(99)
	})
}

// completeSamples fills in what all shards have recorded in each second.
func (m *Merged) completeSamples(total map[int64]reports.Sample, of reports.Series, complete func(*reports.Sample, *hdrhistogram.Histogram)) error {
	return m.eachSecond(of.LogFile(), func(second int64, i reports.Interval) error {
		if t, has := total[second]; has {
			complete(&t, i.Histogram)
			total[second] = t
		}
		return nil
	})
}

// checkTimelineLog reads the log of a timeline once, before anything is written.
func (s shardRun) checkTimelineLog(name string) error {
	r, err := s.openLog(name)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		i, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if i.Tag != string(reports.SeriesTimeline) || r.Started().Unix() != s.load.Started.Unix() {
			return &reports.FormatError{Path: s.log(name), Reason: "it is not of the run that " + reports.LoadFile + " is of"}
		}
	}
}
