package loadgen

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"imcheck/reports"
)

// Threshold is a bound on one figure of a run, such as "c2c_delivery.p99<200ms".
// Make one with ParseThreshold.
type Threshold struct {
	text   string
	abort  bool // it is looked at once a second, and ends the run when it is crossed
	figure figure
	op     string
	bound  float64 // in unit
	unit   unit
}

// String is the threshold as it was written.
func (t Threshold) String() string { return t.text }

// ThresholdError says what is wrong with the text of a threshold.
type ThresholdError struct {
	Text   string
	Reason string // and what to use instead
}

func (e *ThresholdError) Error() string { return fmt.Sprintf("threshold %q: %s", e.Text, e.Reason) }

// abortPrefix makes a threshold one that ends the run.
const abortPrefix = "abort:"

// operators are the comparisons of a threshold, those of two characters first.
var operators = []string{"<=", ">=", "==", "!=", "<", ">"}

// unit is what the number of a threshold is given in.
type unit struct {
	name   string
	class  unitClass
	factor float64 // of what figures are kept in: microseconds, or one
}

// unitClass is what sort of number a figure is.
type unitClass uint8

// Classes of units. A share is of the messages that were sent.
const (
	unitTime unitClass = iota + 1
	unitRate
	unitCount
	unitShare
)

var units = []unit{
	{"us", unitTime, 1}, {"µs", unitTime, 1}, {"ms", unitTime, 1e3}, {"s", unitTime, 1e6}, {"m", unitTime, 60e6},
	{"/s", unitRate, 1}, {"", unitCount, 1}, {"%", unitShare, 0.01},
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
		return fault("%q is no operator: use %s", expression[at:at+1], strings.Join(operators, " "))
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
		return 0, u, fmt.Sprintf("%q is no number: write one such as 200ms, 500/s, 1%% or 0 behind the operator", text)
	}
	name := strings.TrimSpace(text[end:])
	for _, u := range units {
		if u.name == name {
			return bound, u, ""
		}
	}
	return 0, u, fmt.Sprintf("%q is no unit: use us, ms, s or m for a time, /s for a rate, %% for a share and none for a number", name)
}

// holds compares a figure with the bound; both are in the unit of the threshold.
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

// judge holds the threshold against what was measured. known is false while
// nothing has been.
func (t Threshold) judge(f *figures) (judged reports.Threshold, known bool) {
	judged = reports.Threshold{Expression: t.text, Unit: t.unit.name}
	if judged.Note = f.gap(t.figure); judged.Note != "" {
		judged.Unknown = true
		return judged, false
	}
	value, known := t.figure.value(f, t.unit.class)
	if !known {
		judged.Note = "nothing was measured"
		return judged, false
	}
	judged.Actual = value / t.unit.factor
	judged.Held = t.holds(judged.Actual)
	return judged, true
}

// judgeAll holds every threshold against what was measured.
func judgeAll(thresholds []Threshold, f *figures) []reports.Threshold {
	var list []reports.Threshold
	for _, t := range thresholds {
		judged, _ := t.judge(f)
		list = append(list, judged)
	}
	return list
}

// figures is what thresholds are held against: a run so far, or a whole one.
type figures struct {
	recorder  *recorder // of all workers together
	messages  []reports.Ledger
	recovery  *reports.Recovery // nil without a storm
	loggedIn  int64
	lastLogin time.Duration // since the start
	online    int64
	lost      int64 // sessions
	dropped   int64
	notOnline int64
	blocked   int64
	counted   time.Duration       // how long messages have counted
	gap       func(figure) string // why a figure cannot be known, "" when it can
}

// noGaps is the gap of a run of this process, which knows all figures.
func noGaps(figure) string { return "" }
