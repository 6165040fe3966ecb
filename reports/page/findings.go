package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

const (
	// shownGroups is the number of findings that the page shows in full; it names the rest.
	shownGroups = 100
	// shownMembers is the number of cases of a finding that are seen without opening a list.
	shownMembers = 5
)

// findingGroup has results that went wrong in the same way, of one case or many: one
// fault of a target tends to show in all cases that come across it.
type findingGroup struct {
	Title   string
	First   resultView // the result that is shown
	Members []findingCase
}

// findingCase is a case of a finding.
type findingCase struct {
	Case        string
	Anchor      string
	Requirement string
	Where       string // transports, rounds and sense modes
	Title       string // its own title, where it says more than that of the group; "" otherwise
}

// findingGroups returns the results that somebody has to look at: the most severe first,
// and of these the groups with most cases first.
func findingGroups(results []resultView) (groups []findingGroup) {
	kinds := newFailureKinds(results)
	collected := map[string][]resultView{}
	var keys []string
	for _, r := range slices.SortedStableFunc(slices.Values(results), func(a, b resultView) int { return reports.CompareSeverity(a.Result, b.Result) }) {
		if !content.NeedsLook(r.Verdict) {
			continue
		}
		key := string(r.Verdict) + " " + kinds.kind(r.Result)
		if collected[key] == nil {
			keys = append(keys, key)
		}
		collected[key] = append(collected[key], r)
	}
	for _, key := range keys {
		groups = append(groups, newFindingGroup(collected[key]))
	}
	slices.SortStableFunc(groups, func(a, b findingGroup) int {
		return cmp.Or(cmp.Compare(reports.Rank(reports.Severity[:], a.First.Verdict), reports.Rank(reports.Severity[:], b.First.Verdict)),
			cmp.Compare(len(b.Members), len(a.Members)))
	})
	return groups
}

// newFindingGroup makes one of results that are sorted by case. The case with
// the shortest headline says best what they have in common; it comes first.
func newFindingGroup(results []resultView) findingGroup {
	best := slices.MinFunc(results, func(a, b resultView) int { return len(headline(a.Result)) - len(headline(b.Result)) })
	slices.SortStableFunc(results, func(a, b resultView) int { return before(a.Case == best.Case, b.Case == best.Case) })
	g := findingGroup{Title: headline(results[0].Result), First: results[0]}
	for len(results) > 0 {
		first, n := results[0], 1
		for n < len(results) && results[n].Case == first.Case {
			n++
		}
		c := findingCase{Case: first.Case, Anchor: first.Anchor, Requirement: first.Requirement, Where: whereWords(results[:n])}
		if title := headline(first.Result); withoutNumbers(title) != withoutNumbers(g.Title) {
			c.Title = title
		}
		g.Members = append(g.Members, c)
		results = results[n:]
	}
	return g
}

// before orders what a condition holds of before the rest.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Others returns the cases after the first that are shown without a click.
func (g findingGroup) Others() []findingCase { return g.Members[1:g.seen()] }

// More returns the cases that are shown after a click.
func (g findingGroup) More() []findingCase { return g.Members[g.seen():] }

// seen returns the number of cases that are shown without a click; nobody has to open a
// list for a single further one.
func (g findingGroup) seen() int {
	if len(g.Members) <= shownMembers+1 {
		return len(g.Members)
	}
	return shownMembers
}

// OtherWords returns text such as "39 other cases", and "" when there is none.
func (g findingGroup) OtherWords() string {
	if len(g.Members) == 1 {
		return ""
	}
	return words.Counted(int64(len(g.Members)-1), "other case", "other cases")
}

// whereWords returns text such as "udp, tcp", "udp rounds 1, 3, tcp round 2" or "udp in 3S, 5S" of
// the results of one case.
func whereWords(results []resultView) string {
	var parts []string
	for _, transport := range reports.TransportsOf(plainResults(results)) {
		var rounds []int
		var modes []string
		for _, r := range results {
			if r.Transport != transport {
				continue
			}
			if r.Round > 0 {
				rounds = append(rounds, r.Round)
			}
			if r.SenseMode != "" {
				modes = append(modes, r.SenseMode)
			}
		}
		part := transport
		if len(rounds) > 0 {
			part += " " + content.RoundList(rounds)
		}
		if len(modes) > 0 {
			part += " in " + strings.Join(modes, ", ")
		}
		parts = append(parts, part)
	}
	separator := ", "
	if strings.Contains(strings.Join(parts, ""), " ") {
		separator = "; "
	}
	return strings.Join(parts, separator)
}

// CaseAnchor returns the anchor of a case on the page of a run.
func CaseAnchor(id string) string { return caseAnchor(id) }

// caseAnchor returns the anchor of a case on the page.
func caseAnchor(id string) string { return "case-" + slug(id) }

// slug replaces the characters of a text that have a meaning in an address or in a list
// of words in an attribute.
func slug(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, text)
}

// findingAnchor returns the anchor of a finding on the page.
func findingAnchor(i int) string { return "finding-" + strconv.Itoa(i+1) }
