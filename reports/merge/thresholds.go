package merge

import (
	"slices"

	"imcheck/reports"
)

// thresholdsOf lists what the shards held against their own parts, each
// expression once.
func thresholdsOf(shards []shardRun) (expressions []string) {
	for _, s := range shards {
		for _, t := range s.load.Thresholds {
			if !slices.Contains(expressions, t.Expression) {
				expressions = append(expressions, t.Expression)
			}
		}
	}
	return expressions
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
