package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
)

// resultView is a result, arranged for the page.
type resultView struct {
	reports.Result
	Anchor     string // anchor of its case
	Covers     []requirementLink
	Transcript transcriptView
}

// Comparison returns the expected and the actual text for templates, with the
// differences marked.
func (r resultView) Comparison() (c struct{ Expected, Actual template.HTML }) {
	expected, actual := shownText(r.Expected), shownText(r.Actual)
	inExpected, inActual := differences(expected, actual)
	c.Expected, c.Actual = textHTML(expected, inExpected), textHTML(actual, inActual)
	return c
}

// maxResults is the number of results of a case that the page shows for each transport,
// when it was repeated.
const maxResults = 10

// maxEvidence bounds a text on the page, in characters.
const maxEvidence = 20_000

// shownText returns the part of a text that the page shows.
func shownText(text string) string { return content.ShortenedTo(text, maxEvidence) }

// Look reports whether somebody has to look at it.
func (r resultView) Look() bool { return content.NeedsLook(r.Verdict) }

// plainResults takes the arrangement off again.
func plainResults(views []resultView) []reports.Result {
	results := make([]reports.Result, len(views))
	for i, v := range views {
		results[i] = v.Result
	}
	return results
}

// areaView is the cases of an area.
type areaView struct {
	Name  string
	Cases []caseView
	Cells []areaCellView
}

// areaCellView is an area on one transport.
type areaCellView struct {
	Transport string
	Counts    []verdictCount // without passes, unless there is nothing else
}

// caseView is a row of the matrix, with a cell for each transport of the run.
type caseView struct {
	ID       string
	Anchor   string
	Level    reports.Level
	Source   string
	About    string // its requirement
	Covers   []requirementLink
	Verdicts string // for filters: the words of its verdicts, each one word
	Look     bool   // somebody has to look at it
	Results  []resultView
	More     []string // numbers of results that are not shown, by transport
	Cells    []cellView
}

// cellView is a case, or a requirement, on one transport.
type cellView struct {
	Transport string
	Ran       bool            // on this transport
	Verdict   reports.Verdict // the worst, when the case was repeated
	Times     int
}

// areaViews arranges results as a matrix of cases and transports.
func areaViews(results []resultView, transports []string) (areas []areaView) {
	byCase := map[string][]resultView{}
	for _, r := range results {
		byCase[r.Case] = append(byCase[r.Case], r)
	}
	for _, area := range reports.Matrix(plainResults(results)) {
		view := areaView{Name: area.Name}
		for _, row := range area.Cases {
			view.Cases = append(view.Cases, newCaseView(row, byCase[row.ID], transports))
		}
		for _, t := range transports {
			view.Cells = append(view.Cells, areaCellView{t, areaCounts(area.On(t))})
		}
		areas = append(areas, view)
	}
	return areas
}

func newCaseView(row reports.CaseRow, results []resultView, transports []string) caseView {
	first := row.Results[0]
	view := caseView{ID: row.ID, Anchor: caseAnchor(row.ID), Level: first.Level, Source: content.RequirementSource(first), About: first.Requirement, Covers: results[0].Covers}
	for _, t := range transports {
		view.Cells = append(view.Cells, newCellView(t, row.On(t)))
		shown := slices.DeleteFunc(slices.Clone(results), func(r resultView) bool { return r.Transport != t })
		if more := len(shown) - maxResults; more > 0 {
			slices.SortStableFunc(shown, func(a, b resultView) int { return reports.CompareSeverity(a.Result, b.Result) })
			shown = shown[:maxResults]
			view.More = append(view.More, fmt.Sprintf("%d more on %s, none of them worse", more, t))
		}
		view.Results = append(view.Results, shown...)
	}
	counts := reports.CountVerdicts(row.Results)
	var words []string
	for _, v := range reports.Verdicts {
		if counts[v] > 0 {
			words = append(words, slug(string(v)))
			view.Look = view.Look || content.NeedsLook(v)
		}
	}
	view.Verdicts = strings.Join(words, " ")
	return view
}

func newCellView(transport string, results []reports.Result) cellView {
	if len(results) == 0 {
		return cellView{Transport: transport}
	}
	return cellView{transport, true, content.Worst(results), len(results)}
}

// areaCounts counts what did not pass; when all passed, it counts that.
func areaCounts(results []reports.Result) (counts []verdictCount) {
	byVerdict := reports.CountVerdicts(results)
	for _, v := range reports.Verdicts {
		if n := byVerdict[v]; n > 0 && (v != reports.Pass || n == len(results)) {
			counts = append(counts, verdictCount{v, content.CountWords(v, n)})
		}
	}
	return counts
}
