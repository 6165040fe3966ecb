package merge

import (
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/words"
)

// seriesRelogin is the series of a storm: how long after the disconnection each client was
// logged in again.
var seriesRelogin = reports.Series{Kind: reports.KindRelogin, Transport: reports.AllTransports, From: reports.FromDue}

// addRecovery adds how the clients that a storm disconnected came back, in all shards
// together. All of them were back as soon as the last shard had all of its
// own; for half of them and 99 % it is read from the histogram of all returns, to
// its resolution. Where that is beyond its range nobody can say, and the recovery
// is left to the shards.
func (m *Merged) addRecovery() error {
	total := m.sumOfRecoveries()
	if total == nil {
		return nil
	}
	returns, err := m.returns()
	if err != nil {
		return err
	}
	if returns.TotalCount() != total.Returned {
		return &Error{Reason: fmt.Sprintf("the shards report %s that came back, and their histograms %d: they are not of one run",
			words.Counted(total.Returned, "client", "clients"), returns.TotalCount())}
	}
	for _, part := range []struct {
		share float64
		into  *float64
	}{{50, &total.P50Ms}, {99, &total.P99Ms}} {
		needed := int64(math.Ceil(float64(total.Dropped) * part.share / 100))
		if needed == 0 || total.Returned < needed {
			continue
		}
		us, known := valueOfRank(returns, needed)
		switch {
		case known:
		case total.Silent == nil && total.Away == nil:
			return nil
		default: // the counts are needed all the same: it is at most as long as for the last one
			us = int64(total.P100Ms * 1000)
		}
		*part.into = float64(us) / 1000
	}
	m.Load.Recovery = total
	return nil
}

// sumOfRecoveries adds up the counts of recoveries; nil without a storm. A shard that
// never reached the target has none.
func (m *Merged) sumOfRecoveries() *reports.Recovery {
	var total *reports.Recovery
	last := -1.0
	for _, s := range m.shards {
		r := s.load.Recovery
		if r == nil {
			continue
		}
		at := m.lateMs(s) + r.AtMs
		if total == nil {
			total = &reports.Recovery{AtMs: at, P50Ms: -1, P99Ms: -1, P100Ms: -1}
		}
		total.AtMs, total.TookMs = min(total.AtMs, at), max(total.TookMs, r.TookMs)
		total.Dropped += r.Dropped
		addSilent(total, r.Silent)
		addAway(total, r.Away)
		total.Returned += r.Returned
		total.KeptOut += r.KeptOut
		last = max(last, r.P100Ms)
	}
	if total != nil && total.Returned == total.Dropped {
		total.P100Ms = last
	}
	return total
}

// returns computes how long after the disconnection the clients of all shards were logged
// in again.
func (m *Merged) returns() (*hdrhistogram.Histogram, error) {
	for _, l := range m.Load.Latencies {
		if (reports.Series{Kind: l.Kind, Transport: l.Transport, From: l.From}) == seriesRelogin {
			return reports.DecodeHistogram(l.Histogram)
		}
	}
	return hdrhistogram.New(1, 2, 1), nil // nobody came back
}

// valueOfRank returns the value of a histogram with the given rank, from 1 on, as
// percentiles do. known is false at the end of its range, which longer values share.
func valueOfRank(h *hdrhistogram.Histogram, rank int64) (value int64, known bool) {
	for _, bar := range h.Distribution() {
		if rank -= bar.Count; rank <= 0 {
			return bar.To, bar.To < h.HighestTrackableValue()
		}
	}
	return 0, false
}
