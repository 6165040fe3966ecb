// Package markdown writes reports as summaries in Markdown, for pull requests.
package markdown

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Write writes a summary that suits a pull request: for each report of
// the bundle, the conformance run first, the verdict in the first line, then
// what a reviewer has to know. What a target sent is shown as it is, and never
// taken for Markdown or HTML.
func Write(w io.Writer, b reports.Bundle) error {
	if b.Empty() {
		return errors.New("write the Markdown summary: there is no report to show")
	}
	m := &Document{}
	if b.Conformance != nil {
		m.conformance(b.Conformance)
	}
	if b.Load != nil {
		m.load(b.Load)
	}
	if b.Capacity != nil {
		m.capacity(b.Capacity)
	}
	return m.Flush(w)
}

func (m *Document) conformance(c *reports.Conformance) {
	m.verdict(c.Header, "conformance", content.ConformanceSummary(c))
	if words := content.ImpairmentWords(c.Impairment); words != "" {
		m.paragraph(Inline(words))
	}
	m.bullets("Out of date in the list of expected failures", c.Problems)
	m.bullets("Flaky", flakeLines(c.Flakes))
	failed, others := failures(c.Results)
	for _, f := range failed[:min(len(failed), content.ShownFindings)] {
		m.finding(f, c.CoveredBy(f.Result))
	}
	m.further(failed[min(len(failed), content.ShownFindings):])
	m.paragraph(others)
	m.Table(content.AreaTable(c.Results))
	m.Table(content.ExpiryTable(c.Expiries))
	m.underLoad(c.UnderLoad)
	m.origin(c.Header)
	if version := content.ProtocolWords(c); version != "" {
		m.paragraph("Judged by " + Inline(version))
	}
}

// verdict is the first line, and for all but a pass the reason below it.
func (m *Document) verdict(h reports.Header, kind, summary string) {
	outcome := content.OutcomeWords[h.Outcome]
	m.Heading(2, fmt.Sprintf("%s %s %s: %s", outcome.Symbol, outcome.Word, kind, Inline(summary)))
	if h.Outcome != reports.OutcomePass && h.Reason != "" {
		m.paragraph("Reason: " + Inline(h.Reason))
	}
}

// bullets is a list with a title, of which the first lines are shown.
func (m *Document) bullets(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	m.paragraph(title + ":\n")
	for _, line := range lines[:min(len(lines), content.ShownFindings)] {
		m.WriteString("- " + Inline(line) + "\n")
	}
	if more := len(lines) - content.ShownFindings; more > 0 {
		fmt.Fprintf(m, "- and %d more in %s\n", more, reports.ConformanceFile)
	}
}

func flakeLines(flakes []reports.Flake) (lines []string) {
	for _, f := range flakes {
		lines = append(lines, fmt.Sprintf("%s [%s] %s", f.Case, f.Transport, content.FlakeWords(f)))
	}
	return lines
}

// failures returns the findings that fail a run, and a sentence that counts the other
// results that somebody has to look at.
func failures(results []reports.Result) (failed []content.Finding, others string) {
	for _, f := range content.Findings(results) {
		if reports.Rank(reports.Severity[:], f.Verdict) <= reports.Rank(reports.Severity[:], reports.Error) {
			failed = append(failed, f)
		}
	}
	counts := reports.CountVerdicts(results)
	var parts []string
	for _, v := range []reports.Verdict{reports.Warn, reports.Inconclusive} {
		if counts[v] > 0 {
			parts = append(parts, content.CountWords(v, counts[v]))
		}
	}
	if len(parts) > 0 {
		others = fmt.Sprintf("Besides, %s: see %s.", strings.Join(parts, " and "), reports.HTMLFile)
	}
	return failed, others
}

// finding is a result in full, with the requirements that its case covers.
func (m *Document) finding(f content.Finding, covered []reports.Requirement) {
	m.Heading(3, fmt.Sprintf("%s %s: %s", content.VerdictWords[f.Verdict].Symbol, content.VerdictWords[f.Verdict].Word, Inline(content.ItemName(f.Result))))
	m.WriteByte('\n')
	m.Item("requirement", strings.TrimSpace(fmt.Sprintf("%s (%s)", f.Requirement, content.RequirementSource(f.Result))))
	for _, r := range covered {
		m.WriteString("- protocol: " + Inline(r.Link()) + " " + Inline(content.Shortened(r.Text)) + "\n")
	}
	m.Item("expected", content.Shortened(f.Expected))
	m.Item("actual", content.Shortened(f.Actual))
	if f.Reason != f.Actual {
		m.Item("reason", content.Shortened(f.Reason))
	}
	for _, measured := range f.Measurements {
		m.Item("measured", content.MeasurementWords(measured))
	}
	m.Item("same for", content.Shortened(strings.Join(content.CaseList(f.Same), ", ")))
	m.Item("again in", content.RoundList(f.Again))
	if f.Rerun != "" {
		m.command(f.Rerun)
	}
}

// further counts and names the findings that are not shown in full.
func (m *Document) further(found []content.Finding) {
	if len(found) == 0 {
		return
	}
	results := make([]reports.Result, len(found))
	for i, f := range found {
		results[i] = f.Result
	}
	m.paragraph(fmt.Sprintf("And %d more: %s", len(found), Inline(content.Shortened(strings.Join(content.CaseList(results), ", ")))))
}

// origin says at the end what measured what, and when.
func (m *Document) origin(h reports.Header) {
	target := h.Target.Identity()
	if target != "" {
		target = Inline(target) + " at "
	}
	if where := h.Target.AddressList(); where != "" {
		m.paragraph("Target: " + target + Inline(where))
	}
	if h.Tool == "" {
		return
	}
	m.paragraph(fmt.Sprintf("Measured by %s on %s, begun at %s", Inline(h.Tool), Inline(h.Environment.System), words.UTC(h.Started)))
}
