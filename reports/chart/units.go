package chart

import (
	"math"
	"strconv"
)

// Units whose values are shown in the size that reads best. Any other unit is a
// word in the caption, and its values are plain numbers.
const (
	Microseconds = "µs"    // as µs, ms or s
	Milliseconds = "ms"    // as ms or s
	Bytes        = "bytes" // as bytes, KiB, MiB or GiB
)

// scale is one size of a unit.
type scale struct {
	from   float64 // the least value that is shown in it
	size   float64 // in the unit
	suffix string
}

var scales = map[string][]scale{
	Microseconds: {{0, 1, " µs"}, {1e3, 1e3, " ms"}, {1e6, 1e6, " s"}},
	Milliseconds: {{0, 1, " ms"}, {1e3, 1e3, " s"}},
	Bytes:        {{0, 1, " bytes"}, {1 << 10, 1 << 10, " KiB"}, {1 << 20, 1 << 20, " MiB"}, {1 << 30, 1 << 30, " GiB"}},
}

var plainScales = []scale{{0, 1, ""}, {1e4, 1e3, " k"}, {1e7, 1e6, " M"}, {1e10, 1e9, " G"}}

// scaleFor returns the scale in which a value of a unit is shown.
func scaleFor(unit string, value float64) scale {
	sizes, known := scales[unit]
	if !known {
		sizes = plainScales
	}
	best := sizes[0]
	for _, s := range sizes {
		if math.Abs(value) >= s.from {
			best = s
		}
	}
	return best
}

// hasScales reports whether the unit is beside each value, so that a caption need not
// name it.
func hasScales(unit string) bool {
	_, known := scales[unit]
	return known
}

// label writes a value in this size.
func (s scale) label(value float64) string {
	if value == 0 {
		return "0"
	}
	return significant(value/s.size, 6) + s.suffix
}

// inWords writes a value with three digits and its unit.
func inWords(value float64, unit string) string {
	s := scaleFor(unit, value)
	return significant(value/s.size, 3) + s.suffix
}

// significant writes a number with so many digits at most, and no zeros at the
// end of its decimals.
func significant(v float64, digits int) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	decimals := max(0, digits-1-int(math.Floor(math.Log10(math.Abs(v)))))
	power := math.Pow10(decimals)
	rounded := math.Round(v*power) / power
	if math.IsNaN(rounded) || math.IsInf(rounded, 0) {
		rounded = v
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
