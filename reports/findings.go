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

// isInfo reports whether there is something to tell where nothing is required.
func isInfo(r Result) bool {
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
