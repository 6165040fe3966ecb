package diff

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/words"
)

// minBeyond is the number of values of each run that have to be above a percentile for it
// to be judged: with fewer, the next one would move it far.
const minBeyond = 10

// sides are the generator's own lateness in the old run and in the new one; nil
// where it was not recorded.
type sides struct{ old, new *hdrhistogram.Histogram }

func latenessOf(before, after *reports.Load) (found sides, err error) {
	for _, run := range []struct {
		load *reports.Load
		to   **hdrhistogram.Histogram
	}{{before, &found.old}, {after, &found.new}} {
		encoded := run.load.Generator.LatenessHistogram
		if encoded == "" {
			continue
		}
		if *run.to, err = reports.DecodeHistogram(encoded); err != nil {
			return sides{}, fmt.Errorf("read how late the generator was: %w", err)
		}
	}
	return found, nil
}

// unclear explains why a change over the bounds says nothing about the target; "" when it
// does: too few values were so high, or the generator itself was late
// by as much in the run that is slower.
func unclear(pair latencyPair, row Latency, lateness sides) string {
	beyond := float64(min(pair.old.Count, pair.new.Count)) * (100 - row.Percentile) / 100
	if beyond < minBeyond-1e-6 { // 0.1 % of 10,000 is not quite 10
		return fmt.Sprintf("a percentile that less than %d values of a run are above is not judged: measure longer, or at a higher rate", minBeyond)
	}
	slower, by := lateness.new, row.NewUs-row.OldUs
	if by < 0 {
		slower, by = lateness.old, -by
	}
	if slower != nil && slower.ValueAtPercentile(row.Percentile) >= by {
		return fmt.Sprintf("at p%s the generator itself was late by as much as latencies have changed: the machine may have been busy with something else",
			words.Trimmed(row.Percentile))
	}
	return ""
}
