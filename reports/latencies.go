package reports

import (
	"cmp"
	"slices"
)

// sameP99 is up to which difference at the 99th percentile, in microseconds,
// the time since the send is no news beside the time since it was due.
const sameP99 = 1000

// shownLatencies are the rows of a latency table: all that count from when they
// were due, and for the sum of the transports those that count from the send
// where they tell something else.
func shownLatencies(latencies []Latency, all bool) []Latency {
	type key struct{ kind, transport string }
	due := map[key]int64{}
	for _, l := range latencies {
		if l.From == FromDue {
			due[key{l.Kind, l.Transport}] = l.P99Us
		}
	}
	var shown []Latency
	for _, l := range latencies {
		p99, known := due[key{l.Kind, l.Transport}]
		differs := l.Transport == AllTransports && max(p99-l.P99Us, l.P99Us-p99) > sameP99
		if all || l.From == FromDue || !known || differs {
			shown = append(shown, l)
		}
	}
	slices.SortStableFunc(shown, func(a, b Latency) int {
		return cmp.Or(cmp.Compare(rank(latencyKinds, a.Kind), rank(latencyKinds, b.Kind)),
			compareTransports(a.Transport, b.Transport), cmp.Compare(a.From, b.From))
	})
	return shown
}

// summedLatencies are those of all transports together, from when they were due
// and from the send; those of each transport when there are no others.
func summedLatencies(latencies []Latency) []Latency {
	var sums []Latency
	for _, l := range latencies {
		if l.Transport == AllTransports {
			sums = append(sums, l)
		}
	}
	if len(sums) == 0 {
		sums = latencies
	}
	return shownLatencies(sums, true)
}

// lossCause is how many sessions were lost for one reason.
type lossCause struct {
	Cause string
	Count int64
}

// lostByCause lists the causes, the most frequent first.
func lostByCause(s Sessions) (causes []lossCause, total int64) {
	for cause, count := range s.LostByCause {
		causes = append(causes, lossCause{cause, count})
		total += count
	}
	slices.SortFunc(causes, func(a, b lossCause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return causes, total
}

// seenArriving reports whether clients see messages of a kind arrive; of others
// they see the ACK.
func seenArriving(m Ledger) bool { return m.Kind == "c2c" || m.Kind == "s2c" }

func arrivedWord(m Ledger) string {
	if seenArriving(m) {
		return "delivered"
	}
	return "acknowledged"
}

// perSecond is the throughput of the part of a run that counts.
func perSecond(m Ledger, l *Load) float64 {
	n := m.Acknowledged
	if seenArriving(m) {
		n = m.Delivered
	}
	return float64(n) * 1000 / float64(max(1, l.SteadyMs))
}
