package reports

import "strings"

// thresholdCame is what a threshold came to.
func thresholdCame(t Threshold) presentation {
	switch {
	case t.Held:
		return presentation{"held", "✓", "good"}
	case t.Unknown:
		return presentation{"not known", "?", "odd"}
	}
	return presentation{"crossed", "✗", "bad"}
}

// thresholdTable is the bounds that the user set, and which of them held.
func thresholdTable(thresholds []Threshold) table {
	rows := table{titles: []string{"threshold", " measured", ""}}
	for _, t := range thresholds {
		came := thresholdCame(t)
		if !t.Held {
			came.Word = strings.ToUpper(came.Word)
		}
		rows.add(cell{text: t.Expression}, cell{text: thresholdActual(t)}, cell{came.Word + endedRun(t), came.Class})
	}
	return rows
}

// thresholdActual is what was measured, in the unit of the threshold.
func thresholdActual(t Threshold) string {
	switch {
	case t.Note != "":
		return t.Note
	case t.Unit == "":
		return trimmed(t.Actual)
	}
	return trimmed(t.Actual) + " " + t.Unit
}

// endedRun says what a threshold with "abort:" has ended, "" when nothing.
func endedRun(t Threshold) string {
	switch {
	case t.EndedRun:
		return ", which ended the run"
	case len(t.EndedShards) > 0:
		return ", which ended " + shardNumbers(t.EndedShards)
	}
	return ""
}

// shardNumbers is "shard 3", "shards 2, 3".
func shardNumbers(indices []int) string {
	return strings.TrimSpace(shardList(indices, "", ""))
}
