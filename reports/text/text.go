// Package text writes reports as summaries for a terminal.
package text

import (
	"fmt"
	"io"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Options of a summary for a terminal.
type Options struct {
	Color   bool // ANSI colours; for a terminal only
	Verbose bool // whole transcripts, every measurement, every second of a load run
	Width   int  // columns of the terminal; 0 when it is not one
}

const (
	// shownLines is the number of lines of a transcript that a summary shows.
	shownLines = 8
	// timeColumns is the width of a line of a transcript without the name of its
	// connection and its text, in columns.
	timeColumns = 24
)

// WriteConformance writes a run as a summary for a terminal: the verdict
// first, then what a reader has to look at, then the counts. Control characters
// that a target sent are shown as escapes.
func WriteConformance(w io.Writer, c *reports.Conformance, o Options) error {
	p := NewPrinter(o)
	p.verdict(c.Header, content.ConformanceSummary(c))
	p.impairment(c.Impairment)
	p.judged(c)
	p.problems(c.Problems)
	p.flakes(c.Flakes)
	found := content.Findings(c.Results)
	full := len(found)
	if !o.Verbose {
		full = min(full, content.ShownFindings)
	}
	for _, f := range found[:full] {
		p.finding(f, c.CoveredBy(f.Result), o.Verbose)
	}
	p.furtherFindings(found[full:])
	p.Section(content.AreaTable(c.Results))
	p.Section(content.ExpiryTable(c.Expiries))
	p.underLoad(c.UnderLoad)
	p.information(informative(c.Results))
	for _, list := range content.ReasonLists(c.Results) {
		p.reasonList(list)
	}
	if o.Verbose {
		p.measurements(c.Results)
	}
	return p.Flush(w)
}

// verdict is the first line, and for all but a pass the reason below it.
func (p *Printer) verdict(h reports.Header, summary string) {
	outcome := content.OutcomeWords[h.Outcome]
	p.Line(p.paint(outcome.Class, outcome.Word), "  ", words.Printable(summary)) // one line, whatever its length
	if h.Outcome != reports.OutcomePass && h.Reason != "" {
		p.Paragraph("", strings.Repeat(" ", len(outcome.Word)+2), h.Reason)
	}
	if note := h.Target.UnverifiedNote(); note != "" {
		p.Paragraph("", "  ", note)
	}
}

// judged says what was judged, and by which version of the protocol.
func (p *Printer) judged(c *reports.Conformance) {
	if words := content.JudgedWords(c); words != "" {
		p.Paragraph("", "  ", words)
	}
}

// impairment says that the path was impaired: it explains what is inconclusive.
func (p *Printer) impairment(i *reports.Impairment) {
	if words := content.ImpairmentWords(i); words != "" {
		p.Paragraph("", "  ", words)
	}
}

// finding is a result in full, with the requirements that its case covers.
func (p *Printer) finding(f content.Finding, covered []reports.Requirement, verbose bool) {
	shown := content.VerdictWords[f.Verdict]
	p.Line()
	p.Line(p.paint(shown.Class, strings.ToUpper(shown.Word)), "  ", words.Printable(content.ItemName(f.Result)), "  ",
		p.paint("quiet", words.Printable(content.RequirementSource(f.Result))))
	p.field("", f.Requirement)
	for _, r := range covered {
		p.field("protocol", content.Quoted(r))
	}
	p.field("expected", f.Expected)
	p.field("actual", f.Actual)
	if f.Reason != f.Actual {
		p.field("reason", f.Reason)
	}
	for _, m := range f.Measurements {
		p.field("measured", content.MeasurementWords(m))
	}
	p.transcript(f.Transcript, verbose)
	p.field("trace", f.Trace)
	p.field("same for", strings.Join(content.CaseList(f.Same), ", "))
	p.field("again in", content.RoundList(f.Again))
	if f.Rerun != "" {
		p.Line("  ", p.paint("quiet", "rerun     "), words.Printable(f.Rerun)) // never broken: it is to be copied
	}
}

// furtherFindings names the findings that are not shown in full.
func (p *Printer) furtherFindings(found []content.Finding) {
	if len(found) == 0 {
		return
	}
	results := make([]reports.Result, len(found))
	for i, f := range found {
		results[i] = f.Result
	}
	p.Line()
	p.Line(fmt.Sprintf("%d more, which --verbose and the report show in full", len(found)))
	p.field("", strings.Join(content.CaseList(results), ", "))
}

// field is one labelled text of a finding; an empty text is left out.
func (p *Printer) field(label, text string) {
	if text == "" {
		return
	}
	p.Paragraph("quiet", fmt.Sprintf("  %-10s", label), content.Shortened(text))
}

// transcript shows the last lines of a transcript, for there the case ended.
func (p *Printer) transcript(lines []reports.Line, all bool) {
	if len(lines) == 0 {
		return
	}
	title := "  transcript"
	if cut := len(lines) - shownLines; cut > 0 && !all {
		lines = lines[cut:]
		title += fmt.Sprintf(", last %d of %d lines", shownLines, cut+shownLines)
	}
	p.Line(p.paint("quiet", title))
	width := p.width() - timeColumns
	for _, l := range lines {
		width = min(width, p.width()-timeColumns-len(l.Connection))
	}
	rows := content.Table{Titles: []string{" ", "", "", ""}}
	for _, l := range lines {
		text := words.Printable(l.Text)
		if !all {
			text = words.ClipColumns(text, max(width, 20))
		}
		rows.AddText(fmt.Sprintf("%.3f s", l.At/1000), l.Connection, l.Direction, text)
	}
	p.Table("    ", rows)
}

// reasonList lists cases by the reason that they have in common.
func (p *Printer) reasonList(list content.ReasonList) {
	p.Line()
	p.Line("  ", list.Title)
	for _, g := range list.Groups {
		p.Paragraph("", fmt.Sprintf("  %4d  ", len(g.Results)), g.Reason)
		p.Paragraph("", "        ", strings.Join(content.CaseList(g.Results), ", "))
	}
}

// information prints the findings of INFO cases.
func (p *Printer) information(results []reports.Result) {
	if len(results) == 0 {
		return
	}
	p.Line()
	p.Line("  ", content.InformationTitle)
	for _, r := range results {
		p.Line("    ", words.Printable(content.ItemName(r)))
		if p.field("", r.Reason); r.Reason != "" {
			continue // its text is the measurement; --verbose lists it
		}
		for _, m := range r.Measurements {
			p.field("", content.MeasurementWords(m))
		}
	}
}

// problems prints what is wrong with the list of expected failures.
func (p *Printer) problems(problems []string) {
	if len(problems) > 0 {
		p.Line()
	}
	for _, problem := range problems {
		p.Paragraph("bad", "  problem   ", problem)
	}
}

// flakes name the cases whose verdict changed between rounds.
func (p *Printer) flakes(flakes []reports.Flake) {
	if len(flakes) > 0 {
		p.Line()
	}
	for _, f := range flakes {
		p.Line(p.paint("odd", "flaky: "), words.Printable(fmt.Sprintf("%s [%s] %s", f.Case, f.Transport, content.FlakeWords(f))))
	}
}

// measurements lists every time that was measured.
func (p *Printer) measurements(results []reports.Result) {
	rows := content.Table{Titles: []string{"measurement", "case", "transport", " allowed", " measured", " drift", " lag"}}
	for _, r := range reports.ByCase(results) {
		for _, m := range r.Measurements {
			rows.AddText(m.Name, r.Case, r.Transport, content.Window(m), words.Milliseconds(m.Value), content.Drift(m), words.Milliseconds(m.Lag))
		}
	}
	p.Section(rows)
}

// informative returns the results of INFO cases that found something.
func informative(results []reports.Result) (found []reports.Result) {
	for _, r := range reports.ByCase(results) {
		if content.IsInfo(r) {
			found = append(found, r)
		}
	}
	return found
}
