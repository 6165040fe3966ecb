package page

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestSectionViews(t *testing.T) {
	c := &reports.Conformance{
		Requirements: []reports.Requirement{
			{ID: "a", Section: "§1", Text: "held", Cases: []string{"m/one", "m/two"}},
			{ID: "b", Section: "§1", Text: "not held", Unheld: "asked of clients"},
			{ID: "c", Section: "§1", Text: "not run", Cases: []string{"m/three"}},
			{ID: "d", Section: "§2", Text: "skipped", Cases: []string{"m/four"}},
		},
		Results: []reports.Result{
			{Case: "m/one", Transport: "udp", Verdict: reports.Pass},
			{Case: "m/one", Transport: "tcp", Verdict: reports.Pass},
			{Case: "m/two", Transport: "tcp", Verdict: reports.Fail},
			{Case: "m/four", Transport: "udp", Verdict: reports.Skipped},
		},
	}
	var got []string
	for _, s := range sectionViews(c, []string{"udp", "tcp"}) {
		got = append(got, fmt.Sprintf("%s: %s, look %v", s.Name, s.Words, s.Look))
		for _, row := range s.Rows {
			text := row.Text
			for _, cell := range row.Cells {
				text += " " + string(cell.Verdict)
			}
			for _, h := range row.Held {
				text += " " + h.Case + "#" + h.Anchor
			}
			got = append(got, text)
		}
	}
	compareRows(t, got, []string{
		"§1: 2 requirements, 1 failed, 1 not run, look true",
		"held pass fail m/one#case-m-one m/two#case-m-two",
		"not run   m/three#",
		"§2: 1 requirement, 1 skipped, look false",
		"skipped skipped  m/four#case-m-four",
		"No case: asked of clients: 1 requirement, look false",
		"not held  ",
	})
}

// Every case leads to the requirements that it covers, on the same page, by those
// that it names or, in a report of an older program, by those that name it.
func TestRequirementsAreLinked(t *testing.T) {
	for _, older := range []bool{false, true} {
		b := reporttest.Model(t, "fail")
		for i := range b.Conformance.Results {
			if older {
				b.Conformance.Results[i].Covers = nil
			}
		}
		got := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) }))
		for _, r := range b.Conformance.Results {
			_, shown, _ := strings.Cut(got, fmt.Sprintf("id=%q", caseAnchor(r.Case)))
			shown, _, _ = strings.Cut(shown, "</details>")
			covered := b.Conformance.CoveredBy(r)
			if len(covered) == 0 {
				t.Errorf("%s covers nothing: the test shows nothing", r.Case)
			}
			for _, q := range covered {
				if anchor := requirementAnchor(q.ID); !strings.Contains(shown, fmt.Sprintf("href=\"#%s\"", anchor)) || strings.Count(got, fmt.Sprintf("id=%q", anchor)) != 1 {
					t.Errorf("older %v: %s does not lead to %s", older, r.Case, q.ID)
				}
			}
		}
	}
}

// A report of a program that did not know its requirements has no such part.
func TestNoRequirements(t *testing.T) {
	b := reporttest.Model(t, "pass")
	b.Conformance.Requirements = nil
	if got := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) })); strings.Contains(got, "requirements") {
		t.Error("the page speaks of requirements")
	}
}

func TestLevels(t *testing.T) {
	got := levelsOf([]reports.Result{{Level: reports.Info}, {Level: "MAY"}, {Level: reports.Must}, {Level: reports.Info}, {Level: reports.Should}})
	if want := []reports.Level{reports.Must, reports.Should, reports.Info, "MAY"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
