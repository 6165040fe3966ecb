package chart

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
)

// mostNines bounds the scale of nines: 99.99999 %.
const mostNines = 7

// nines returns the place of a share on the scale of nines: 0.9 is at 1, 0.99 at 2, and
// so on. Each step is ten times as rare as the previous one.
func nines(share float64) float64 {
	switch {
	case !(share > 0):
		return 0
	case share >= ofNines(mostNines):
		return mostNines
	}
	return -math.Log10(1 - share)
}

// ofNines returns the share at a place on the scale.
func ofNines(n float64) float64 { return 1 - math.Pow(10, -n) }

// ninesScale places shares from 0 to 1.
type ninesScale struct{}

// Normalize returns the place of x between low and high, from 0 to 1.
func (ninesScale) Normalize(low, high, x float64) float64 {
	width := nines(high) - nines(low)
	if width == 0 {
		return 0
	}
	return (nines(x) - nines(low)) / width
}

// ninesTicks marks 0, 50 % and each nine.
type ninesTicks struct{}

// Ticks returns the ticks from low to high. Labels are left out where they would touch.
func (ninesTicks) Ticks(low, high float64) []plot.Tick {
	const roomy, crowded = 4, 5 // numbers of nines that leave room for 50 %, and for every label
	last := nines(high) + 1e-9  // that of 99 % is not quite 2
	ticks := []plot.Tick{{Value: 0, Label: "0"}, {Value: 0.5}}
	if last <= roomy+0.5 {
		ticks[1].Label = "50 %"
	}
	for n := 1; float64(n) <= last; n++ {
		tick := plot.Tick{Value: min(ofNines(float64(n)), high)}
		if last <= crowded+0.5 || n <= 2 || n%2 == 1 {
			tick.Label = ninesLabel(n)
		}
		ticks = append(ticks, tick)
	}
	return slices.DeleteFunc(ticks, func(t plot.Tick) bool { return t.Value < low || t.Value > high })
}

// ninesLabel returns text such as "90 %", "99 %", "99.9 %" and so on.
func ninesLabel(n int) string {
	switch n {
	case 1:
		return "90 %"
	case 2:
		return "99 %"
	}
	return "99." + strings.Repeat("9", n-2) + " %"
}
