package verdict

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"imcheck/reports"
)

// Threshold is a bound on one figure of a load, such as "c2c_delivery.p99<200ms".
// Make one with ParseThreshold.
type Threshold struct {
	text   string
	abort  bool // ends the run when it is crossed, which is looked at once a second
	figure figure
	op     string
	bound  float64 // in unit
	unit   unit
}

// String returns the threshold as it was written.
func (t Threshold) String() string { return t.text }

// Aborts reports whether the threshold ends the run as soon as it is crossed.
func (t Threshold) Aborts() bool { return t.abort }

// ThresholdError reports a text that is not a threshold.
type ThresholdError struct {
	Text   string
	Reason string // and what to use instead
}

func (e *ThresholdError) Error() string { return fmt.Sprintf("threshold %q: %s", e.Text, e.Reason) }

// abortPrefix makes a threshold one that ends the run.
const abortPrefix = "abort:"

// operators are the comparisons of a threshold, those of two characters first.
var operators = []string{"<=", ">=", "==", "!=", "<", ">"}

// unit is a unit that the number of a threshold can be given in.
type unit struct {
	name   string
	class  unitClass
	factor float64 // microseconds, bytes or counted items in one unit
}

// unitClass distinguishes times, rates, counts and shares.
type unitClass uint8

// Classes of units. A share is of the messages that were sent, see ledgerValue.
const (
	unitTime unitClass = iota + 1
	unitRate
	unitCount
	unitShare
	unitSize
	unitShareSlope
	unitPointSlope
)

var units = []unit{
	{"us", unitTime, 1}, {"µs", unitTime, 1}, {"ms", unitTime, 1e3}, {"s", unitTime, 1e6}, {"m", unitTime, 60e6},
	{"/s", unitRate, 1}, {"", unitCount, 1}, {"%", unitShare, 0.01},
	{"B", unitSize, 1}, {"KB", unitSize, 1e3}, {"MB", unitSize, 1e6}, {"GB", unitSize, 1e9},
	{"KiB", unitSize, 1 << 10}, {"MiB", unitSize, 1 << 20}, {"GiB", unitSize, 1 << 30},
	{reports.TrendShare, unitShareSlope, 1}, {reports.TrendPoints, unitPointSlope, 1},
}

// ParseThreshold reads [abort:]FIGURE OPERATOR NUMBER[UNIT]. The error is a
// *ThresholdError.
func ParseThreshold(text string) (Threshold, error) {
	t := Threshold{text: strings.TrimSpace(text)}
	fault := func(format string, args ...any) (Threshold, error) {
		return Threshold{}, &ThresholdError{text, fmt.Sprintf(format, args...)}
	}
	expression, abort := strings.CutPrefix(t.text, abortPrefix)
	t.abort = abort
	at := strings.IndexAny(expression, "<>=!")
	if at < 0 {
		return fault("it compares nothing: write it as FIGURE OPERATOR NUMBER, such as login.p99<50ms")
	}
	for _, op := range operators {
		if strings.HasPrefix(expression[at:], op) {
			t.op = op
			break
		}
	}
	if t.op == "" {
		return fault("%q is not an operator: use %s", expression[at:at+1], strings.Join(operators, " "))
	}
	var reason string
	if t.figure, reason = parseFigure(strings.TrimSpace(expression[:at])); reason != "" {
		return fault("%s", reason)
	}
	if t.bound, t.unit, reason = parseBound(strings.TrimSpace(expression[at+len(t.op):])); reason != "" {
		return fault("%s", reason)
	}
	if !t.figure.takes(t.unit.class) {
		return fault("%s is %s", t.figure.name, t.figure.unitHelp())
	}
	if reason := t.slopeFault(); reason != "" {
		return fault("%s", reason)
	}
	if t.abort && t.figure.stage > 0 {
		return fault("the figures of a stage are known at the end of the run only: leave %s out", abortPrefix)
	}
	return t, nil
}

// parseBound reads a number and its unit; reason says what is wrong.
func parseBound(text string) (bound float64, u unit, reason string) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(text)
	}
	bound, err := strconv.ParseFloat(text[:end], 64)
	if err != nil || math.IsInf(bound, 0) {
		return 0, u, fmt.Sprintf("%q is not a number: write one such as 200ms, 500/s, 1%% or 0 after the operator", text)
	}
	name := strings.TrimSpace(text[end:])
	for _, u := range units {
		if u.name == name {
			return bound, u, ""
		}
	}
	return 0, u, fmt.Sprintf("%q is not a unit: use us, ms, s or m for a time, /s for a rate, %% for a share, B, KB, MB, KiB and so on for a size, %%/h or pp/h for a slope and none for a number", name)
}

// holds reports whether a figure is within the bound, in the unit of the threshold.
func (t Threshold) holds(actual float64) bool {
	switch t.op {
	case "<":
		return actual < t.bound
	case "<=":
		return actual <= t.bound
	case ">":
		return actual > t.bound
	case ">=":
		return actual >= t.bound
	case "==":
		return actual == t.bound
	}
	return actual != t.bound
}

// ParseThresholds reads several. The error is a *ThresholdError.
func ParseThresholds(texts []string) ([]Threshold, error) {
	var thresholds []Threshold
	for _, text := range texts {
		t, err := ParseThreshold(text)
		if err != nil {
			return nil, err
		}
		thresholds = append(thresholds, t)
	}
	return thresholds, nil
}

// Union returns the thresholds of all lists in a new one. What is written in the same way
// counts once.
func Union(lists ...[]Threshold) (all []Threshold) {
	for _, t := range slices.Concat(lists...) {
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}
