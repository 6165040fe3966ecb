package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// sectionView is the requirements of a section of docs/protocol.md, or those that lack a case
// for the same reason.
type sectionView struct {
	Name  string
	Words string // their number, and the outcome of those that have cases
	Look  bool   // somebody has to look at one
	Rows  []requirementView
}

// requirementView is a row of the requirement matrix.
type requirementView struct {
	reports.Requirement
	Anchor string // anchor of the row
	Cells  []cellView
	Held   []heldBy
	Ran    bool // at least one of its cases
}

// heldBy is a case of a requirement; Anchor is "" when it was not run.
type heldBy struct{ Case, Anchor string }

// requirementLink leads from a case to a requirement that it covers.
type requirementLink struct{ ID, Anchor, Text string }

// RequirementAnchor returns the anchor of a requirement on the page of a run.
func RequirementAnchor(id string) string { return requirementAnchor(id) }

// requirementAnchor returns the anchor of a requirement on the page.
func requirementAnchor(id string) string { return "requirement-" + slug(id) }

// requirementLinks returns the requirements that each case covers, by its ID.
func requirementLinks(c *reports.Conformance) map[string][]requirementLink {
	links := map[string][]requirementLink{}
	for _, r := range c.Results {
		if _, known := links[r.Case]; known {
			continue
		}
		links[r.Case] = nil
		for _, covered := range c.CoveredBy(r) {
			links[r.Case] = append(links[r.Case], requirementLink{covered.ID, requirementAnchor(covered.ID), covered.Text})
		}
	}
	return links
}

// sectionViews returns the requirement matrix; nil for reports that have none. Requirements
// without a case, such as those of the other end of the protocol, come last, by the reason
// for that.
func sectionViews(c *reports.Conformance, transports []string) (sections []sectionView) {
	byCase := map[string][]reports.Result{}
	for _, r := range c.Results {
		byCase[r.Case] = append(byCase[r.Case], r)
	}
	var without []sectionView
	for _, r := range c.Requirements {
		if row := newRequirementView(r, byCase, transports); len(r.Cases) > 0 {
			sections = withRow(sections, r.Section, row)
		} else {
			without = withRow(without, "No case: "+cmp.Or(r.Unheld, "it is not said why"), row)
		}
	}
	sections = append(sections, without...)
	for i := range sections {
		sections[i].summarise()
	}
	return sections
}

// withRow adds a row to the section of a name, which it makes when it is missing.
func withRow(sections []sectionView, name string, row requirementView) []sectionView {
	at := slices.IndexFunc(sections, func(s sectionView) bool { return s.Name == name })
	if at < 0 {
		at = len(sections)
		sections = append(sections, sectionView{Name: name})
	}
	sections[at].Rows = append(sections[at].Rows, row)
	return sections
}

func newRequirementView(r reports.Requirement, byCase map[string][]reports.Result, transports []string) requirementView {
	view := requirementView{Requirement: r, Anchor: requirementAnchor(r.ID)}
	var results []reports.Result
	for _, id := range r.Cases {
		held := heldBy{Case: id}
		if len(byCase[id]) > 0 {
			held.Anchor, view.Ran = caseAnchor(id), true
		}
		view.Held = append(view.Held, held)
		results = append(results, byCase[id]...)
	}
	for _, t := range transports {
		cell := newCellView(t, reports.CaseRow{Results: results}.On(t))
		cell.Times = 1 // that its cases are several goes without saying
		view.Cells = append(view.Cells, cell)
	}
	return view
}

// HasCases reports whether cases check the requirements.
func (s sectionView) HasCases() bool { return len(s.Rows[0].Held) > 0 }

// summarise counts the rows by the worst of their verdicts.
func (s *sectionView) summarise() {
	counts, notRun := map[reports.Verdict]int{}, 0
	for _, row := range s.Rows {
		switch {
		case row.Ran:
			v := row.worst()
			counts[v]++
			s.Look = s.Look || content.NeedsLook(v)
		case len(row.Held) > 0:
			notRun++
		}
	}
	parts := []string{words.Counted(int64(len(s.Rows)), "requirement", "requirements")}
	for _, v := range reports.Verdicts {
		if counts[v] > 0 {
			parts = append(parts, content.CountWords(v, counts[v]))
		}
	}
	if notRun > 0 {
		parts = append(parts, fmt.Sprintf("%d not run", notRun))
	}
	s.Words = strings.Join(parts, ", ")
}

// worst returns the most severe verdict of its cases, of which at least one was run.
func (r requirementView) worst() reports.Verdict {
	verdict := reports.Skipped // nothing is less severe
	for _, c := range r.Cells {
		if c.Ran {
			verdict = content.WorseOf(verdict, c.Verdict)
		}
	}
	return verdict
}
