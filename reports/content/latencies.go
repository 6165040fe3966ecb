package content

import (
	"cmp"
	"slices"

	"imcheck/reports"
)

// sameP99 is the largest difference at the 99th percentile, in microseconds, at which
// the time since the send is left out beside the time since it was due.
const sameP99 = 1000

// ShownLatencies returns the rows of a latency table: all that are since due, and for the
// sum of the transports those that are since send
// where they tell something else.
func ShownLatencies(latencies []reports.Latency, all bool) []reports.Latency {
	type key struct {
		kind      reports.LatencyKind
		transport string
	}
	due := map[key]int64{}
	for _, l := range latencies {
		if l.From == reports.FromDue {
			due[key{l.Kind, l.Transport}] = l.P99Us
		}
	}
	var shown []reports.Latency
	for _, l := range latencies {
		p99, known := due[key{l.Kind, l.Transport}]
		differs := l.Transport == reports.AllTransports && max(p99-l.P99Us, l.P99Us-p99) > sameP99
		if all || l.From == reports.FromDue || !known || differs {
			shown = append(shown, l)
		}
	}
	slices.SortStableFunc(shown, func(a, b reports.Latency) int {
		return cmp.Or(cmp.Compare(reports.Rank(reports.LatencyKinds, a.Kind), reports.Rank(reports.LatencyKinds, b.Kind)),
			reports.CompareTransports(a.Transport, b.Transport), cmp.Compare(a.From, b.From))
	})
	return shown
}

// SummedLatencies returns the latencies of all transports together, since due and since
// send; those of each transport when there are no others.
func SummedLatencies(latencies []reports.Latency) []reports.Latency {
	var sums []reports.Latency
	for _, l := range latencies {
		if l.Transport == reports.AllTransports {
			sums = append(sums, l)
		}
	}
	if len(sums) == 0 {
		sums = latencies
	}
	return ShownLatencies(sums, true)
}
