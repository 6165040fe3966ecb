package reports

import (
	"io/fs"
	"slices"
)

// conformanceView is a conformance run, arranged for the page.
type conformanceView struct {
	*Conformance
	Summary      string
	Counts       []verdictCount
	Findings     []findingGroup
	MoreFindings []findingGroup // too many to be shown
	Transports   []string
	Areas        []areaView
	Cases        int
	Levels       []string
	Sections     []sectionView
	Info         []resultView
	Lists        []reasonList
	Measured     []measuredView
}

type verdictCount struct {
	Verdict Verdict
	Words   string
}

// Word is the verdict as filters name it.
func (c verdictCount) Word() string { return slug(string(c.Verdict)) }

type measuredView struct {
	Result
	Measurement
}

// newConformanceView arranges a run for the page. The transcripts are those of
// the folder as far as they are there; it may be nil.
func newConformanceView(c *Conformance, folder fs.FS) *conformanceView {
	view := &conformanceView{
		Conformance: c,
		Summary:     conformanceSummary(c),
		Transports:  transportsOf(c.Results),
		Lists:       reasonLists(c.Results),
		Levels:      levelsOf(c.Results),
	}
	results := resultViews(c.Results, folder)
	view.Findings = findingGroups(results)
	if len(view.Findings) > shownGroups {
		view.Findings, view.MoreFindings = view.Findings[:shownGroups], view.Findings[shownGroups:]
	}
	view.Areas = areaViews(results, view.Transports)
	for _, area := range view.Areas {
		view.Cases += len(area.Cases)
	}
	view.Sections = sectionViews(c, view.Transports)
	view.Info = slices.DeleteFunc(slices.Clone(results), func(r resultView) bool { return !r.isInfo() })
	slices.SortStableFunc(view.Info, func(a, b resultView) int { return compareCases(a.Result, b.Result) })
	counts := CountVerdicts(c.Results)
	for _, v := range Verdicts {
		if counts[v] > 0 {
			view.Counts = append(view.Counts, verdictCount{v, countWords(v, counts[v])})
		}
	}
	for _, r := range byCase(c.Results) {
		for _, m := range r.Measurements {
			view.Measured = append(view.Measured, measuredView{r, m})
		}
	}
	return view
}

func resultViews(results []Result, folder fs.FS) []resultView {
	views := make([]resultView, len(results))
	texts := newTranscripts(folder).all(results)
	for i, r := range results {
		views[i] = resultView{r, caseAnchor(r.Case), texts[i]}
	}
	return views
}

// levelsOf lists the levels that results have, the strictest first.
func levelsOf(results []Result) (levels []string) {
	for _, r := range results {
		if !slices.Contains(levels, r.Level) {
			levels = append(levels, r.Level)
		}
	}
	order := []string{"MUST", "SHOULD", "INFO"}
	slices.SortStableFunc(levels, func(a, b string) int { return rank(order, a) - rank(order, b) })
	return levels
}
