package reports

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes a summary that suits a pull request: for each report of
// the bundle, the conformance run first, the verdict in the first line, then
// what a reviewer has to know. What a target sent is shown as it is, and never
// taken for Markdown or HTML.
func WriteMarkdown(w io.Writer, b Bundle) error {
	if b.empty() {
		return errors.New("write the Markdown summary: there is neither a conformance nor a load report to show")
	}
	m := &markdown{}
	if b.Conformance != nil {
		m.conformance(b.Conformance)
	}
	if b.Load != nil {
		m.load(b.Load)
	}
	return m.writeTo(w)
}

func (m *markdown) conformance(c *Conformance) {
	m.verdict(c.Header, "conformance", conformanceSummary(c))
	m.bullets("Out of date in the list of expected failures", c.Problems)
	m.bullets("Flaky", flakeLines(c.Flakes))
	failed, others := failures(c.Results)
	for _, f := range failed[:min(len(failed), shownFindings)] {
		m.finding(f)
	}
	m.further(failed[min(len(failed), shownFindings):])
	m.paragraph(others)
	m.table(areaTable(c.Results))
	m.table(expiryTable(c.Expiries))
	m.origin(c.Header)
}

// verdict is the first line, and for all but a pass the reason below it.
func (m *markdown) verdict(h Header, kind, summary string) {
	outcome := outcomeWords[h.Outcome]
	m.heading(2, fmt.Sprintf("%s %s %s: %s", outcome.Symbol, outcome.Word, kind, inline(summary)))
	if h.Outcome != OutcomePass && h.Reason != "" {
		m.paragraph("Reason: " + inline(h.Reason))
	}
}

// bullets is a list with a title, of which the first lines are shown.
func (m *markdown) bullets(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	m.paragraph(title + ":\n")
	for _, line := range lines[:min(len(lines), shownFindings)] {
		m.WriteString("- " + inline(line) + "\n")
	}
	if more := len(lines) - shownFindings; more > 0 {
		fmt.Fprintf(m, "- and %d more in %s\n", more, ConformanceFile)
	}
}

func flakeLines(flakes []Flake) (lines []string) {
	for _, f := range flakes {
		lines = append(lines, fmt.Sprintf("%s [%s] %s", f.Case, f.Transport, flakeWords(f)))
	}
	return lines
}

// failures are the findings that fail a run. Of the other results that somebody
// has to look at a sentence says how many there are.
func failures(results []Result) (failed []finding, others string) {
	for _, f := range findings(results) {
		if rank(severity[:], f.Verdict) <= rank(severity[:], Error) {
			failed = append(failed, f)
		}
	}
	counts := CountVerdicts(results)
	var parts []string
	for _, v := range []Verdict{Warn, Inconclusive} {
		if counts[v] > 0 {
			parts = append(parts, countWords(v, counts[v]))
		}
	}
	if len(parts) > 0 {
		others = fmt.Sprintf("Besides, %s: see %s.", strings.Join(parts, " and "), HTMLFile)
	}
	return failed, others
}

func (m *markdown) finding(f finding) {
	m.heading(3, fmt.Sprintf("%s %s: %s", verdictWords[f.Verdict].Symbol, verdictWords[f.Verdict].Word, inline(itemName(f.Result))))
	m.WriteByte('\n')
	m.item("requirement", strings.TrimSpace(fmt.Sprintf("%s (%s)", f.Requirement, requirementSource(f.Result))))
	m.item("expected", shortened(f.Expected))
	m.item("actual", shortened(f.Actual))
	if f.Reason != f.Actual {
		m.item("reason", shortened(f.Reason))
	}
	for _, measured := range f.Measurements {
		m.item("measured", measurementWords(measured))
	}
	m.item("same for", shortened(strings.Join(caseList(f.Same), ", ")))
	m.item("again in", roundList(f.Again))
	if f.Rerun != "" {
		m.command(f.Rerun)
	}
}

// further counts and names what is not shown in full.
func (m *markdown) further(found []finding) {
	if len(found) == 0 {
		return
	}
	results := make([]Result, len(found))
	for i, f := range found {
		results[i] = f.Result
	}
	m.paragraph(fmt.Sprintf("And %d more: %s", len(found), inline(shortened(strings.Join(caseList(results), ", ")))))
}

// origin says at the end what measured what, and when.
func (m *markdown) origin(h Header) {
	target := strings.TrimSpace(h.Target.Name + " " + h.Target.Version)
	if target != "" {
		target = inline(target) + " at "
	}
	if where := h.Target.AddressList(); where != "" {
		m.paragraph("Target: " + target + inline(where))
	}
	if h.Tool == "" {
		return
	}
	m.paragraph(fmt.Sprintf("Measured by %s on %s, begun at %s", inline(h.Tool), inline(h.Environment.System), utc(h.Started)))
}
