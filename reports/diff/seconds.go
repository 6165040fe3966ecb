package diff

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"imcheck/reports"
)

// secondValues has the values of the seconds of a run at each of percentiles.
type secondValues [len(percentiles)][]int64

// recordedRun is a load run with its histogram logs, which are read when they are
// asked for, and once.
type recordedRun struct {
	dir   string
	load  *reports.Load
	kinds map[reports.LatencyKind]map[string]*secondValues // by kind and transport
}

// noiseBetween tests the histogram logs of two runs. Logs that are not there
// leave it open what is noise; those that cannot be read are an error.
func noiseBetween(oldDir string, before *reports.Load, newDir string, after *reports.Load) noiseTest {
	runs := [...]*recordedRun{{dir: oldDir, load: before}, {dir: newDir, load: after}}
	return func(kind reports.LatencyKind, transport string, percentile float64, up bool) (noise, error) {
		if before.SampleLength() != after.SampleLength() {
			return noise{unlike: true}, nil
		}
		at := slices.Index(percentiles[:], percentile)
		var values [len(runs)][]int64
		for i, r := range runs {
			seconds, err := r.seconds(kind)
			if errors.Is(err, fs.ErrNotExist) {
				return noise{missing: r.dir}, nil
			}
			if err != nil {
				return noise{}, err
			}
			if s := seconds[transport]; s != nil {
				values[i] = s[at]
			}
		}
		return noiseOf(values[0], values[1], up), nil
	}
}

// seconds reads the logs of one kind.
func (r *recordedRun) seconds(kind reports.LatencyKind) (map[string]*secondValues, error) {
	if known, read := r.kinds[kind]; read {
		return known, nil
	}
	found, err := r.readSeconds(kind)
	if err != nil {
		return nil, err
	}
	if r.kinds == nil {
		r.kinds = map[reports.LatencyKind]map[string]*secondValues{}
	}
	r.kinds[kind] = found
	return found, nil
}

// readSeconds reads the logs of all transports side by side, since a second of
// their sum is one of all of them. Only the percentiles are kept: the histograms
// of a long run would fill the memory.
func (r *recordedRun) readSeconds(kind reports.LatencyKind) (map[string]*secondValues, error) {
	c := reports.ClockOf(r.load, r.load.Started)
	var logs []*reports.SecondLog
	defer func() {
		for _, l := range logs {
			l.Close()
		}
	}()
	from := r.load.ComparedFrom(kind)
	counts := map[string]int64{} // counts that the logs are to have, by transport
	for _, row := range r.load.Latencies {
		if row.Kind != kind || row.From != from || row.Transport == reports.AllTransports || row.Count == 0 {
			continue
		}
		series := reports.Series{Kind: row.Kind, Transport: row.Transport, From: row.From}
		if err := series.Check(); err != nil {
			return nil, &reports.FormatError{Path: filepath.Join(r.dir, reports.LoadFile), Reason: err.Error(), Err: err}
		}
		opened, err := reports.OpenLog(filepath.Join(r.dir, reports.HistogramFolder, series.LogFile()))
		if err != nil {
			return nil, err
		}
		l := &reports.SecondLog{LogReader: opened}
		logs = append(logs, l)
		counts[row.Transport] = row.Count
		if err := l.Advance(c); err != nil {
			return nil, err
		}
	}
	found := map[string]*secondValues{}
	for {
		second, any := reports.SoonestSecond(logs)
		if !any {
			return found, r.complete(kind, counts)
		}
		if err := r.addSecond(found, kind, logs, second, c, counts); err != nil {
			return nil, err
		}
	}
}

// addSecond takes one second out of all logs.
func (r *recordedRun) addSecond(found map[string]*secondValues, kind reports.LatencyKind, logs []*reports.SecondLog, second int64, c reports.Clock, counts map[string]int64) error {
	from := r.load.ComparedFrom(kind)
	sums := map[string]*reports.Interval{}
	add := func(transport string, l *reports.SecondLog) error {
		if sums[transport] == nil {
			sums[transport] = &reports.Interval{}
		}
		if err := sums[transport].Add(l.Head); err != nil {
			return l.Refuse(err)
		}
		return nil
	}
	for _, l := range logs {
		for !l.Over && l.Second == second {
			for transport := range counts {
				if l.Head.Tag != (reports.Series{Kind: kind, Transport: transport, From: from}).Tag() {
					continue
				}
				counts[transport] -= l.Head.Histogram.TotalCount()
				if err := errors.Join(add(transport, l), add(reports.AllTransports, l)); err != nil {
					return err
				}
			}
			if err := l.Advance(c); err != nil {
				return err
			}
		}
	}
	for transport, sum := range sums {
		if sum.Histogram.TotalCount() == 0 {
			continue
		}
		if found[transport] == nil {
			found[transport] = &secondValues{}
		}
		for i, percentile := range percentiles {
			found[transport][i] = append(found[transport][i], sum.Histogram.ValueAtPercentile(percentile))
		}
	}
	return nil
}

// complete makes sure that the logs had as many values as load.json says.
func (r *recordedRun) complete(kind reports.LatencyKind, missing map[string]int64) error {
	for _, transport := range reports.SortedTransports(missing) {
		if missing[transport] != 0 {
			name := reports.Series{Kind: kind, Transport: transport}.LogFile()
			return &reports.FormatError{Path: filepath.Join(r.dir, reports.HistogramFolder, name),
				Reason: fmt.Sprintf("it does not have as many values as %s says: it is cut short, or of another run", reports.LoadFile)}
		}
	}
	return nil
}
