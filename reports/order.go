package reports

import (
	"cmp"
	"slices"
)

// severity orders verdicts by what a reader has to look at first.
var severity = [...]Verdict{Fail, UnexpectedPass, Error, Inconclusive, Warn, ExpectedFailure, Pass, NotSupported, Skipped}

// transportOrder is the order of columns; transports it does not name follow by name.
var transportOrder = []string{AllTransports, "udp", "tcp", "tls", "ws", "wss"}

func compareTransports(a, b string) int {
	return cmp.Or(cmp.Compare(rank(transportOrder, a), rank(transportOrder, b)), cmp.Compare(a, b))
}

// rank is the place of a name in a list, behind its end when it is not there.
func rank[T comparable](order []T, name T) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

func transportsOf(results []Result) []string {
	present := map[string]bool{}
	for _, r := range results {
		present[r.Transport] = true
	}
	return sortedTransports(present)
}

func sortedTransports[V any](byTransport map[string]V) []string {
	names := make([]string, 0, len(byTransport))
	for name := range byTransport {
		names = append(names, name)
	}
	slices.SortFunc(names, compareTransports)
	return names
}

// inOrder sorts a copy of results by severity, case and transport: a run leaves
// them in the order in which they ended, which is not the same twice.
func inOrder(results []Result) []Result {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, compareSeverity)
	return sorted
}

func compareSeverity(a, b Result) int {
	return cmp.Or(cmp.Compare(rank(severity[:], a.Verdict), rank(severity[:], b.Verdict)), compareCases(a, b))
}

// byCase sorts a copy of results by case and transport.
func byCase(results []Result) []Result {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, compareCases)
	return sorted
}

func compareCases(a, b Result) int {
	return cmp.Or(cmp.Compare(a.Area(), b.Area()), cmp.Compare(a.Case, b.Case), compareTransports(a.Transport, b.Transport))
}

// latencyKinds is the order in which the kinds of latency are shown; kinds it
// does not name follow in the order of the report.
var latencyKinds = []string{"login", "heartbeat", "c2s_ack", "c2c_ack", "c2c_delivery", "s2c_delivery", "s2c_call", "echo", "relogin"}
