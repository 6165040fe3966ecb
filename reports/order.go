package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Severity orders verdicts by what a reader has to look at first.
var Severity = [...]Verdict{Fail, UnexpectedPass, Error, Inconclusive, Warn, ExpectedFailure, Pass, NotSupported, Skipped}

// transportOrder is the order of columns; transports it does not name follow by name.
var transportOrder = []string{AllTransports, "udp", "tcp", "tls", "ws", "wss"}

// CompareTransports is the order in which transports are shown: the sum of all
// first, those that are not known at the end.
func CompareTransports(a, b string) int {
	return cmp.Or(cmp.Compare(Rank(transportOrder, a), Rank(transportOrder, b)), cmp.Compare(a, b))
}

// Rank is the place of a name in a list, behind its end when it is not there.
func Rank[T comparable](order []T, name T) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// CompareModes is the order of sense modes by their seconds, such as 3S before
// 10S; what is no sense mode comes last.
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

// TransportsOf are the transports that results are of, in their order.
func TransportsOf(results []Result) []string {
	present := map[string]bool{}
	for _, r := range results {
		present[r.Transport] = true
	}
	return SortedTransports(present)
}

// SortedTransports are the keys of a map by transport, in their order.
func SortedTransports[V any](byTransport map[string]V) []string {
	names := make([]string, 0, len(byTransport))
	for name := range byTransport {
		names = append(names, name)
	}
	slices.SortFunc(names, CompareTransports)
	return names
}

// BySeverity sorts a copy of results by severity, case and transport: a run leaves
// them in the order in which they ended, which is not the same twice.
func BySeverity(results []Result) []Result {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, CompareSeverity)
	return sorted
}

// CompareSeverity puts the result first that a reader has to look at first.
func CompareSeverity(a, b Result) int {
	return cmp.Or(cmp.Compare(Rank(Severity[:], a.Verdict), Rank(Severity[:], b.Verdict)), CompareCases(a, b))
}

// ByCase sorts a copy of results by case and transport.
func ByCase(results []Result) []Result {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, CompareCases)
	return sorted
}

// CompareCases is the order of areas, cases and transports.
func CompareCases(a, b Result) int {
	return cmp.Or(cmp.Compare(a.Area(), b.Area()), cmp.Compare(a.Case, b.Case), CompareTransports(a.Transport, b.Transport))
}

// LatencyKinds is the order in which the kinds of latency are shown; kinds it
// does not name follow in the order of the report.
var LatencyKinds = []string{KindLogin, KindHeartbeat, KindC2SAck, KindC2CAck, KindC2CDelivery, KindS2CDelivery, KindS2CCall, KindEcho, KindRelogin}
