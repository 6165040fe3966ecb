package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Severity orders verdicts by what a reader has to look at first.
var Severity = [...]Verdict{Fail, UnexpectedPass, Error, Inconclusive, Warn, ExpectedFailure, Pass, NotSupported, Skipped}

// transportOrder is the order of columns. Transports that it does not name follow by
// name.
var transportOrder = []string{AllTransports, "udp", "tcp", "tls", "ws", "wss"}

// CompareTransports orders transports as they are shown: the sum of all first, unknown
// ones last.
func CompareTransports(a, b string) int {
	return cmp.Or(cmp.Compare(Rank(transportOrder, a), Rank(transportOrder, b)), cmp.Compare(a, b))
}

// Rank returns the index of a name in a list; the length of the list when it is not
// there.
func Rank[T comparable](order []T, name T) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// CompareModes orders sense modes by their seconds, such as 3S before 10S; other texts
// come last.
func CompareModes(a, b string) int {
	return cmp.Or(cmp.Compare(modeSeconds(a), modeSeconds(b)), cmp.Compare(a, b))
}

func modeSeconds(mode string) (seconds int) {
	for _, digit := range strings.TrimSuffix(mode, "S") {
		if digit < '0' || digit > '9' || seconds > 1e6 {
			return math.MaxInt
		}
		seconds = 10*seconds + int(digit-'0')
	}
	return seconds
}

// TransportsOf lists the transports of results, in their order.
func TransportsOf(results []Result) []string {
	present := map[string]bool{}
	for _, r := range results {
		present[r.Transport] = true
	}
	return SortedTransports(present)
}

// SortedTransports lists the keys of a map by transport, in their order.
func SortedTransports[V any](byTransport map[string]V) []string {
	names := make([]string, 0, len(byTransport))
	for name := range byTransport {
		names = append(names, name)
	}
	slices.SortFunc(names, CompareTransports)
	return names
}

// BySeverity sorts a copy of results by severity, case and transport: in the report of a
// run they are in the order in which they ended, which differs from run to run.
func BySeverity(results []Result) []Result {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, CompareSeverity)
	return sorted
}

// CompareSeverity orders results by what a reader has to look at first.
func CompareSeverity(a, b Result) int {
	return cmp.Or(cmp.Compare(Rank(Severity[:], a.Verdict), Rank(Severity[:], b.Verdict)), CompareCases(a, b))
}

// ByCase sorts a copy of results by case and transport.
func ByCase(results []Result) []Result {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, CompareCases)
	return sorted
}

// CompareCases orders results by area, case and transport.
func CompareCases(a, b Result) int {
	return cmp.Or(cmp.Compare(a.Area(), b.Area()), cmp.Compare(a.Case, b.Case), CompareTransports(a.Transport, b.Transport))
}
