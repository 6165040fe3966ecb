package page

import (
	"io/fs"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
)

// conformanceView is a conformance run, arranged for the page.
type conformanceView struct {
	*reports.Conformance
	Summary      string
	Impaired     string         // impairment of the path; "" for none
	Loaded       *underLoadView // what came of the cases under load; nil without
	Counts       []verdictCount
	Findings     []findingGroup
	MoreFindings []findingGroup // too many to be shown
	Transports   []string
	Areas        []areaView
	Cases        int
	Levels       []reports.Level
	Sections     []sectionView
	Info         []resultView
	Lists        []content.ReasonList
	Heartbeats   []timeView
	OtherTimes   []timeView
	Measured     []measuredView
	MoreMeasured int // number of times that are not in Measured
}

type verdictCount struct {
	Verdict reports.Verdict
	Words   string
}

// Word returns the name of the verdict in filters.
func (c verdictCount) Word() string { return slug(string(c.Verdict)) }

type measuredView struct {
	reports.Result
	reports.Measurement
}

// newConformanceView arranges a run for the page. The transcripts are those of
// the folder as far as they are there; it may be nil.
func newConformanceView(c *reports.Conformance, folder fs.FS) *conformanceView {
	view := &conformanceView{
		Conformance: c,
		Summary:     content.ConformanceSummary(c),
		Impaired:    content.ImpairmentWords(c.Impairment),
		Transports:  reports.TransportsOf(c.Results),
		Lists:       content.ReasonLists(c.Results),
		Levels:      levelsOf(c.Results),
	}
	results := resultViews(c, folder)
	view.Findings = findingGroups(results)
	if len(view.Findings) > shownGroups {
		view.Findings, view.MoreFindings = view.Findings[:shownGroups], view.Findings[shownGroups:]
	}
	view.Areas = areaViews(results, view.Transports)
	for _, area := range view.Areas {
		view.Cases += len(area.Cases)
	}
	view.Sections = sectionViews(c, view.Transports)
	view.Info = slices.DeleteFunc(slices.Clone(results), func(r resultView) bool { return !content.IsInfo(r.Result) })
	slices.SortStableFunc(view.Info, func(a, b resultView) int { return reports.CompareCases(a.Result, b.Result) })
	counts := reports.CountVerdicts(c.Results)
	for _, v := range reports.Verdicts {
		if counts[v] > 0 {
			view.Counts = append(view.Counts, verdictCount{v, content.CountWords(v, counts[v])})
		}
	}
	view.Heartbeats, view.OtherTimes = timeViews(c)
	view.Measured = measuredViews(c.Results)
	if view.MoreMeasured = len(view.Measured) - maxMeasured; view.MoreMeasured > 0 {
		view.Measured = view.Measured[:maxMeasured]
	}
	return view
}

// measuredViews lists every time that was measured.
func measuredViews(results []reports.Result) (all []measuredView) {
	for _, r := range reports.ByCase(results) {
		for _, m := range r.Measurements {
			all = append(all, measuredView{r, m})
		}
	}
	return all
}

func resultViews(c *reports.Conformance, folder fs.FS) []resultView {
	views := make([]resultView, len(c.Results))
	texts := newTranscripts(folder, c.Results).all(c.Results)
	links := requirementLinks(c)
	for i, r := range c.Results {
		views[i] = resultView{r, caseAnchor(r.Case), links[r.Case], texts[i]}
	}
	return views
}

// levelsOf lists the levels that results have, the strictest first.
func levelsOf(results []reports.Result) (levels []reports.Level) {
	for _, r := range results {
		if !slices.Contains(levels, r.Level) {
			levels = append(levels, r.Level)
		}
	}
	slices.SortStableFunc(levels, func(a, b reports.Level) int {
		return reports.Rank(reports.Levels[:], a) - reports.Rank(reports.Levels[:], b)
	})
	return levels
}
