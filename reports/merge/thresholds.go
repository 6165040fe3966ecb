package merge

import (
	"slices"

	"imcheck/reports"
	"imcheck/reports/verdict"
)

// thresholdsOf lists the thresholds that the shards were given, each once. The error is a
// *verdict.ThresholdError.
func thresholdsOf(shards []shardRun) (thresholds []verdict.Threshold, err error) {
	for _, s := range shards {
		for _, given := range s.load.Thresholds {
			t, err := verdict.ParseThreshold(given.Expression)
			if err != nil {
				return nil, err
			}
			thresholds = append(thresholds, t)
		}
	}
	return verdict.Union(thresholds), nil
}

// endedBy lists the shards that a threshold has ended.
func endedBy(shards []shardRun, expression string) (indices []int) {
	for _, s := range shards {
		ended := slices.ContainsFunc(s.load.Thresholds, func(t reports.Threshold) bool { return t.EndedRun && t.Expression == expression })
		if ended {
			indices = append(indices, s.load.Shard.Index)
		}
	}
	return indices
}
