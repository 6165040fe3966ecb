package conformance

import (
	"fmt"
	"strings"

	"imcheck/reports"
)

// ending is what a case's function panics with to end early. It never leaves
// the package.
type ending struct {
	verdict          reports.Verdict
	reason           string
	expected, actual string
	// single marks a failure that one datagram could explain which the path lost or
	// doubled (§7): it does not count until it is confirmed.
	single bool
}

// fail ends the case: the target does not do what it has to.
func fail(expected, actual string) { panic(failure(expected, actual)) }

func failure(expected, actual string) ending {
	return ending{verdict: reports.Fail, reason: actual, expected: expected, actual: actual}
}

// failf is fail with a formatted actual.
func failf(expected, actual string, args ...any) { fail(expected, fmt.Sprintf(actual, args...)) }

// failOn is fail; single says that the path may have lost or doubled a datagram.
func failOn(single bool, expected, actual string) {
	e := failure(expected, actual)
	e.single = single
	panic(e)
}

// broken ends the case: it could not be run, which says nothing of the target.
func broken(err error) { panic(ending{verdict: reports.Error, reason: err.Error()}) }

// inconclusive ends the case: this harness was too slow to tell.
func inconclusive(reason string) { panic(ending{verdict: reports.Inconclusive, reason: reason}) }

// oneLine puts Gomega's report of a failed expectation, which has a line for
// each part, into the form of all the others.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// Explain says what a result came to, for a reader who has nothing else.
func Explain(r reports.Result) string {
	text := fmt.Sprintf("%s [%s]: %s\n  requirement: %s (%s)", r.Case, r.Transport, r.Verdict, r.Requirement, r.Section)
	if r.Expected != "" {
		text += fmt.Sprintf("\n  expected: %s\n  actual:   %s", r.Expected, r.Actual)
	} else if r.Reason != "" {
		text += "\n  reason: " + r.Reason
	}
	return text
}
