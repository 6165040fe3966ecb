package cli

import "strings"

// trailLength is the number of seconds that a sparkline shows.
const trailLength = 30

// trail has the last values of a figure.
type trail struct{ values []int64 }

// add adds the value of another second.
func (t *trail) add(v int64) {
	t.values = append(t.values, v)
	if n := len(t.values); n > trailLength {
		t.values = t.values[n-trailLength:]
	}
}

var sparks = []rune("▁▂▃▄▅▆▇█")

// String draws the values as a sparkline, from 0 to the largest of them; "" when there is
// nothing but 0.
func (t *trail) String() string {
	var most int64
	for _, v := range t.values {
		most = max(most, v)
	}
	if most == 0 {
		return ""
	}
	var out strings.Builder
	for _, v := range t.values {
		out.WriteRune(sparks[max(v, 0)*int64(len(sparks)-1)/most])
	}
	return out.String()
}
