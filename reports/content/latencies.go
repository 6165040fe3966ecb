package content

import (
	"cmp"
	"slices"

	"imcheck/reports"
)

// sameP99 is up to which difference at the 99th percentile, in microseconds,
// the time since the send is no news beside the time since it was due.
const sameP99 = 1000

// ShownLatencies are the rows of a latency table: all that count from when they
// were due, and for the sum of the transports those that count from the send
// where they tell something else.
func ShownLatencies(latencies []reports.Latency, all bool) []reports.Latency {
	type key struct{ kind, transport string }
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

// SummedLatencies are those of all transports together, from when they were due
// and from the send; those of each transport when there are no others.
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

// LossCause is how many sessions were lost for one reason.
type LossCause struct {
	Cause string
	Count int64
}

// LostByCause lists the causes, the most frequent first.
func LostByCause(s reports.Sessions) (causes []LossCause, total int64) {
	for cause, count := range s.LostByCause {
		causes = append(causes, LossCause{cause, count})
		total += count
	}
	slices.SortFunc(causes, func(a, b LossCause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return causes, total
}

// seenArriving reports whether clients see messages of a kind arrive; of others
// they see the ACK.
func seenArriving(m reports.Ledger) bool { return m.Kind == "c2c" || m.Kind == "s2c" }

// ArrivedWord says what is known of messages of a kind: "delivered", or
// "acknowledged" where no client sees them arrive.
func ArrivedWord(m reports.Ledger) string {
	if seenArriving(m) {
		return "delivered"
	}
	return "acknowledged"
}

// PerSecond is the throughput of the part of a run that counts.
func PerSecond(m reports.Ledger, l *reports.Load) float64 {
	n := m.Acknowledged
	if seenArriving(m) {
		n = m.Delivered
	}
	return float64(n) * 1000 / float64(max(1, l.SteadyMs))
}
