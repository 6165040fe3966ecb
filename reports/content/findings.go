package content

import (
	"cmp"
	"slices"

	"imcheck/reports"
)

// Finding is a result that a reader has to look at.
type Finding struct {
	reports.Result
	// Same are further errors with the same reason: when the target is gone
	// every case says so, and once is enough.
	Same []reports.Result
	// Again lists further rounds in which the case had the same verdict.
	Again []int
}

// Findings returns the results that somebody has to look at, by severity and then by
// case.
func Findings(results []reports.Result) []Finding {
	var found []Finding
	errorsByReason := map[string]int{}
	for _, r := range reports.BySeverity(results) {
		if !NeedsLook(r.Verdict) {
			continue
		}
		if first, known := errorsByReason[r.Reason]; known && r.Verdict == reports.Error {
			found[first].Same = append(found[first].Same, r)
			continue
		}
		if r.Verdict == reports.Error {
			errorsByReason[r.Reason] = len(found)
		}
		if n := len(found); n > 0 && found[n-1].repeatedBy(r) {
			found[n-1].Again = append(found[n-1].Again, r.Round)
			continue
		}
		found = append(found, Finding{Result: r})
	}
	return found
}

// repeatedBy reports whether r is the same in a further round.
func (f Finding) repeatedBy(r reports.Result) bool {
	return r.Round > 0 && f.Case == r.Case && f.Transport == r.Transport && f.Verdict == r.Verdict && f.Verdict != reports.Error
}

// ReasonList is results that nobody has to look at one by one.
type ReasonList struct {
	Title  string
	Groups []ReasonGroup
}

// ReasonGroup is the results of a list that have the same reason.
type ReasonGroup struct {
	Reason  string
	Results []reports.Result
}

// ReasonLists returns the known failures and the cases that were not run. A list without
// results is left out.
func ReasonLists(results []reports.Result) (lists []ReasonList) {
	for _, list := range []ReasonList{
		{"Expected failures", byReason(results, reports.ExpectedFailure)},
		{"Not supported by the target", byReason(results, reports.NotSupported)},
		{"Skipped", byReason(results, reports.Skipped)},
		{"Went well in a fresh client only", byReason(slices.DeleteFunc(slices.Clone(results), hasNoRemark), reports.Pass)},
	} {
		if len(list.Groups) > 0 {
			lists = append(lists, list)
		}
	}
	return lists
}

// hasNoRemark reports whether there is nothing to say about a result that is a pass: what an
// INFO case found is listed elsewhere.
func hasNoRemark(r reports.Result) bool { return r.Reason == "" || !r.Level.CanFail() }

// byReason groups the results of one verdict, the largest group first.
func byReason(results []reports.Result, v reports.Verdict) []ReasonGroup {
	var groups []ReasonGroup
	index := map[string]int{}
	for _, r := range reports.ByCase(results) {
		if r.Verdict != v {
			continue
		}
		i, known := index[r.Reason]
		if !known {
			i = len(groups)
			index[r.Reason] = i
			groups = append(groups, ReasonGroup{Reason: r.Reason})
		}
		groups[i].Results = append(groups[i].Results, r)
	}
	slices.SortStableFunc(groups, func(a, b ReasonGroup) int { return cmp.Compare(len(b.Results), len(a.Results)) })
	return groups
}

// IsInfo reports whether a result is that of an INFO case that found something.
func IsInfo(r reports.Result) bool {
	return !r.Level.CanFail() && r.Verdict == reports.Pass && (r.Reason != "" || len(r.Measurements) > 0)
}

// CaseList names results as "area/name [udp, tcp]", for results that are sorted
// by case and transport; several rounds are one.
func CaseList(results []reports.Result) []string {
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

// Worst returns the most severe verdict of results, of which there has to be at least one.
func Worst(results []reports.Result) reports.Verdict {
	verdict := results[0].Verdict
	for _, r := range results[1:] {
		verdict = WorseOf(verdict, r.Verdict)
	}
	return verdict
}
