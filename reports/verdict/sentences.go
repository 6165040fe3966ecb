package verdict

import (
	"fmt"
	"strconv"
	"time"

	"imcheck/reports"
)

// CrossedThresholds returns a sentence about the thresholds that did not hold, with what
// the first of them measured; "" when none was crossed. One that is undetermined was not.
func CrossedThresholds(thresholds []reports.Threshold) string {
	return about(thresholds, func(t reports.Threshold) bool { return !t.Held && !t.Unknown }, "was crossed", "were crossed")
}

// UndeterminedThresholds returns a sentence about the thresholds of which the report does
// not say whether they held, "" when there are none.
func UndeterminedThresholds(thresholds []reports.Threshold) string {
	return about(thresholds, func(t reports.Threshold) bool { return t.Unknown }, "is not known to hold", "are not known to hold")
}

// about says, as in "1 of 3 thresholds was crossed: …", of how many something is so, and
// names the first of them.
func about(all []reports.Threshold, isSo func(reports.Threshold) bool, one, many string) string {
	var first reports.Threshold
	count := 0
	for _, t := range all {
		if !isSo(t) {
			continue
		}
		if count == 0 {
			first = t
		}
		count++
	}
	switch count {
	case 0:
		return ""
	case 1:
		many = one
	}
	return fmt.Sprintf("%d of %d thresholds %s: %s", count, len(all), many, thresholdWords(first))
}

// thresholdWords returns one threshold with what was measured.
func thresholdWords(t reports.Threshold) string {
	if t.Note != "" {
		return t.Expression + ": " + t.Note
	}
	return t.Expression + " measured " + strconv.FormatFloat(t.Actual, 'g', 4, 64) + t.Unit
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// counted puts a number before a noun, without commas at its thousands.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
