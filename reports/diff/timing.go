package diff

import (
	"cmp"
	"math"
	"slices"

	"imcheck/reports"
)

// TimingDrift compares a measured time between two runs, in milliseconds. Of several
// rounds the medians are compared.
type TimingDrift struct {
	Name      string    `json:"name"`
	Case      string    `json:"case"`
	Transport string    `json:"transport"`
	SenseMode string    `json:"senseMode,omitempty"`
	OldMs     float64   `json:"oldMs"`
	NewMs     float64   `json:"newMs"`
	DriftMs   float64   `json:"driftMs"` // positive when it takes longer now
	LagMs     float64   `json:"lagMs"`   // part of that which the harness's own lag in both runs could explain
	OldRuns   int       `json:"oldRuns"` // number of measurements
	NewRuns   int       `json:"newRuns"`
	Judgement Judgement `json:"judgement"`
}

// compareTimes compares every time that both runs measured. One that only one
// of them has belongs to a case that ended early, and whose verdict says so.
func (c *Conformance) compareTimes(before, after map[CaseKey][]reports.Result, bound float64) {
	for key, results := range before {
		old, new := timesOf(results), timesOf(after[key])
		for name := range old {
			if len(new[name]) > 0 {
				c.Drifts = append(c.Drifts, driftOf(key, name, old[name], new[name], bound))
			}
		}
	}
	slices.SortFunc(c.Drifts, func(a, b TimingDrift) int {
		return cmp.Or(compareKeys(CaseKey{a.Case, a.Transport, a.SenseMode}, CaseKey{b.Case, b.Transport, b.SenseMode}),
			cmp.Compare(a.Name, b.Name))
	})
}

// timesOf groups the measurements of all rounds by name.
func timesOf(results []reports.Result) map[string][]reports.Measurement {
	times := map[string][]reports.Measurement{}
	for _, r := range results {
		for _, m := range r.Measurements {
			times[m.Name] = append(times[m.Name], m)
		}
	}
	return times
}

func driftOf(key CaseKey, name string, before, after []reports.Measurement, bound float64) TimingDrift {
	t := TimingDrift{Name: name, Case: key.ID, Transport: key.Transport, SenseMode: key.Mode, OldRuns: len(before), NewRuns: len(after)}
	value := func(m reports.Measurement) float64 { return m.Value }
	t.OldMs, t.NewMs = Median(before, value), Median(after, value)
	t.DriftMs = t.NewMs - t.OldMs
	t.LagMs = medianLag(before) + medianLag(after)
	if min(roomOf(before), roomOf(after)) > bound && isAllowed(before) && isAllowed(after) {
		t.Judgement = Held
		return t
	}
	// How far it is from what the protocol allows.
	excess := func(m reports.Measurement) float64 { return max(0, m.Drift()) }
	t.Judgement = judgeDrift(t.DriftMs, t.LagMs, bound, Median(after, excess) < Median(before, excess))
	return t
}

// roomOf returns the difference between the bounds of the protocol, in milliseconds. When
// a server looks only every few seconds for what is due, a time depends on when a run
// was begun, and is as good as before anywhere between its bounds.
func roomOf(all []reports.Measurement) float64 {
	return Median(all, func(m reports.Measurement) float64 { return m.Upper - m.Lower })
}

// isAllowed reports whether a time is within the bounds and the tolerance.
func isAllowed(all []reports.Measurement) bool {
	return Median(all, func(m reports.Measurement) float64 { return m.Drift() - m.Tolerance }) <= 0
}

// judgeDrift judges a drift by its bound. A time may drift in either direction; towards
// what the protocol allows is an improvement.
func judgeDrift(drift, lag, bound float64, closer bool) Judgement {
	switch d := math.Abs(drift); {
	case d <= bound:
		return Held
	case d-lag <= bound:
		return Inconclusive
	case closer:
		return Improved
	}
	return Regressed
}

// medianLag returns by how much lag may have moved a median, in milliseconds: each value
// may be off by its own lag, and the median is off by most when all are off in the same
// direction. One round with a lag of a second moves a median of five by little.
func medianLag(all []reports.Measurement) float64 {
	middle := Median(all, func(m reports.Measurement) float64 { return m.Value })
	early := Median(all, func(m reports.Measurement) float64 { return m.Value - m.Lag })
	late := Median(all, func(m reports.Measurement) float64 { return m.Value + m.Lag })
	return max(middle-early, late-middle)
}

// Median returns the median of a value of measurements, in the unit of that value. There
// has to be at least one measurement.
func Median(all []reports.Measurement, value func(reports.Measurement) float64) float64 {
	values := make([]float64, len(all))
	for i, m := range all {
		values[i] = value(m)
	}
	slices.Sort(values)
	n := len(values)
	middle := values[(n-1)/2]/2 + values[n/2]/2
	return max(-maxMedian, min(middle, maxMedian))
}

// maxMedian is far more than any time, and leaves room to count with medians of
// reports that were not measured, as JSON has no way to write an infinite number.
const maxMedian = 1e300

// times counts the measured times with a judgement.
func (c *Conformance) times(j Judgement) int {
	return countOf(c.Drifts, func(row TimingDrift) bool { return row.Judgement == j })
}
