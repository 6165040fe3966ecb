package reports

import (
	"fmt"
	"io"
	"strings"
)

// TextOptions of a summary for a terminal.
type TextOptions struct {
	Color   bool // ANSI colours; for a terminal only
	Verbose bool // whole transcripts, every measurement, every second of a load run
}

const (
	// shownLines is how many lines of a transcript a summary shows.
	shownLines = 8
	// timeColumns is what a line of a transcript takes up beside the name of
	// its connection and its text.
	timeColumns = 24
)

// WriteConformanceText writes a run as a summary for a terminal: the verdict
// first, then what a reader has to look at, then the counts. Control characters
// that a target sent are shown as escapes.
func WriteConformanceText(w io.Writer, c *Conformance, o TextOptions) error {
	p := &printer{color: o.Color}
	p.verdict(c.Header, conformanceSummary(c))
	p.problems(c.Problems)
	p.flakes(c.Flakes)
	found := findings(c.Results)
	full := len(found)
	if !o.Verbose {
		full = min(full, shownFindings)
	}
	for _, f := range found[:full] {
		p.finding(f, o.Verbose)
	}
	p.furtherFindings(found[full:])
	p.section(areaTable(c.Results))
	p.section(expiryTable(c.Expiries))
	p.information(informative(c.Results))
	for _, list := range reasonLists(c.Results) {
		p.reasonList(list)
	}
	if o.Verbose {
		p.measurements(c.Results)
	}
	return p.writeTo(w)
}

func (p *printer) writeTo(w io.Writer) error {
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// verdict is the first line, and for all but a pass the reason below it.
func (p *printer) verdict(h Header, summary string) {
	outcome := outcomeWords[h.Outcome]
	p.line(p.paint(outcome.Class, outcome.Word), "  ", printable(summary)) // one line, whatever its length
	if h.Outcome != OutcomePass && h.Reason != "" {
		p.paragraph("", strings.Repeat(" ", len(outcome.Word)+2), h.Reason)
	}
}

func (p *printer) finding(f finding, verbose bool) {
	shown := verdictWords[f.Verdict]
	p.line()
	p.line(p.paint(shown.Class, strings.ToUpper(shown.Word)), "  ", printable(itemName(f.Result)), "  ",
		p.paint("quiet", printable(requirementSource(f.Result))))
	p.field("", f.Requirement)
	p.field("expected", f.Expected)
	p.field("actual", f.Actual)
	if f.Reason != f.Actual {
		p.field("reason", f.Reason)
	}
	for _, m := range f.Measurements {
		p.field("measured", measurementWords(m))
	}
	p.transcript(f.Transcript, verbose)
	p.field("trace", f.Trace)
	p.field("same for", strings.Join(caseList(f.Same), ", "))
	p.field("again in", roundList(f.Again))
	if f.Rerun != "" {
		p.line("  ", p.paint("quiet", "rerun     "), printable(f.Rerun)) // never broken: it is to be copied
	}
}

// furtherFindings names what is not shown in full.
func (p *printer) furtherFindings(found []finding) {
	if len(found) == 0 {
		return
	}
	results := make([]Result, len(found))
	for i, f := range found {
		results[i] = f.Result
	}
	p.line()
	p.line(fmt.Sprintf("%d more, which --verbose and the report show in full", len(found)))
	p.field("", strings.Join(caseList(results), ", "))
}

// field is one labelled text of a finding; an empty text is left out.
func (p *printer) field(label, text string) {
	if text == "" {
		return
	}
	p.paragraph("quiet", fmt.Sprintf("  %-10s", label), shortened(text))
}

// transcript shows the last lines of a transcript, for there the case ended.
func (p *printer) transcript(lines []Line, all bool) {
	if len(lines) == 0 {
		return
	}
	title := "  transcript"
	if cut := len(lines) - shownLines; cut > 0 && !all {
		lines = lines[cut:]
		title += fmt.Sprintf(", last %d of %d lines", shownLines, cut+shownLines)
	}
	p.line(p.paint("quiet", title))
	width := lineWidth - timeColumns
	for _, l := range lines {
		width = min(width, lineWidth-timeColumns-len(l.Connection))
	}
	rows := table{titles: []string{" ", "", "", ""}}
	for _, l := range lines {
		text := printable(l.Text)
		if !all {
			text = clip(text, max(width, 20))
		}
		rows.addText(fmt.Sprintf("%.3f s", l.At/1000), l.Connection, l.Direction, text)
	}
	p.table("    ", rows)
}

// reasonList lists cases by the reason that they have in common.
func (p *printer) reasonList(list reasonList) {
	p.line()
	p.line("  ", list.Title)
	for _, g := range list.Groups {
		p.paragraph("", fmt.Sprintf("  %4d  ", len(g.Results)), g.Reason)
		p.paragraph("", "        ", strings.Join(caseList(g.Results), ", "))
	}
}

// information is what the INFO cases found.
func (p *printer) information(results []Result) {
	if len(results) == 0 {
		return
	}
	p.line()
	p.line("  ", informationTitle)
	for _, r := range results {
		p.line("    ", printable(itemName(r)))
		if p.field("", r.Reason); r.Reason != "" {
			continue // it says what was measured; --verbose lists it
		}
		for _, m := range r.Measurements {
			p.field("", measurementWords(m))
		}
	}
}

// problems are what is wrong with the list of expected failures.
func (p *printer) problems(problems []string) {
	if len(problems) > 0 {
		p.line()
	}
	for _, problem := range problems {
		p.paragraph("bad", "  problem   ", problem)
	}
}

// flakes name the cases whose verdict changed between rounds.
func (p *printer) flakes(flakes []Flake) {
	if len(flakes) > 0 {
		p.line()
	}
	for _, f := range flakes {
		p.line(p.paint("odd", "flaky: "), printable(fmt.Sprintf("%s [%s] %s", f.Case, f.Transport, flakeWords(f))))
	}
}

// measurements lists every time that was measured.
func (p *printer) measurements(results []Result) {
	rows := table{titles: []string{"measurement", "case", "transport", " allowed", " measured", " drift", " lag"}}
	for _, r := range byCase(results) {
		for _, m := range r.Measurements {
			rows.addText(m.Name, r.Case, r.Transport, window(m), milliseconds(m.Value), drift(m), milliseconds(m.Lag))
		}
	}
	p.section(rows)
}

// informative are the results that tell what an INFO case found.
func informative(results []Result) (found []Result) {
	for _, r := range byCase(results) {
		if isInfo(r) {
			found = append(found, r)
		}
	}
	return found
}
