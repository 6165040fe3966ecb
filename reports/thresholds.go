package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// CrossedThresholds says in a sentence which thresholds did not hold, and what
// the first of them measured; "" when none was crossed. One that cannot be told
// was not.
func CrossedThresholds(thresholds []Threshold) string {
	var crossed []Threshold
	for _, t := range thresholds {
		if !t.Held && !t.Unknown {
			crossed = append(crossed, t)
		}
	}
	if len(crossed) == 0 {
		return ""
	}
	return fmt.Sprintf("%s crossed: %s", ofThresholds(crossed, thresholds, "was", "were"), thresholdWords(crossed[0]))
}

// untoldThresholds says of which thresholds it cannot be told whether they held,
// "" when it can of all.
func untoldThresholds(thresholds []Threshold) string {
	var untold []Threshold
	for _, t := range thresholds {
		if t.Unknown {
			untold = append(untold, t)
		}
	}
	if len(untold) == 0 {
		return ""
	}
	return fmt.Sprintf("%s not known to hold: %s", ofThresholds(untold, thresholds, "is", "are"), thresholdWords(untold[0]))
}

// ofThresholds is "1 of 3 thresholds was".
func ofThresholds(some, all []Threshold, is, are string) string {
	verb := are
	if len(some) == 1 {
		verb = is
	}
	return fmt.Sprintf("%d of %d thresholds %s", len(some), len(all), verb)
}

// thresholdWords is one threshold with what was measured.
func thresholdWords(t Threshold) string {
	if t.Note != "" {
		return t.Expression + ": " + t.Note
	}
	return t.Expression + " measured " + strconv.FormatFloat(t.Actual, 'g', 4, 64) + t.Unit
}

// came is what a threshold came to.
func (t Threshold) came() presentation {
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
		came := t.came()
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
		ended := slices.ContainsFunc(s.load.Thresholds, func(t Threshold) bool { return t.EndedRun && t.Expression == expression })
		if ended {
			indices = append(indices, s.load.Shard.Index)
		}
	}
	return indices
}

// shardNumbers is "shard 3", "shards 2, 3".
func shardNumbers(indices []int) string {
	return strings.TrimSpace(shardList(indices, "", ""))
}
