package suite

import (
	"fmt"
	"strings"

	"imcheck/reports"
)

// conclusion is the end of an attempt. A case's function panics with one to end early;
// the panic never leaves the package.
type conclusion struct {
	verdict          reports.Verdict
	reason           string
	expected, actual string
	// single marks a failure that one datagram could explain which the path lost or
	// doubled (§7): it does not count until it is confirmed.
	single bool
}

// missed describes a failure.
func (e conclusion) missed() string { return fmt.Sprintf("%s instead of %s", e.actual, e.expected) }

// Fail ends the case: the target does not do what is expected.
func Fail(expected, actual string) { panic(failure(expected, actual)) }

func failure(expected, actual string) conclusion {
	return conclusion{verdict: reports.Fail, reason: actual, expected: expected, actual: actual}
}

// Failf is Fail with a formatted actual.
func Failf(expected, actual string, args ...any) { Fail(expected, fmt.Sprintf(actual, args...)) }

// FailOn is Fail; single says that the path may have lost or doubled a single datagram
// that explains it.
func FailOn(single bool, expected, actual string) {
	e := failure(expected, actual)
	e.single = single
	panic(e)
}

// Broken ends the case: it could not be run, which says nothing about the target.
func Broken(err error) { panic(conclusion{verdict: reports.Error, reason: err.Error()}) }

// NotSupported ends the case: the target, or what is known of it, lacks something.
func NotSupported(reason string) { panic(conclusion{verdict: reports.NotSupported, reason: reason}) }

// Inconclusive ends the case: this harness was too slow to tell.
func Inconclusive(reason string) { panic(conclusion{verdict: reports.Inconclusive, reason: reason}) }

// Try calls act, and reports whether that ended the case, with the reason.
func Try(act func()) (reason string, ended bool) {
	defer func() {
		if caught := recover(); caught != nil {
			e, isEnding := caught.(conclusion)
			if !isEnding {
				panic(caught)
			}
			reason, ended = e.reason, true
		}
	}()
	act()
	return "", false
}

// oneLine turns Gomega's report of a failed assertion, which has several lines, into
// one line like all other reasons.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// Explain describes a result completely, for a reader who has nothing else.
func Explain(r reports.Result) string {
	text := fmt.Sprintf("%s [%s]: %s\n  requirement: %s (%s)", r.Case, r.Transport, r.Verdict, r.Requirement, r.Section)
	if r.Expected != "" {
		text += fmt.Sprintf("\n  expected: %s\n  actual:   %s", r.Expected, r.Actual)
	} else if r.Reason != "" {
		text += "\n  reason: " + r.Reason
	}
	return text
}
