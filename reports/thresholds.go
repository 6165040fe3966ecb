package reports

import (
	"fmt"
	"strconv"
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

// UntoldThresholds says of which thresholds it cannot be told whether they held,
// "" when it can of all.
func UntoldThresholds(thresholds []Threshold) string {
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
