package page

import (
	"fmt"

	"imcheck/reports"
)

// failureKinds groups results that failed in the same way, whatever the values.
type failureKinds struct {
	sameTime map[string]string // from a key to one of the same time; a key that is missing leads to itself
}

// newFailureKinds learns which measurements are about the same time. In an area those are
// that have the same bounds on a transport in a sense mode, and those of the same time on
// several transports, whose bounds differ.
func newFailureKinds(results []resultView) failureKinds {
	k := failureKinds{map[string]string{}}
	for _, r := range results {
		for _, m := range r.Measurements {
			k.join(timeKey(r.Result, m), boundsKey(r.Result, m))
		}
	}
	return k
}

// timeKey is the same for a time on all transports.
func timeKey(r reports.Result, m reports.Measurement) string { return r.Area() + " time " + m.Time() }

// boundsKey is the same for what is measured against the same bounds.
func boundsKey(r reports.Result, m reports.Measurement) string {
	lower, upper := m.Nominal()
	return fmt.Sprint(r.Area(), " bounds ", r.Transport, " ", r.SenseMode, " ", lower, " ", upper)
}

// join makes two keys lead to the same one.
func (k failureKinds) join(a, b string) {
	if first, second := k.of(a), k.of(b); first != second {
		k.sameTime[second] = first
	}
}

// of returns the key that stands for all that are about the same time.
func (k failureKinds) of(key string) string {
	for next, known := k.sameTime[key]; known; next, known = k.sameTime[key] {
		key = next
	}
	return key
}

// kind returns a text that is the same for results that failed in the same way.
func (k failureKinds) kind(r reports.Result) string {
	if m, early, found := wrongTime(r); found {
		if early {
			return k.of(timeKey(r, m)) + " early"
		}
		return k.of(timeKey(r, m)) + " late"
	}
	return withoutNumbers(headline(r))
}

// wrongTime returns the measurement for which a case did not pass, and whether the time was
// early. Where it cannot be observed, what a session was found to be shows that.
func wrongTime(r reports.Result) (wrong reports.Measurement, early, found bool) {
	if m, found := missedTime(r); found {
		return m, m.Value < m.Lower, true
	}
	if hasOwnReason(r) {
		return wrong, false, false
	}
	for _, m := range r.Measurements {
		if m.Contradicts() {
			return m, m.Shows == reports.ShowsGone, true
		}
	}
	return wrong, false, false
}
