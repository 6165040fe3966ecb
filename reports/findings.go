package reports

import (
	"cmp"
	"slices"
)

// finding is a result that a reader has to look at.
type finding struct {
	Result
	// Same are further errors with the same reason: when the target is gone
	// every case says so, and once is enough.
	Same []Result
	// Again are further rounds in which the case came to the same verdict.
	Again []int
}

// findings are the results that somebody has to look at, by severity and by
// case within each.
func findings(results []Result) []finding {
	var found []finding
	errorsByReason := map[string]int{}
	for _, r := range inOrder(results) {
		if !needsLook(r.Verdict) {
			continue
		}
		if first, known := errorsByReason[r.Reason]; known && r.Verdict == Error {
			found[first].Same = append(found[first].Same, r)
			continue
		}
		if r.Verdict == Error {
			errorsByReason[r.Reason] = len(found)
		}
		if n := len(found); n > 0 && found[n-1].repeatedBy(r) {
			found[n-1].Again = append(found[n-1].Again, r.Round)
			continue
		}
		found = append(found, finding{Result: r})
	}
	return found
}

// repeatedBy reports whether r is the same in a further round.
func (f finding) repeatedBy(r Result) bool {
	return r.Round > 0 && f.Case == r.Case && f.Transport == r.Transport && f.Verdict == r.Verdict && f.Verdict != Error
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

// reasonList is results that nobody has to look at one by one.
type reasonList struct {
	Title  string
	Groups []reasonGroup
}

// reasonGroup is the results of a list that have the same reason.
type reasonGroup struct {
	Reason  string
	Results []Result
}

// reasonLists are the known failures and what was not run. A list without
// results is left out.
func reasonLists(results []Result) (lists []reasonList) {
	for _, list := range []reasonList{
		{"Expected failures", byReason(results, ExpectedFailure)},
		{"Not supported by the target", byReason(results, NotSupported)},
		{"Skipped", byReason(results, Skipped)},
	} {
		if len(list.Groups) > 0 {
			lists = append(lists, list)
		}
	}
	return lists
}

// byReason groups the results of one verdict, the largest group first.
func byReason(results []Result, v Verdict) []reasonGroup {
	var groups []reasonGroup
	index := map[string]int{}
	for _, r := range byCase(results) {
		if r.Verdict != v {
			continue
		}
		i, known := index[r.Reason]
		if !known {
			i = len(groups)
			index[r.Reason] = i
			groups = append(groups, reasonGroup{Reason: r.Reason})
		}
		groups[i].Results = append(groups[i].Results, r)
	}
	slices.SortStableFunc(groups, func(a, b reasonGroup) int { return cmp.Compare(len(b.Results), len(a.Results)) })
	return groups
}

// informative are the results that tell what an INFO case found.
func informative(results []Result) (found []Result) {
	for _, r := range byCase(results) {
		if r.isInfo() {
			found = append(found, r)
		}
	}
	return found
}

// isInfo reports whether there is something to tell where nothing is required.
func (r Result) isInfo() bool {
	return r.Level == "INFO" && r.Verdict == Pass && (r.Reason != "" || len(r.Measurements) > 0)
}

// caseList names results as "area/name [udp, tcp]", for results that are sorted
// by case and transport; several rounds are one.
func caseList(results []Result) []string {
	var names []string
	for i := 0; i < len(results); {
		name := results[i].Case + " [" + results[i].Transport
		for i++; i < len(results) && results[i].Case == results[i-1].Case; i++ {
			if results[i].Transport != results[i-1].Transport {
				name += ", " + results[i].Transport
			}
		}
		names = append(names, name+"]")
	}
	return names
}

// worst is the verdict of the highest severity.
func worst(results []Result) Verdict {
	most := slices.MinFunc(results, func(a, b Result) int {
		return cmp.Compare(rank(severity[:], a.Verdict), rank(severity[:], b.Verdict))
	})
	return most.Verdict
}

// latencyKinds is the order in which the kinds of latency are shown; kinds it
// does not name follow in the order of the report.
var latencyKinds = []string{"login", "heartbeat", "c2s_ack", "c2c_ack", "c2c_delivery", "s2c_delivery", "s2c_call", "echo", "relogin"}

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
