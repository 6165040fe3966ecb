package chart

import (
	"math"

	"gonum.org/v1/plot"
)

// axis is a range with its ticks and labels.
type axis struct {
	min, max float64
	log      bool
	ticks    plot.ConstantTicks
}

// manyTimes is the ratio of the largest to the smallest value above which small ones
// could not be seen beside large ones on a linear axis.
const manyTimes = 30

// valueAxis suits values of a unit. It is logarithmic where they ask for that
// and may be, and has 0 on it otherwise.
func valueAxis(values []float64, unit string, mayBeLog bool) axis {
	low, high := math.Inf(1), math.Inf(-1)
	whole, positive := true, true
	for _, v := range values {
		low, high = min(low, v), max(high, v)
		whole = whole && v == math.Trunc(v)
		positive = positive && v > 0
	}
	switch {
	case len(values) == 0:
		low, high = 0, 1
	case mayBeLog && positive && high/low >= manyTimes:
		return logAxis(low, high, unit)
	}
	return linearAxis(min(low, 0), max(high, 0), unit, whole)
}

// roundSteps are the steps that people count in.
var roundSteps = []float64{1, 2, 2.5, 5, 10}

// linearAxis goes from one round value to another.
func linearAxis(low, high float64, unit string, whole bool) axis {
	const steps = 4
	if low == high {
		high = low + 1
	}
	s := scaleFor(unit, max(math.Abs(low), math.Abs(high)))
	step := roundStep((high/s.size-low/s.size)/steps, whole && s.size == 1) * s.size
	a := axis{min: math.Floor(low/step+1e-9) * step, max: math.Ceil(high/step-1e-9) * step}
	for i := range steps + 4 { // one more on both sides after rounding, and one to stop at
		value := a.min + float64(i)*step
		if value > a.max+step/2 {
			break
		}
		a.ticks = append(a.ticks, plot.Tick{Value: min(value, a.max), Label: s.label(math.Round(value/step) * step)})
	}
	return a
}

// roundStep returns the smallest round number that is not below raw; a whole one for
// values that are counts.
func roundStep(raw float64, whole bool) float64 {
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, round := range roundSteps {
		step := round * power
		if step >= raw*(1-1e-9) && (!whole || step == math.Trunc(step)) {
			return step
		}
	}
	return 1 // of less than a half, and whole
}

// logAxis goes from one round value to another; every power of ten has a label,
// and where there are few of them so have 2 and 5.
func logAxis(low, high float64, unit string) axis {
	a := axis{log: true, min: roundDown(low), max: roundUp(high)}
	decades := math.Log10(a.max / a.min)
	for power := math.Floor(math.Log10(a.min)); power <= math.Ceil(math.Log10(a.max)); power++ {
		for factor := 1.0; factor < 10; factor++ {
			value := factor * math.Pow(10, power)
			if value < a.min*(1-1e-9) || value > a.max*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: min(max(value, a.min), a.max)}
			if factor == 1 && labelled(power, decades) || decades < 3 && (factor == 2 || factor == 5) {
				tick.Label = scaleFor(unit, value*(1+1e-9)).label(value)
			}
			a.ticks = append(a.ticks, tick)
		}
	}
	return a
}

// labelled reports whether a power of ten has room for its label.
func labelled(power, decades float64) bool {
	every := math.Ceil(decades / 8)
	return every <= 1 || math.Mod(power, every) == 0
}

// logSteps are the first digits at which a logarithmic axis may begin and end.
var logSteps = []float64{1, 2, 5, 10}

func roundDown(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	best := power
	for _, factor := range logSteps {
		if factor*power <= v*(1+1e-9) {
			best = factor * power
		}
	}
	return best
}

func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range logSteps {
		if factor*power >= v*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// apply makes an axis of a plot this one.
func (a axis) apply(to *plot.Axis) {
	to.Min, to.Max = a.min, a.max
	to.Tick.Marker = a.ticks
	if a.log {
		to.Scale = plot.LogScale{}
	}
}

// clamp moves a value onto the axis: 0 has no place on a logarithmic one.
func (a axis) clamp(v float64) float64 { return min(max(v, a.min), a.max) }
