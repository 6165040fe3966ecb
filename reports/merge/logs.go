package merge

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/words"
)

// checkLogs compares the logs of every shard with its report: they must have the same
// values. Nothing else notices a log that was cut between two lines.
func (m *Merged) checkLogs() error {
	for _, s := range m.shards {
		wanted, err := s.histograms()
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if err := s.checkLog(name, wanted[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// histograms returns the histograms of a shard's report, by log and by tag.
func (s shardRun) histograms() (map[string]map[string]*hdrhistogram.Histogram, error) {
	found := map[string]map[string]*hdrhistogram.Histogram{}
	add := func(series reports.Series, encoded string) error {
		h, err := reports.DecodeHistogram(encoded)
		if err != nil {
			return s.broken("%s: %w", series.Tag(), err)
		}
		if found[series.LogFile()] == nil {
			found[series.LogFile()] = map[string]*hdrhistogram.Histogram{}
		}
		if h.TotalCount() > 0 {
			found[series.LogFile()][series.Tag()] = h
		}
		return nil
	}
	for _, row := range s.load.Latencies {
		if row.Transport == reports.AllTransports {
			continue
		}
		if err := add(reports.Series{Kind: row.Kind, Transport: row.Transport, From: row.From}, row.Histogram); err != nil {
			return nil, err
		}
	}
	if encoded := s.load.Generator.LatenessHistogram; encoded != "" {
		if err := add(reports.Series{Kind: reports.SeriesLateness}, encoded); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(found, func(_ string, byTag map[string]*hdrhistogram.Histogram) bool { return len(byTag) == 0 })
	return found, nil
}

// checkLog adds up one log of a shard.
func (s shardRun) checkLog(name string, wanted map[string]*hdrhistogram.Histogram) error {
	path := s.log(name)
	r, err := s.openLog(name)
	if err != nil {
		return err
	}
	defer r.Close()
	sums := map[string]*reports.Interval{}
	for {
		i, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if wanted[i.Tag] == nil {
			return r.Refuse(fmt.Errorf("%q is nothing that %s has", words.Printable(i.Tag), reports.LoadFile))
		}
		if sums[i.Tag] == nil {
			sums[i.Tag] = &reports.Interval{}
		}
		if err := sums[i.Tag].Add(i); err != nil {
			return r.Refuse(err)
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(wanted)) {
		if sum := sums[tag]; sum == nil || !sum.Histogram.Equals(wanted[tag]) {
			return &reports.FormatError{Path: path, Reason: fmt.Sprintf("its intervals of %s do not add up to the %s of %s: it is cut short, or of another run",
				tag, words.Counted(wanted[tag].TotalCount(), "value", "values"), reports.LoadFile)}
		}
	}
	return nil
}

// openLog opens one of a shard's logs.
func (s shardRun) openLog(name string) (*reports.LogReader, error) {
	r, err := reports.OpenLog(s.log(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, s.refuse("it has no %s/%s, which %s names: copy the whole folder", reports.HistogramFolder, name, reports.LoadFile)
	}
	return r, err
}

// saveLogs writes the logs of the whole run: what all shards recorded in a
// second is one interval of it.
func (m *Merged) saveLogs(dir string) error {
	logs := reports.NewHistogramLogs(dir)
	defer logs.Discard()
	logs.Start(m.Load.Started)
	byTag := map[string]reports.Series{}
	var names []string
	for _, s := range m.series {
		byTag[s.Tag()] = s
		if !slices.Contains(names, s.LogFile()) {
			names = append(names, s.LogFile())
		}
	}
	for _, name := range names {
		err := m.eachSecond(name, func(_ int64, i reports.Interval) error {
			return logs.Add(byTag[i.Tag], i.Start, i.End, i.Histogram)
		})
		if err != nil {
			return err
		}
	}
	return logs.Close()
}

// eachSecond reads the logs of this name of all shards side by side, and calls
// f with what they have of each tag in each second of the run. So a long run
// takes no more memory than a short one.
func (m *Merged) eachSecond(name string, f func(second int64, i reports.Interval) error) error {
	var logs []*reports.SecondLog
	defer func() {
		for _, l := range logs {
			l.Close()
		}
	}()
	for _, s := range m.shards {
		r, err := reports.OpenLog(s.log(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // checkLogs decides about those that must be there
		}
		if err != nil {
			return err
		}
		l := &reports.SecondLog{LogReader: r}
		logs = append(logs, l)
		if err := l.Advance(m.clock); err != nil {
			return err
		}
	}
	for {
		second, any := reports.SoonestSecond(logs)
		if !any {
			return nil
		}
		sums, err := m.takeSecond(logs, second)
		if err != nil {
			return err
		}
		for _, tag := range slices.Sorted(maps.Keys(sums)) {
			if err := f(second, *sums[tag]); err != nil {
				return err
			}
		}
	}
}

// takeSecond adds up what comes next in the logs and is of one second.
func (m *Merged) takeSecond(logs []*reports.SecondLog, second int64) (map[string]*reports.Interval, error) {
	sums := map[string]*reports.Interval{}
	for _, l := range logs {
		for !l.Over && l.Second == second {
			if sums[l.Head.Tag] == nil {
				sums[l.Head.Tag] = &reports.Interval{}
			}
			if err := sums[l.Head.Tag].Add(l.Head); err != nil {
				return nil, l.Refuse(err)
			}
			if err := l.Advance(m.clock); err != nil {
				return nil, err
			}
		}
	}
	return sums, nil
}
