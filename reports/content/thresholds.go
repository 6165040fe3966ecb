package content

import (
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// ThresholdPresentation returns whether a threshold held, in words.
func ThresholdPresentation(t reports.Threshold) Presentation {
	switch {
	case t.Held:
		return Presentation{"held", "✓", "good"}
	case t.Unknown:
		return Presentation{"not known", "?", "odd"}
	}
	return Presentation{"crossed", "✗", "bad"}
}

// ThresholdTable returns the thresholds of a run with their results.
func ThresholdTable(thresholds []reports.Threshold) Table {
	rows := Table{Titles: []string{"threshold", " measured", ""}}
	for _, t := range thresholds {
		came := ThresholdPresentation(t)
		if !t.Held {
			came.Word = strings.ToUpper(came.Word)
		}
		rows.Add(Cell{Text: t.Expression}, Cell{Text: ThresholdActual(t)}, Cell{came.Word + EndedRun(t), came.Class})
	}
	return rows
}

// ThresholdActual returns the measured figure in the unit of the threshold.
func ThresholdActual(t reports.Threshold) string {
	switch {
	case t.Note != "":
		return t.Note
	case t.Unit == "":
		return words.Trimmed(t.Actual)
	}
	return words.Trimmed(t.Actual) + " " + t.Unit
}

// EndedRun describes what a threshold with "abort:" has ended; "" when nothing.
func EndedRun(t reports.Threshold) string {
	switch {
	case t.EndedRun:
		return ", which ended the run"
	case len(t.EndedShards) > 0:
		return ", which ended " + shardNumbers(t.EndedShards)
	}
	return ""
}

// shardNumbers returns text such as "shard 3", "shards 2, 3".
func shardNumbers(indices []int) string {
	return strings.TrimSpace(ShardList(indices, "", ""))
}
