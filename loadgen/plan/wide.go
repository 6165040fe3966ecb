package plan

import "math/bits"

// wide is a whole number of 128 bits: messages of a month at the highest rate, in the
// units of a curve, exceed 64.
type wide struct{ high, low uint64 }

// times returns the product of two numbers.
func times(a, b uint64) wide {
	high, low := bits.Mul64(a, b)
	return wide{high, low}
}

// times returns the product with another number. It must not exceed 128 bits.
func (w wide) times(n uint64) wide {
	high, low := bits.Mul64(w.low, n)
	return wide{high + w.high*n, low}
}

// plus returns the sum with another number. It must not exceed 128 bits.
func (w wide) plus(other wide) wide {
	low, carry := bits.Add64(w.low, other.low, 0)
	high, _ := bits.Add64(w.high, other.high, carry)
	return wide{high, low}
}

// minus returns the difference from a number that is not greater.
func (w wide) minus(other wide) wide {
	low, borrow := bits.Sub64(w.low, other.low, 0)
	high, _ := bits.Sub64(w.high, other.high, borrow)
	return wide{high, low}
}

// less reports whether the number is smaller than another one.
func (w wide) less(other wide) bool {
	return w.high < other.high || w.high == other.high && w.low < other.low
}

// over returns the quotient by a divisor, rounded down, and whether something remains.
func (w wide) over(divisor uint64) (quotient wide, inexact bool) {
	high, rest := bits.Div64(0, w.high, divisor)
	low, rest := bits.Div64(rest, w.low, divisor)
	return wide{high, low}, rest > 0
}

// roundedUp returns the quotient by a divisor, rounded up.
func (w wide) roundedUp(divisor uint64) wide {
	quotient, inexact := w.over(divisor)
	if inexact {
		quotient = quotient.plus(wide{low: 1})
	}
	return quotient
}

// float returns the number, rounded.
func (w wide) float() float64 { return float64(w.high)*(1<<64) + float64(w.low) }
