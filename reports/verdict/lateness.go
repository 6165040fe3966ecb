package verdict

import (
	"slices"
	"time"

	"imcheck/reports"
)

// DespiteLateness returns what a load came to against thresholds when the only thing that
// its generator could not do was to send in time. Latencies since messages were due have the
// lateness in them, and late messages go out closer to each other: what holds then holds all
// the more without it. A bound on a time is crossed only if it would be without the lateness
// of the latest send, too.
func DespiteLateness(l *reports.Load, thresholds []Threshold) (reports.Outcome, string) {
	g := l.Generator
	if l.Outcome != reports.OutcomeInconclusive || !g.Bottleneck || g.DroppedArrivals > 0 || g.PausedMs > 0 {
		return l.Outcome, l.Reason
	}
	punctual := *l
	punctual.Generator.Bottleneck = false
	outcome, reason := Of(&punctual, Run{})
	if outcome != reports.OutcomeFail || CrossedThresholds(l.Thresholds) == "" {
		return outcome, reason
	}
	late := time.Duration(g.LatenessMaxUs) * time.Microsecond
	for _, t := range l.Thresholds {
		at := slices.IndexFunc(thresholds, func(known Threshold) bool { return known.text == t.Expression })
		if at >= 0 && !t.Held && !t.Unknown && thresholds[at].crossedBeyond(t.Actual, late) {
			return outcome, reason
		}
	}
	return l.Outcome, l.Reason
}

// crossedBeyond reports whether a value, in the threshold's unit, crosses the bound by more
// than an excess that it may have; only times have one.
func (t Threshold) crossedBeyond(actual float64, excess time.Duration) bool {
	if t.unit.class != unitTime {
		return true
	}
	const us = float64(time.Microsecond)
	return !t.holds(actual - float64(excess)/us/t.unit.factor)
}
